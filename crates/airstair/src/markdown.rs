//! The doctor's pages on a terminal.

use anstyle::Style;
use pulldown_cmark::{Event, Parser, Tag, TagEnd};

use crate::terminal::{FAINT, STRONG, hanging, line};

/// Prints a page of our own: headings, paragraphs, lists and examples, wrapped.
pub(crate) fn show(page: &str) {
    for row in rows(page) {
        line(row);
    }
}

/// The page line by line.
fn rows(page: &str) -> Vec<String> {
    let mut rows = Vec::new();
    let mut text = String::new();
    let (mut is_heading, mut is_code, mut is_item) = (false, false, false);
    for event in Parser::new(page) {
        match event {
            Event::Start(Tag::Heading { .. }) => is_heading = true,
            Event::Start(Tag::CodeBlock(_)) => is_code = true,
            Event::Start(Tag::Item) => is_item = true,
            Event::Text(part) | Event::InlineHtml(part) | Event::Html(part) => text.push_str(&part),
            Event::Code(part) => text.extend(["`", &part, "`"]),
            Event::SoftBreak | Event::HardBreak => text.push(' '),
            Event::End(TagEnd::Heading(_)) => {
                if !rows.is_empty() {
                    rows.push(String::new());
                }
                rows.push(format!("{STRONG}{text}{STRONG:#}"));
                text.clear();
                is_heading = false;
            }
            Event::End(TagEnd::CodeBlock) => {
                rows.push(String::new());
                rows.extend(text.lines().map(|row| format!("    {FAINT}{row}{FAINT:#}")));
                text.clear();
                is_code = false;
            }
            Event::End(TagEnd::Paragraph) if !is_item => {
                if !rows.last().is_none_or(|row| row.starts_with(&STRONG.to_string())) {
                    rows.push(String::new());
                }
                rows.extend(hanging(2, "", &text, Style::new()));
                text.clear();
            }
            Event::End(TagEnd::Item) => {
                rows.extend(hanging(2, "- ", &text, Style::new()));
                text.clear();
                is_item = false;
            }
            _ => {}
        }
    }
    debug_assert!(text.is_empty() && !is_heading && !is_code, "every part of the page was shown");
    rows
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn a_page_is_shown_whole() {
        let page = "# LNK001 wrong-scheme\n\n## What it checks\n\nThat `it` is\nright.\n\n    an <example>\n\n- one\n- two\n";
        let shown: Vec<String> =
            rows(page).iter().map(|row| anstream::adapter::strip_str(row).to_string()).collect();
        assert_eq!(
            shown,
            [
                "LNK001 wrong-scheme",
                "",
                "What it checks",
                "  That `it` is right.",
                "",
                "    an <example>",
                "  - one",
                "  - two",
            ]
        );
    }
}
