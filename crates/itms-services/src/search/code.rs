use std::borrow::Cow;

use super::starts::{Starts, is_end};
use super::text::bounded;
use super::{Found, LinkPlace, html, text};
use crate::InstallLink;

/// Finds links in code: a script, or an attribute that holds one. A string goes to its closing quote.
pub(super) fn search(
    code: &str,
    place: &LinkPlace,
    mut offset: impl FnMut(usize) -> usize,
    found: &mut Found<'_>,
) {
    let mut starts = Starts::new(code);
    let mut from = 0;
    while let Some(start) = starts.next(from) {
        let (before, rest) = code.split_at(start.at);
        let rest = bounded(rest, found.limits.link_bytes);
        let raw = literal(before, rest).unwrap_or_else(|| rest.split(is_end).next().unwrap_or_default());
        let mut text = unescaped(raw);
        // Markup put together by a script: it is read as HTML once more.
        if is_href(before) {
            text = htmlize::unescape_attribute(&*text).into_owned().into();
        }
        let is_whole = !is_template(&text) && !is_joined(&rest[raw.len()..]);
        if start.is_encoded {
            let decoded = percent_encoding::percent_decode_str(&text).decode_utf8_lossy().into_owned();
            found.add(LinkPlace::UrlParameter, offset(start.at), is_whole, || InstallLink::parse(&decoded));
        } else {
            found.add(place.clone(), offset(start.at), is_whole, || InstallLink::parse(&text));
        }
        from = start.at + raw.len().max(1);
        if found.is_cut {
            return;
        }
    }
}

/// Whether the value of an `href` starts behind this text, in a string or not.
fn is_href(before: &str) -> bool {
    let name = before.trim_end_matches(['"', '\'', '\\']).as_bytes();
    name.last_chunk::<5>().is_some_and(|name| name.eq_ignore_ascii_case(b"href="))
}

/// The rest of the string that `rest` starts in, if a quote opens right before it.
fn literal<'t>(before: &str, rest: &'t str) -> Option<&'t str> {
    let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`'))?;
    let is_escaped = before[..before.len() - 1].ends_with('\\');
    let mut characters = rest.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => {
                let (_, next) = characters.next()?;
                if is_escaped && next == quote {
                    return Some(&rest[..at]);
                }
            }
            '\n' if quote != '`' => return None,
            c if c == quote => return Some(&rest[..at]),
            _ => {}
        }
    }
    None
}

/// Whether a string is put together with more: `"…" + url`.
fn is_joined(after: &str) -> bool {
    let after = after.trim_start_matches(['"', '\'', '`', '\\', ' ', '\t']);
    let quote_closes = after.starts_with('+') || after.starts_with(".concat(") || after.starts_with(". $");
    quote_closes || after.starts_with(".append(")
}

/// Whether a text holds places that a template or a script fills in.
pub(super) fn is_template(text: &str) -> bool {
    ["{{", "${", "#{", "<%", "<?", "$(", "{%", "%@"].iter().any(|mark| text.contains(mark))
}

/// Text of a string in a script or in JSON without its escapes.
pub(super) fn unescaped(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return raw.into();
    }
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((plain, escape)) = rest.split_once('\\') {
        text.push_str(plain);
        let digits = match escape.bytes().next() {
            Some(b'u') => escape.get(1..5),
            Some(b'x') => escape.get(1..3),
            _ => None,
        };
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
        let kind = escape.chars().next();
        let taken = match (code, kind) {
            (Some(code), _) => {
                text.push(code);
                1 + digits.map_or(0, str::len)
            }
            (None, Some(kind)) => {
                text.push(match kind {
                    'n' => '\n',
                    't' => '\t',
                    other => other,
                });
                kind.len_utf8()
            }
            (None, None) => 0,
        };
        rest = &escape[taken..];
    }
    text.push_str(rest);
    text.into()
}

/// Finds links in the strings of JSON; `false` where the text is none, or holds no link as JSON.
pub(super) fn search_json(source: &str, found: &mut Found<'_>) -> bool {
    if !is_json(source) {
        return false;
    }
    let before = found.links.len();
    let mut at = 0;
    while let Some(open) = source[at..].find('"').map(|step| at + step) {
        let start = open + 1;
        let end = string_end(&source[start..]).map_or(source.len(), |length| start + length);
        let string = unescaped(&source[start..end]);
        if html::is_html(&string) {
            html::search(&string, start, found);
        } else {
            text::search(&string, &LinkPlace::Json, |_| start, found);
        }
        at = (end + 1).min(source.len());
        if found.is_cut {
            break;
        }
    }
    found.links.len() > before
}

/// Where the string ends that `text` starts with.
fn string_end(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    text.bytes().position(|byte| {
        let ends = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        ends
    })
}

fn is_json(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let inside = text.strip_prefix('{').or_else(|| text.strip_prefix('[')).map(str::trim_start);
    inside.is_some_and(|inside| inside.starts_with(['"', '{', '[', '}', ']'])) && !text.starts_with("{{")
}
