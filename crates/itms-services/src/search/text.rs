use std::borrow::Cow;

use super::starts::{Start, Starts, is_end};
use super::{Found, LinkPlace, code};
use crate::InstallLink;

/// Finds links in plain text and in Markdown; `offset` leads from a byte of `text` back to the source.
pub(super) fn search(
    text: &str,
    place: &LinkPlace,
    mut offset: impl FnMut(usize) -> usize,
    found: &mut Found<'_>,
) {
    let mut starts = Starts::new(text);
    let mut from = 0;
    while let Some(start) = starts.next(from) {
        let link = Written::at(text, start, found.limits.link_bytes);
        let place = link.place.unwrap_or_else(|| place.clone());
        let is_whole = !code::is_template(&link.text);
        found.add(place, offset(start.at), is_whole, || InstallLink::parse(&link.text));
        from = link.end.max(start.at + 1);
        if found.is_cut {
            return;
        }
    }
}

/// A link as it stands in a text.
struct Written<'t> {
    /// Without what the text wraps it in.
    text: Cow<'t, str>,
    /// Where it ends in the text.
    end: usize,
    /// Where it stands, if its surroundings tell more than those who search.
    place: Option<LinkPlace>,
}

impl<'t> Written<'t> {
    fn at(text: &'t str, start: Start, limit_bytes: usize) -> Self {
        let before = &text[..start.at];
        let rest = bounded(&text[start.at..], limit_bytes);
        let written = |raw: &str, text, place| Self { end: start.at + raw.len(), text, place };
        if start.is_encoded {
            let raw = word(rest).split('&').next().unwrap_or_default();
            let decoded = percent_encoding::percent_decode_str(raw).decode_utf8_lossy();
            return written(raw, decoded, Some(LinkPlace::UrlParameter));
        }
        let markdown = |raw: &'t str| written(raw, of_markdown(raw), Some(LinkPlace::Markdown));
        if before.ends_with("](") {
            return markdown(up_to_bracket(rest));
        }
        if before.ends_with("](<")
            && let Some(raw) = line_up_to(rest, '>')
        {
            return markdown(raw);
        }
        if before.trim_end_matches([' ', '\t']).ends_with("]:") {
            return markdown(rest.split(char::is_whitespace).next().unwrap_or_default());
        }
        let close = before.chars().next_back().and_then(|open| match open {
            '"' | '\'' | '`' => Some(open),
            '<' => Some('>'),
            '“' => Some('”'),
            '«' => Some('»'),
            _ => None,
        });
        // As Slack writes a link in what its API answers, with references as in HTML: `<link|label>`.
        if close == Some('>')
            && let Some((raw, _)) = line_up_to(rest, '>').and_then(|inside| inside.split_once('|'))
        {
            return written(raw, htmlize::unescape(raw), None);
        }
        if let Some(raw) = close.and_then(|close| line_up_to(rest, close)) {
            return written(raw, code::unescaped(raw), None);
        }
        let raw = word(rest);
        written(raw, code::unescaped(raw), None)
    }
}

/// What of `text` stands before `close`, unless its line ends before.
fn line_up_to(text: &str, close: char) -> Option<&str> {
    text.split_once(close).map(|(inside, _)| inside).filter(|inside| !inside.contains('\n'))
}

/// The destination of a link in Markdown, without angle brackets: up to a space, or to a bracket that closes more than was
/// opened.
fn up_to_bracket(text: &str) -> &str {
    let mut depth = 0_usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' if depth == 0 => return &text[..at],
            ')' => depth -= 1,
            c if c.is_whitespace() || c.is_control() => return &text[..at],
            _ => {}
        }
    }
    text
}

/// A word, without the punctuation of the sentence it stands in.
fn word(text: &str) -> &str {
    let is_end = |c: char| {
        is_end(c) && !matches!(c, '\'' | '(' | '[' | '{' | ',')
            || matches!(c, '\u{3001}'..='\u{3011}' | '！'..='）' | '，' | '：'..='？')
    };
    let word = text.find(is_end).map_or(text, |end| &text[..end]);
    // A template's brackets belong to the link.
    if word.ends_with("}}") {
        return word;
    }
    word.trim_end_matches(|c| {
        matches!(
            c,
            '.' | ',' | ';' | ':' | '!' | '?' | ')' | ']' | '}' | '\'' | '…' | '’' | '”' | '»' | '\u{200b}'
                ..='\u{200d}' | '\u{2060}' | '\u{feff}'
        )
    })
}

/// A destination in Markdown as it is meant: character references and backslashes before punctuation decoded.
///
/// Source: CommonMark 0.31.2, 2.4 and 2.5.
fn of_markdown(raw: &str) -> Cow<'_, str> {
    let decoded = htmlize::unescape(raw);
    if !decoded.contains('\\') {
        return decoded;
    }
    let mut text = String::with_capacity(decoded.len());
    let mut rest = decoded.chars().peekable();
    while let Some(c) = rest.next() {
        match rest.peek() {
            Some(next) if c == '\\' && next.is_ascii_punctuation() => text.extend(rest.next()),
            _ => text.push(c),
        }
    }
    text.into()
}

/// The first bytes of `text`, cut where a character ends.
pub(super) fn bounded(text: &str, limit_bytes: usize) -> &str {
    &text[..text.floor_char_boundary(limit_bytes)]
}
