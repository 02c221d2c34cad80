use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer};

use super::starts::is_link;
use super::{Found, LinkPlace, code, text};
use crate::InstallLink;

/// Elements that tell a text for HTML.
const ELEMENTS: [&str; 34] = [
    "a", "area", "b", "body", "br", "button", "center", "div", "em", "font", "form", "h1", "h2", "h3",
    "head", "html", "iframe", "img", "input", "li", "link", "meta", "noscript", "ol", "p", "script",
    "section", "span", "strong", "style", "table", "td", "title", "ul",
];

/// Whether a text holds a tag of HTML. An address in angle brackets is none, nor is a type in a log (`List<String>`).
pub(super) fn is_html(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let tag = &text[at + 1..];
        if tag.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("!doctype")) {
            return true;
        }
        let tag = tag.strip_prefix('/').unwrap_or(tag);
        let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
        let closes = tag[end..].starts_with(['>', '/', ' ', '\t', '\r', '\n']);
        closes && ELEMENTS.iter().any(|element| element.eq_ignore_ascii_case(&tag[..end]))
    })
}

/// Finds links in HTML that starts at the byte `base` of the source.
pub(super) fn search(source: &str, base: usize, found: &mut Found<'_>) {
    let mut page = Page { source, base, found, element: String::new(), attribute: String::new() };
    let mut emitter = CallbackEmitter::<_, std::convert::Infallible, usize>::new(
        |event: CallbackEvent<'_>, span: Span<usize>| {
            page.take(&event, span);
            None
        },
    );
    emitter.naively_switch_states(true);
    // It gives all to the callback and nothing to us.
    Tokenizer::new_with_emitter(source, emitter).for_each(drop);
}

struct Page<'p, 'l> {
    source: &'p str,
    base: usize,
    found: &'p mut Found<'l>,
    element: String,
    attribute: String,
}

impl Page<'_, '_> {
    fn take(&mut self, event: &CallbackEvent<'_>, span: Span<usize>) {
        if self.found.is_cut {
            return;
        }
        match event {
            CallbackEvent::OpenStartTag { name } => {
                self.element = String::from_utf8_lossy(name).into_owned();
                self.bracketed(span.start);
            }
            CallbackEvent::EndTag { .. } => self.element.clear(),
            CallbackEvent::AttributeName { name } => {
                self.attribute = String::from_utf8_lossy(name).into_owned();
            }
            CallbackEvent::AttributeValue { value } => self.value(&String::from_utf8_lossy(value), span),
            CallbackEvent::String { value } => self.string(&String::from_utf8_lossy(value), span),
            CallbackEvent::Comment { value } => {
                // What stands there is mostly HTML, to be used again as it is.
                let value = String::from_utf8_lossy(value);
                let offset = offsets(self.source, self.base, span);
                text::search(&htmlize::unescape(&*value), &LinkPlace::Comment, offset, self.found);
            }
            CallbackEvent::CloseStartTag { .. } | CallbackEvent::Doctype { .. } | CallbackEvent::Error(_) => {
            }
        }
    }

    /// A link in angle brackets, which HTML takes for a tag.
    fn bracketed(&mut self, start: usize) {
        let Some((_, rest)) = self.source.get(start..).and_then(|tag| tag.split_once('<')) else { return };
        let raw =
            text::bounded(rest, self.found.limits.link_bytes).split(['>', '\n']).next().unwrap_or_default();
        if is_link(raw) {
            let offset = self.base + start + 1;
            self.found.add(LinkPlace::PageText, offset, !code::is_template(raw), || {
                InstallLink::parse(&htmlize::unescape(raw))
            });
        }
    }

    fn value(&mut self, value: &str, span: Span<usize>) {
        // As a browser takes every URL (WHATWG URL, 4.4).
        let url: String = value.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).collect();
        let url = text::bounded(url.trim_matches(|c: char| c <= ' '), self.found.limits.link_bytes);
        let is_href = self.attribute.eq_ignore_ascii_case("href");
        let is_anchor = ["a", "area"].iter().any(|anchor| self.element.eq_ignore_ascii_case(anchor));
        let place = if is_href && is_anchor {
            LinkPlace::Anchor
        } else {
            let short = |name: &str| text::bounded(name, 64).to_owned();
            LinkPlace::Attribute { element: short(&self.element), attribute: short(&self.attribute) }
        };
        let mut offset = offsets(self.source, self.base, span);
        if is_link(url) {
            self.found.add(place, offset(0), !code::is_template(url), || InstallLink::parse(url));
        } else {
            let place = match place {
                // Its address is a script, or another page's that holds the link.
                LinkPlace::Anchor => {
                    LinkPlace::Attribute { element: self.element.clone(), attribute: self.attribute.clone() }
                }
                place => place,
            };
            code::search(value, &place, offset, self.found);
        }
    }

    fn string(&mut self, value: &str, span: Span<usize>) {
        let offset = offsets(self.source, self.base, span);
        match self.element.as_str() {
            "script" => code::search(value, &LinkPlace::Script, offset, self.found),
            "style" => {}
            // Its content reaches us as text, since scripts are on.
            "noscript" => {
                self.element.clear();
                search(value, self.base + span.start, self.found);
            }
            _ => text::search(value, &LinkPlace::PageText, offset, self.found),
        }
    }
}

/// Leads from a decoded text back to the source: to the next mark of a link there, since references move all else.
fn offsets(source: &str, base: usize, span: Span<usize>) -> impl FnMut(usize) -> usize + use<'_> {
    let mut next = span.start;
    move |_| {
        let rest = source.as_bytes().get(next..span.end.min(source.len())).unwrap_or_default();
        let step = rest.windows(4).position(|four| four.eq_ignore_ascii_case(b"itms")).unwrap_or(0);
        let at = (next + step).min(source.len());
        next = at + 1;
        base + at
    }
}
