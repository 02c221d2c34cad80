use std::convert::Infallible;

use html5gum::Tokenizer;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use itms_services::{FoundLink, LinkPlace, SearchLimits, find_links};
use url::Url;

/// What a page has of install links, and where more may be.
#[derive(Debug, Default)]
pub(crate) struct ReadPage {
    /// The links, those that a person can tap first; in comments only where there are no others.
    pub(crate) links: Vec<FoundLink>,
    /// Whether there are links that a script or a template has yet to complete.
    pub(crate) has_partial: bool,
    /// The documents in its frames.
    pub(crate) frames: Vec<Url>,
    /// The scripts it loads.
    pub(crate) scripts: Vec<Url>,
}

/// The most addresses of each kind that are noted.
const ADDRESSES: usize = 100;

impl ReadPage {
    /// Reads what came from `url`.
    pub(crate) fn of(bytes: &[u8], url: &Url, limits: &SearchLimits) -> Self {
        let mut page = Self::default();
        page.search(bytes, limits);
        let mut addresses =
            Addresses { base: url.clone(), page: &mut page, element: Vec::new(), attribute: Vec::new() };
        let emitter = CallbackEmitter::<_, Infallible, ()>::new(|event: CallbackEvent<'_>, _| {
            addresses.take(&event);
            None
        });
        // It gives all to the callback and nothing to us.
        Tokenizer::new_with_emitter(bytes, emitter).for_each(drop);
        page
    }

    /// Adds the links that are found in more text of the page, such as a script.
    pub(crate) fn search(&mut self, bytes: &[u8], limits: &SearchLimits) {
        let Ok(found) = find_links(bytes, limits) else { return };
        let is_shown = |found: &FoundLink| found.place != LinkPlace::Comment;
        let has_shown = found.links.iter().any(is_shown);
        let shown = found.links.into_iter().filter(|found| is_shown(found) || !has_shown);
        let (whole, partial): (Vec<_>, Vec<_>) = shown.partition(|found| found.is_whole);
        self.has_partial |= !partial.is_empty();
        for link in whole {
            let is_same = |other: &FoundLink| other.reading.link() == link.reading.link();
            if !self.links.iter().any(is_same) {
                self.links.push(link);
            }
        }
        self.links.sort_by_key(|link| link.place != LinkPlace::Anchor);
    }
}

/// Notes the addresses that a page names.
struct Addresses<'p> {
    base: Url,
    page: &'p mut ReadPage,
    element: Vec<u8>,
    attribute: Vec<u8>,
}

impl Addresses<'_> {
    fn take(&mut self, event: &CallbackEvent<'_>) {
        match event {
            CallbackEvent::OpenStartTag { name } => self.element = name.to_ascii_lowercase(),
            CallbackEvent::AttributeName { name } => self.attribute = name.to_ascii_lowercase(),
            CallbackEvent::AttributeValue { value } => self.value(&String::from_utf8_lossy(value)),
            _ => {}
        }
    }

    fn value(&mut self, value: &str) {
        let Ok(url) = self.base.join(value.trim()) else { return };
        let noted = match (&*self.element, &*self.attribute) {
            (b"base", b"href") => {
                self.base = url;
                return;
            }
            (b"iframe" | b"frame", b"src") => &mut self.page.frames,
            (b"script", b"src") => &mut self.page.scripts,
            _ => return,
        };
        if matches!(url.scheme(), "https" | "http") && noted.len() < ADDRESSES && !noted.contains(&url) {
            noted.push(url);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "itms-services://?action=download-manifest&amp;url=https%3A%2F%2Fh.example%2Fm.plist";

    fn read(page: &str) -> ReadPage {
        let url = Url::parse("https://h.example/a/b.html").unwrap();
        ReadPage::of(page.as_bytes(), &url, &SearchLimits::default())
    }

    #[test]
    fn what_can_be_tapped_comes_first_and_each_link_once() {
        let page =
            read(&format!("<p data-x='{LINK}1'></p><a href='{LINK}'>Get</a><a href='{LINK}'>Again</a>"));
        let places: Vec<_> = page.links.iter().map(|link| link.place == LinkPlace::Anchor).collect();
        assert_eq!(places, [true, false]);
    }

    #[test]
    fn frames_and_scripts_are_found_from_the_base() {
        let page = read(
            "<base href=/c/><iframe src='d.html'></iframe><script src=e.js></script><script src='data:,'>",
        );
        let texts = |urls: &[Url]| urls.iter().map(Url::to_string).collect::<Vec<_>>();
        assert_eq!(texts(&page.frames), ["https://h.example/c/d.html"]);
        assert_eq!(texts(&page.scripts), ["https://h.example/c/e.js"]);
    }

    #[test]
    fn what_a_script_completes_is_told_apart() {
        let page = read("<script>go(\"itms-services://?action=download-manifest&url=\" + address)</script>");
        assert!(page.links.is_empty() && page.has_partial);
    }
}
