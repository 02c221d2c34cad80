//! Install links in text as people have it: a page's source, a mail, Markdown, a log, an answer in JSON.

mod code;
mod html;
mod mail;
mod starts;
mod text;

use std::borrow::Cow;

use crate::{InstallLink, LinkReading};

/// What a search for links may cost.
///
/// ```
/// let limits = itms_services::SearchLimits { links: 1, ..Default::default() };
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SearchLimits {
    /// The longest text that is searched, in bytes.
    pub bytes: usize,
    /// The most links that are read; what comes after is told by [`FoundLinks::is_cut`].
    pub links: usize,
    /// The longest link, in bytes; what is longer is read as far as this.
    pub link_bytes: usize,
    /// The most parts of a mail that are searched.
    pub mail_parts: usize,
}

impl Default for SearchLimits {
    fn default() -> Self {
        Self { bytes: 16 << 20, links: 1000, link_bytes: 16 << 10, mail_parts: 200 }
    }
}

/// The links in a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FoundLinks {
    /// The links in the order of the text; never empty.
    pub links: Vec<FoundLink>,
    /// Whether there are more than [`SearchLimits::links`], or parts of a mail that were not searched.
    pub is_cut: bool,
}

/// A link in a text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FoundLink {
    /// What a device makes of it: the link as it gets it, free of what the text wraps it in.
    pub reading: LinkReading,
    /// Where it stands.
    pub place: LinkPlace,
    /// The part of the mail it is in, from 1; `None` where the text is no mail.
    pub mail_part: Option<usize>,
    /// The byte it starts at, in the text as UTF-8, or in the decoded part of a mail; in JSON that of the string it is in.
    pub offset: usize,
    /// The line it starts in, from 1.
    pub line: usize,
    /// Whether all of it is there. A script or a template puts the rest to others (`"…&url=" + url`, `{{ url }}`), and
    /// what it lacks says nothing about the link that comes out.
    pub is_whole: bool,
}

/// Where a link stands. What is not in an `href` of an anchor cannot be tapped without a script.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum LinkPlace {
    /// The link is all there is.
    Alone,
    /// `href` of an `<a>` or `<area>`.
    Anchor,
    /// Another attribute in HTML.
    Attribute {
        /// The element, such as `button`.
        element: String,
        /// The attribute, such as `data-href`.
        attribute: String,
    },
    /// A `<script>`, or code elsewhere.
    Script,
    /// What a page shows as text.
    PageText,
    /// A comment in HTML.
    Comment,
    /// The destination of a link in Markdown.
    Markdown,
    /// A string in JSON.
    Json,
    /// A parameter of another URL, encoded once more, as addresses of QR codes have it.
    UrlParameter,
    /// Any other text: a log, a mail, a note.
    Text,
}

/// Why a text gave no link.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// There is none.
    #[error(
        "there is no install link in the text; looked for \"itms-services:\", for misspellings of it and for \
         \"action=download-manifest\", in plain text, HTML, Markdown, scripts, JSON and mails"
    )]
    NoLink,
    /// The text is longer than [`SearchLimits::bytes`].
    #[error("the text has {found} bytes, {limit} bytes are the most that are searched")]
    TooLong {
        /// Its length.
        found: usize,
        /// The most allowed.
        limit: usize,
    },
}

/// Finds the install links in a text, whatever kind of text it is, and reads each as a device gets it.
///
/// Character references are decoded in HTML and in the destinations of Markdown, and nowhere else: an `&amp;` that stands
/// in plain text reaches the device. Strings in scripts and JSON lose their escapes, the parts of a mail their transfer
/// encoding. Misspelt schemes are found too, so that [`LinkFault::WrongScheme`](crate::LinkFault::WrongScheme) can be
/// told; links to the App Store (`itms-apps:`) are not.
///
/// ```
/// use itms_services::{LinkPlace, SearchLimits, find_links};
///
/// let page = br#"<p><a href="itms-services://?action=download-manifest&amp;url=https%3A%2F%2Fh.example%2Fm.plist">Get</a>"#;
/// let found = find_links(page, &SearchLimits::default())?;
/// assert_eq!(found.links[0].place, LinkPlace::Anchor);
/// assert_eq!(found.links[0].reading.manifest_url(), Some("https://h.example/m.plist"));
/// # Ok::<(), itms_services::SearchError>(())
/// ```
///
/// # Errors
///
/// [`SearchError`] when there is no link, or too much text.
pub fn find_links(text: &[u8], limits: &SearchLimits) -> Result<FoundLinks, SearchError> {
    if text.len() > limits.bytes {
        return Err(SearchError::TooLong { found: text.len(), limit: limits.bytes });
    }
    let mut found = Found { limits, links: Vec::new(), is_cut: false };
    if !mail::search(text, &mut found) {
        found.search(&decoded(text), None);
    }
    if found.links.is_empty() {
        Err(SearchError::NoLink)
    } else {
        Ok(FoundLinks { links: found.links, is_cut: found.is_cut })
    }
}

/// UTF-16 with its mark, else UTF-8; what is neither is replaced.
fn decoded(text: &[u8]) -> Cow<'_, str> {
    let unit: fn([u8; 2]) -> u16 = match text {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return String::from_utf8_lossy(text),
    };
    let units = text[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    char::decode_utf16(units).map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

/// The links found so far.
struct Found<'l> {
    limits: &'l SearchLimits,
    links: Vec<FoundLink>,
    is_cut: bool,
}

impl Found<'_> {
    /// Searches a text that is no mail, or a part of one.
    fn search(&mut self, text: &str, mail_part: Option<usize>) {
        let first = self.links.len();
        let start = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
        let trimmed = start.trim_end();
        if self.is_alone(trimmed) {
            let offset = text.len() - start.len();
            self.add(LinkPlace::Alone, offset, !code::is_template(trimmed), || InstallLink::parse(trimmed));
        } else if code::search_json(text, self) {
            // Searched.
        } else if html::is_html(text) {
            html::search(text, 0, self);
        } else {
            text::search(text, &LinkPlace::Text, |at| at, self);
        }
        let links = &mut self.links[first..];
        for link in &mut *links {
            link.offset = text.floor_char_boundary(link.offset);
        }
        links.sort_by_key(|link| link.offset);
        let (mut line, mut counted) = (1, 0);
        for link in links {
            line += text[counted..link.offset].matches('\n').count();
            counted = link.offset;
            link.line = line;
            link.mail_part = mail_part;
        }
    }

    /// Whether a text is a link and nothing else. One with spaces in it is a link whose author forgot to encode them, if
    /// it ends as one.
    fn is_alone(&self, text: &str) -> bool {
        let is_whole = || {
            !text.contains(char::is_whitespace)
                || text.strip_suffix(".plist").is_some() && !text.contains('\n')
        };
        text.len() <= self.limits.link_bytes && starts::is_link(text) && is_whole()
    }

    fn add(&mut self, place: LinkPlace, offset: usize, is_whole: bool, read: impl FnOnce() -> LinkReading) {
        if self.links.len() >= self.limits.links {
            self.is_cut = true;
            return;
        }
        self.links.push(FoundLink { reading: read(), place, mail_part: None, offset, line: 1, is_whole });
    }
}
