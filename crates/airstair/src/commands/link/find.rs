//! Install links in any text: a page's source, a mail, a log.

use itms_services::{InstallLink, LinkReading};
use mail_parser::{MessageParser, PartType};

/// A link in a text.
pub(super) struct FoundLink {
    /// The line it starts in, from 1; none in a part of a mail.
    pub(super) line: Option<usize>,
    pub(super) reading: LinkReading,
}

/// What every install link, and most that are misspelt, starts with.
const START: &str = "itms-service";

/// Every install link in `bytes`, in order.
pub(super) fn links(bytes: &[u8]) -> Vec<FoundLink> {
    let parts = mail_parts(bytes);
    if parts.is_empty() {
        return links_in(&String::from_utf8_lossy(bytes));
    }
    let links = parts.iter().flat_map(|part| links_in(part));
    links.map(|found| FoundLink { line: None, ..found }).collect()
}

/// The texts of a mail, free of what mail wraps them in (quoted-printable, base64); nothing when it is no mail.
fn mail_parts(bytes: &[u8]) -> Vec<String> {
    let Some(message) = MessageParser::default().parse(bytes) else { return Vec::new() };
    let is_mail = ["MIME-Version", "Content-Type", "Content-Transfer-Encoding"];
    if !is_mail.iter().any(|name| message.header(*name).is_some()) {
        return Vec::new();
    }
    let texts = message.parts.iter().filter_map(|part| match &part.body {
        PartType::Text(text) | PartType::Html(text) => Some(text.clone().into_owned()),
        _ => None,
    });
    texts.collect()
}

fn links_in(text: &str) -> Vec<FoundLink> {
    let lower = text.to_ascii_lowercase();
    let is_html = ["<!doctype html", "<html", "<body", "<a ", "</"].iter().any(|mark| lower.contains(mark));
    let mut found = Vec::new();
    let (mut from, mut line, mut counted) = (0, 1, 0);
    while let Some(at) = lower[from..].find(START).map(|at| from + at) {
        let name_end = at + START.len();
        from = name_end;
        let rest = lower[name_end..].strip_prefix('s').unwrap_or(&lower[name_end..]);
        if !rest.starts_with(':') {
            continue;
        }
        let (raw, reading) = read(text, &lower, at, is_html);
        line += text[counted..at].matches('\n').count();
        counted = at;
        found.push(FoundLink { line: Some(line), reading });
        from = at + raw.len().max(START.len());
    }
    found
}

/// The link at `at` as it stands in the text, and as a device gets it.
fn read<'t>(text: &'t str, lower: &str, at: usize, is_html: bool) -> (&'t str, LinkReading) {
    let rest = &text[at..];
    let before = &lower[..at];
    let quote = before.chars().next_back().filter(|c| matches!(c, '"' | '\'' | '`'));
    let quoted = quote.and_then(|quote| rest.split_once(quote)).map(|(inside, _)| inside);
    let is_script =
        is_html && before.rfind("<script").is_some_and(|start| !before[start..].contains("</script"));
    if is_html && !is_script && is_in_tag(before) {
        let raw = quoted.unwrap_or_else(|| up_to(rest, |c| c.is_ascii_whitespace() || c == '>'));
        return (raw, InstallLink::from_html_attribute(raw));
    }
    if let Some(raw) = quoted.filter(|raw| !raw.contains('\n')) {
        return (raw, InstallLink::parse(&unescaped(raw)));
    }
    let raw = up_to(rest, |c| c.is_whitespace() || c.is_control() || matches!(c, '<' | '>' | '"' | '`'));
    let raw = raw.trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '}', '\'']);
    if is_html && !is_script {
        (raw, InstallLink::parse(&htmlize::unescape(raw)))
    } else {
        (raw, InstallLink::parse(&unescaped(raw)))
    }
}

/// Whether what comes next stands within `<` and `>`.
fn is_in_tag(before: &str) -> bool {
    let Some(open) = before.rfind(['<', '>']) else { return false };
    before[open..].strip_prefix('<').is_some_and(|tag| tag.starts_with(|c: char| c.is_ascii_alphabetic()))
}

fn up_to(text: &str, is_end: impl Fn(char) -> bool) -> &str {
    text.find(is_end).map_or(text, |end| &text[..end])
}

/// Text of a JavaScript or JSON string without its escapes; what is none stays as it is.
fn unescaped(raw: &str) -> String {
    if !raw.contains('\\') {
        return raw.to_owned();
    }
    let plain = raw.replace("\\x26", "&").replace("\\'", "'");
    serde_json::from_str(&format!("\"{plain}\"")).unwrap_or(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "itms-services://?action=download-manifest&url=https%3A%2F%2Fh.example%2Fm.plist";

    fn found(text: &str) -> Vec<(Option<usize>, String)> {
        links(text.as_bytes())
            .into_iter()
            .map(|found| (found.line, found.reading.link().to_owned()))
            .collect()
    }

    #[test]
    fn links_are_found_in_every_usual_place() {
        let escaped = GOOD.replace('&', "&amp;");
        for (text, why) in [
            (GOOD.to_owned(), "alone"),
            (format!("<a class=x href=\"{escaped}\">Install</a>"), "an attribute"),
            (format!("<a href='{GOOD}'>Install</a>"), "single quotes, a bare ampersand"),
            (format!("<a href={GOOD}>Install</a>"), "no quotes"),
            (format!("<p>Copy {escaped}.</p>"), "text of a page"),
            (format!("<script>location.href = \"{GOOD}\";</script>"), "a script"),
            (
                format!("<script>x = '{}'</script>", GOOD.replace('/', "\\/").replace('&', "\\u0026")),
                "a script with escapes",
            ),
            (format!("{{\"install\":\"{}\"}}", GOOD.replace('&', "\\u0026")), "JSON"),
            (format!("[Install]({GOOD})"), "Markdown"),
            (format!("see <{GOOD}>, please"), "a mail in plain text"),
            (format!("GET 200 {GOOD} 12ms"), "a log"),
        ] {
            assert_eq!(found(&text), [(Some(1), GOOD.to_owned())], "{why}: {text}");
        }
    }

    #[test]
    fn all_are_found_with_their_lines() {
        let text = format!("one\n{GOOD}\n\nitms-service://?x and ITMS-SERVICES://?y\nitms-services-like\n");
        let lines: Vec<_> = links(text.as_bytes()).into_iter().map(|found| found.line).collect();
        assert_eq!(lines, [Some(2), Some(4), Some(4)]);
        assert!(found("nothing here: itms-services").is_empty());
    }

    #[test]
    fn an_ampersand_escaped_outside_html_stays_a_fault() {
        let text = GOOD.replace('&', "&amp;");
        let [one] = &links(text.as_bytes())[..] else { panic!() };
        assert_eq!(one.reading.faults()[0].name(), "double-escaped-ampersand");
    }

    #[test]
    fn mails_are_unwrapped() {
        let soft = GOOD.replace('=', "=3D").replace("download-", "down=\r\nload-");
        for (encoding, body) in [
            ("quoted-printable", format!("<html><a href=3D\"{soft}\">Install</a></html>")),
            ("7bit", format!("<html><a href=\"{GOOD}\">Install</a></html>")),
        ] {
            let mail = format!(
                "From: a@example.com\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\
                 Content-Transfer-Encoding: {encoding}\r\n\r\n{body}\r\n"
            );
            assert_eq!(found(&mail), [(None, GOOD.to_owned())], "{encoding}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(parts in proptest::collection::vec("itms-services:|[<>\"'&\\\\/?=%]|\\PC{0,4}|\n", 0..30)) {
            links(parts.concat().as_bytes());
        }
    }
}
