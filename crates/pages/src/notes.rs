use std::collections::HashSet;
use std::fmt;

use ammonia::{Builder, UrlRelative};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

/// A release's notes: a publisher's Markdown, made safe to stand in a page.
///
/// No HTML of the publisher's own, no images, and links to `https`, `http` and `mailto` only.
///
/// ```
/// let notes = pages::Notes::from_markdown("Fixes **two** crashes. <script>alert(1)</script>");
/// assert_eq!(
///     notes.to_string(),
///     "<p>Fixes <strong>two</strong> crashes. &lt;script&gt;alert(1)&lt;/script&gt;</p>\n",
/// );
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Notes(String);

impl Notes {
    /// Renders Markdown (CommonMark with tables, strike-through and task lists).
    #[must_use]
    pub fn from_markdown(text: &str) -> Self {
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
        let mut rendered = String::with_capacity(text.len() * 2);
        html::push_html(&mut rendered, Parser::new_ext(text, options).filter_map(as_plain_text));
        Self(sanitiser().clean(&rendered).to_string())
    }

    /// Whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }
}

impl fmt::Display for Notes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for Notes {}

/// Shows HTML as the text it is, and an image as its alternative text.
pub(crate) fn as_plain_text(event: Event<'_>) -> Option<Event<'_>> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Some(Event::Text(text)),
        Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => None,
        other => Some(other),
    }
}

/// Guards the output whatever the renderer lets through.
fn sanitiser() -> Builder<'static> {
    let tags = [
        "a",
        "blockquote",
        "br",
        "code",
        "del",
        "em",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "li",
        "ol",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    ];
    let mut builder = Builder::empty();
    builder
        .tags(HashSet::from(tags))
        .tag_attributes([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))].into())
        .url_schemes(HashSet::from(["https", "http", "mailto"]))
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Notes;

    #[test]
    fn markdown_is_rendered_and_nothing_else_gets_through() {
        for (markdown, html, why) in [
            ("a *b* `c`", "<p>a <em>b</em> <code>c</code></p>\n", "emphasis and code"),
            ("- one\n- two", "<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n", "lists"),
            ("<img src=x onerror=y>", "&lt;img src=x onerror=y&gt;", "HTML is shown as text"),
            ("![logo](https://e.example/p.png)", "<p>logo</p>\n", "an image leaves its text"),
            (
                "[x](javascript:alert(1))",
                "<p><a rel=\"noopener noreferrer nofollow\">x</a></p>\n",
                "scripts are no links",
            ),
            (
                "[x](//e.example)",
                "<p><a rel=\"noopener noreferrer nofollow\">x</a></p>\n",
                "relative links are dropped",
            ),
            (
                "[x](https://e.example/?a=1&b=2)",
                "<p><a href=\"https://e.example/?a=1&amp;b=2\" rel=\"noopener noreferrer nofollow\">x</a></p>\n",
                "links on the web stay",
            ),
            ("R&D <β> \"应用\" 🚀", "<p>R&amp;D &lt;β&gt; \"应用\" 🚀</p>\n", "any script is text"),
        ] {
            assert_eq!(Notes::from_markdown(markdown).to_string(), html, "{why}");
        }
    }

    proptest! {
        #[test]
        fn no_markdown_smuggles_an_active_element(text in any::<String>(), tag in "(script|img|iframe|svg|style)", url in "(javascript|data|vbscript):[a-z]*") {
            let hostile = format!("{text}\n\n<{tag} src={url}>{text}[x]({url})<{url}>![]({url})");
            let html = Notes::from_markdown(&hostile).to_string().to_lowercase();
            for needle in [format!("<{tag}"), format!("href=\"{url}")] {
                prop_assert!(!html.contains(&needle), "{html}");
            }
        }
    }
}
