use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use url::Url;

use crate::Error;

/// An absolute `https` URL with a host, spelled in characters that every reader accepts.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(crate) struct HttpsUrl(String);

impl HttpsUrl {
    /// Checks `text`, brings it to its normal form (punycode host, encoded path and query) and wraps it.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        let scheme = scheme_of(text).ok_or_else(|| Error::UrlNotAbsolute { url: without_query(text) })?;
        if !scheme.eq_ignore_ascii_case("https") {
            return Err(Error::UrlNotHttps { scheme: without_query(scheme) });
        }
        if !has_authority(text) {
            return Err(Error::UrlNotAbsolute { url: without_query(text) });
        }
        let invalid = |reason: String| Error::UrlInvalid { url: without_query(text), reason };
        // The parser below would drop these without a word.
        if let Some(found) = text.chars().find(char::is_ascii_control) {
            return Err(invalid(format!("it holds the character {found:?}")));
        }
        if text.ends_with(' ') {
            return Err(invalid("it ends with a space".to_owned()));
        }
        let url = Url::parse(text).map_err(|source| invalid(source.to_string()))?;
        let text = String::from(url);
        let before_host = "https://".len();
        let path = text[before_host..].find('/').map_or(text.len(), |at| before_host + at);
        let (origin, rest) = text.split_at(path);
        let text = without_stray_percent(&format!("{origin}{}", utf8_percent_encode(rest, NEVER_PLAIN)));
        match first_illegal(&text) {
            None => Ok(Self(text)),
            Some((_, found)) => Err(invalid(format!("its host holds the character {found:?}"))),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<HttpsUrl> for String {
    fn from(url: HttpsUrl) -> Self {
        url.0
    }
}

/// What RFC 3986 never allows in a path, query or fragment, though browsers and the `url` crate let some of it stand.
const NEVER_PLAIN: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// `url` with each `%` that starts no escape escaped itself; the parser lets them stand.
fn without_stray_percent(url: &str) -> String {
    let mut parts = url.split('%');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        whole.push_str(if is_escape(part) { "%" } else { "%25" });
        whole.push_str(part);
    }
    whole
}

/// Whether `after_percent` starts with the two hexadecimal digits of an escape.
pub(crate) fn is_escape(after_percent: &str) -> bool {
    after_percent.as_bytes().get(..2).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
}

/// The scheme of an absolute URL; `None` for relative references, and for `host:8443/path`, which only looks like one.
pub(crate) fn scheme_of(text: &str) -> Option<&str> {
    let (scheme, rest) = text.split_once(':')?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let is_host =
        !rest.starts_with("//") && (scheme.contains('.') || rest.starts_with(|c: char| c.is_ascii_digit()));
    (is_scheme && !is_host).then_some(scheme)
}

/// Whether `scheme:` is followed by `//` and something that can hold a host.
///
/// Stricter than browsers, which read a host out of `https:/h` and `https:///h`; devices do not.
pub(crate) fn has_authority(text: &str) -> bool {
    let Some((_, rest)) = text.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#', '\\']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    !host.is_empty() && !host.starts_with(':')
}

/// The first character, with its byte offset, that a device on iOS 16 or older refuses in a URL: white space, non-ASCII,
/// and what RFC 3986 leaves out, a `%` without two hexadecimal digits included.
///
/// `[` and `]` pass, as they do in practice.
pub(crate) fn first_illegal(text: &str) -> Option<(usize, char)> {
    text.char_indices().find(|&(at, c)| match c {
        '%' => !is_escape(&text[at + 1..]),
        _ => !(c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=".contains(c)),
    })
}

/// `url` up to its query, at most 80 characters, for messages: tokens live in queries.
pub(crate) fn without_query(url: &str) -> String {
    url.split(['?', '#']).next().unwrap_or_default().chars().take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn good_urls_come_out_in_normal_form() {
        for (text, expected, why) in [
            ("https://h.example/m.plist", "https://h.example/m.plist", "nothing to do"),
            ("HTTPS://H.Example:443/m.plist", "https://h.example/m.plist", "case and default port"),
            ("https://h.example", "https://h.example/", "no path"),
            ("https://h.example?a=1", "https://h.example/?a=1", "a query without a path"),
            (
                "https://bücher.example/m.plist",
                "https://xn--bcher-kva.example/m.plist",
                "an international name",
            ),
            (
                "https://h.example/My App β.plist",
                "https://h.example/My%20App%20%CE%B2.plist",
                "a path to encode",
            ),
            (
                "https://h.example/My%20App.plist",
                "https://h.example/My%20App.plist",
                "a path encoded already",
            ),
            (
                "https://h.example/m?a[]={1|2}^`\\",
                "https://h.example/m?a%5B%5D=%7B1%7C2%7D%5E%60%5C",
                "an odd query",
            ),
            ("https://[::1]:8443/m.plist", "https://[::1]:8443/m.plist", "brackets stay in the host"),
            ("https://h.example/m.plist#part", "https://h.example/m.plist#part", "a fragment stays"),
            ("https://h.example/a%zz", "https://h.example/a%25zz", "a stray percent sign"),
        ] {
            assert_eq!(HttpsUrl::parse(text).expect(why).as_str(), expected, "{why}");
        }
    }

    #[test]
    fn bad_urls_are_refused_by_name() {
        for (text, expected) in [
            ("", "the url \"\" is not absolute, it must start with https:// and a host"),
            ("/m.plist", "the url \"/m.plist\" is not absolute, it must start with https:// and a host"),
            ("//h/m?x=secret", "the url \"//h/m\" is not absolute, it must start with https:// and a host"),
            (
                "h.example:8443/m",
                "the url \"h.example:8443/m\" is not absolute, it must start with https:// and a host",
            ),
            (
                "localhost:8443",
                "the url \"localhost:8443\" is not absolute, it must start with https:// and a host",
            ),
            ("https:/h/m", "the url \"https:/h/m\" is not absolute, it must start with https:// and a host"),
            (
                "https:///h/m",
                "the url \"https:///h/m\" is not absolute, it must start with https:// and a host",
            ),
            (
                "https://:443/",
                "the url \"https://:443/\" is not absolute, it must start with https:// and a host",
            ),
            (
                "https://u:p@/",
                "the url \"https://u:p@/\" is not absolute, it must start with https:// and a host",
            ),
            (
                "https:\\\\h\\m",
                "the url \"https:\\\\\\\\h\\\\m\" is not absolute, it must start with https:// and a host",
            ),
            ("http://h.example/", "the url's scheme is http, devices accept only https"),
            ("itms-services://?url=x", "the url's scheme is itms-services, devices accept only https"),
            ("data:text/xml,x", "the url's scheme is data, devices accept only https"),
            ("https://h`h/", "the url \"https://h`h/\" is not valid: its host holds the character '`'"),
            ("https://h:99999/", "the url \"https://h:99999/\" is not valid: invalid port number"),
            ("https://a b/", "the url \"https://a b/\" is not valid: invalid international domain name"),
            (
                "https://h/m\n.plist",
                "the url \"https://h/m\\n.plist\" is not valid: it holds the character '\\n'",
            ),
            ("https://h/m ", "the url \"https://h/m \" is not valid: it ends with a space"),
        ] {
            assert_eq!(HttpsUrl::parse(text).expect_err(text).to_string(), expected, "{text:?}");
        }
    }

    #[test]
    fn illegal_characters_are_found_where_they_stand() {
        for (text, expected) in [
            ("https://h/a-._~:/?#[]@!$&'()*+,;=%2f", None),
            ("https://h/a b", Some((11, ' '))),
            ("https://h/é", Some((10, 'é'))),
            ("https://h/%", Some((10, '%'))),
            ("https://h/%4", Some((10, '%'))),
            ("https://h/%4é", Some((10, '%'))),
            ("https://h/\\", Some((10, '\\'))),
            ("https://h/{id}", Some((10, '{'))),
        ] {
            assert_eq!(first_illegal(text), expected, "{text}");
        }
    }
}
