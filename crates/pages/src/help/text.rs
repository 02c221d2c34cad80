use std::fmt;

use doctor::{Rule, rules};
use pulldown_cmark::{CowStr, Event, Parser, Tag, TagEnd, html};

use super::help_path;
use crate::notes::as_plain_text;

/// What a rule's page says, as HTML.
///
/// It is ours and holds no HTML of its own. A link to another rule's page is written as the folder of pages has it,
/// `[PRF004](PRF004.md)`, and leads to where the server has that page.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RuleText(String);

impl RuleText {
    /// The page below its title.
    pub(super) fn of_page(rule: &Rule) -> Self {
        let events = Parser::new(rule.page).skip_while(|event| *event != title_end()).skip(1);
        Self::of_events(events)
    }

    /// The first sentence of what the rule checks, without the paragraph around it.
    pub(super) fn of_summary(rule: &Rule) -> Self {
        let summary = rule.summary();
        let is_paragraph =
            |event: &Event<'_>| matches!(event, Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph));
        Self::of_events(Parser::new(&summary).filter(|event| !is_paragraph(event)))
    }

    fn of_events<'a>(events: impl Iterator<Item = Event<'a>>) -> Self {
        let mut rendered = String::new();
        html::push_html(&mut rendered, events.filter_map(as_plain_text).map(leading_here));
        Self(rendered)
    }
}

fn title_end() -> Event<'static> {
    Event::End(TagEnd::Heading(pulldown_cmark::HeadingLevel::H1))
}

/// The same event, its link led to the page that the server has.
fn leading_here(event: Event<'_>) -> Event<'_> {
    match event {
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = match dest_url.strip_suffix(".md").and_then(rules::find) {
                Some(rule) => CowStr::from(help_path(rule)),
                None => dest_url,
            };
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        other => other,
    }
}

impl fmt::Display for RuleText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for RuleText {}
