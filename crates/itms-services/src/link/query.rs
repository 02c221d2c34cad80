use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::https_url::is_escape;

/// One `name=value` between two ampersands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    /// Byte offset of the name in the link.
    pub(super) at: usize,
    pub(super) text: &'a str,
    pub(super) name: &'a str,
    /// What follows the first `=`, still encoded.
    pub(super) value: Option<&'a str>,
}

impl<'a> Piece<'a> {
    fn new(at: usize, text: &'a str) -> Self {
        match text.split_once('=') {
            Some((name, value)) => Self { at, text, name, value: Some(value) },
            None => Self { at, text, name: text, value: None },
        }
    }

    /// Byte offset of the value in the link.
    pub(super) fn value_at(&self) -> usize {
        self.at + self.text.len() - self.value.map_or(0, str::len)
    }
}

/// The value of the parameter `name` as a device takes it: everything after the first `?`, cut at `#`, split at `&`,
/// then at the first `=`. Values are still encoded; names are compared as they stand.
///
/// Of a repeated parameter the last counts (assumed: the daemon fills a dictionary).
pub(super) fn device_parameter<'a>(link: &'a str, name: &str) -> Option<&'a str> {
    let (_, query) = link.split_once('?')?;
    let query = query.split('#').next()?;
    query
        .rsplit('&')
        .find_map(|piece| piece.split_once('=').filter(|(found, _)| *found == name))
        .map(|(_, value)| value)
}

/// `value` percent-decoded once, `+` left alone; `None` where a device gets no text out of it: a `%` without two
/// hexadecimal digits, or bytes that are not UTF-8.
pub(super) fn decode(value: &str) -> Option<Cow<'_, str>> {
    if value.split('%').skip(1).all(is_escape) { percent_decode_str(value).decode_utf8().ok() } else { None }
}

/// A link's query as its author meant it: an ampersand that was escaped for HTML still parts two pieces.
#[derive(Debug)]
pub(super) struct Query<'a> {
    pub(super) pieces: Vec<Piece<'a>>,
    /// What a device never sees, because a `#` stands before it.
    pub(super) behind_fragment: Vec<Piece<'a>>,
    pub(super) escaped_ampersand: Option<EscapedAmpersand<'a>>,
}

/// The first ampersand that reaches the device as a character reference.
#[derive(Clone, Copy, Debug)]
pub(super) struct EscapedAmpersand<'a> {
    pub(super) at: usize,
    pub(super) text: &'a str,
}

impl<'a> Query<'a> {
    /// Reads the query of `link` that starts at the byte offset `start`.
    pub(super) fn intended(link: &'a str, start: usize) -> Self {
        let mut query = Self { pieces: Vec::new(), behind_fragment: Vec::new(), escaped_ampersand: None };
        let mut piece_start = start;
        let mut is_behind_fragment = false;
        let mut at = start;
        while let Some(step) = link[at..].find(['&', '#']) {
            let sign = at + step;
            if link[sign..].starts_with('#') && is_behind_fragment {
                at = sign + 1;
                continue;
            }
            query.push(Piece::new(piece_start, &link[piece_start..sign]), is_behind_fragment);
            if link[sign..].starts_with('#') {
                is_behind_fragment = true;
                at = sign + 1;
            } else {
                at = sign + 1 + reference_tail(&link[sign + 1..]);
                if at > sign + 1 && query.escaped_ampersand.is_none() {
                    query.escaped_ampersand = Some(EscapedAmpersand { at: sign, text: &link[sign..at] });
                }
            }
            piece_start = at;
        }
        query.push(Piece::new(piece_start, &link[piece_start..]), is_behind_fragment);
        query
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.pieces.iter().any(|piece| piece.name == name)
    }

    fn push(&mut self, piece: Piece<'a>, is_behind_fragment: bool) {
        let pieces = if is_behind_fragment { &mut self.behind_fragment } else { &mut self.pieces };
        pieces.push(piece);
    }
}

/// How many bytes after an `&` still belong to it: `amp;` or a numeric reference, as often as it was escaped.
fn reference_tail(text: &str) -> usize {
    const TAILS: [&str; 4] = ["amp;", "#38;", "#038;", "#x26;"];
    let mut len = 0;
    while let Some(tail) = TAILS.iter().find(|tail| {
        text.as_bytes()
            .get(len..len + tail.len())
            .is_some_and(|found| found.eq_ignore_ascii_case(tail.as_bytes()))
    }) {
        len += tail.len();
    }
    len
}

/// The start of `text` that goes into reports: at most 64 characters.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}

/// Whether `text` starts with the ASCII text `start`, whatever the case.
pub(super) fn starts_with(text: &str, start: &str) -> bool {
    text.as_bytes().get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start.as_bytes()))
}
