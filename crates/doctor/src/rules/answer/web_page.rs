use ipa::FileKind;

use crate::Answer;

/// Whether a page for browsers came, by its bytes or by what it says of itself.
pub(in crate::rules) fn is_web_page(answer: &Answer) -> bool {
    let is_said_to_be =
        matches!(answer.content_type().as_deref(), Some("text/html" | "application/xhtml+xml"));
    match FileKind::of(&answer.body.bytes) {
        FileKind::Html => true,
        FileKind::Text | FileKind::Xml | FileKind::Empty => is_said_to_be,
        _ => false,
    }
}

/// The title of a web page.
pub(in crate::rules) fn title(page: &[u8]) -> Option<&str> {
    let tag = find(page, b"<title")?;
    let start = tag + page[tag..].iter().position(|byte| *byte == b'>')? + 1;
    let end = start + find(&page[start..], b"</title")?;
    Some(str::from_utf8(&page[start..end]).ok()?.trim()).filter(|title| !title.is_empty())
}

/// Whether a web page has a field for a password.
pub(super) fn has_password_field(page: &[u8]) -> bool {
    let mut rest = page;
    while let Some(place) = find(rest, b"type") {
        rest = &rest[place + b"type".len()..];
        let value = rest.trim_ascii_start().strip_prefix(b"=").map(<[u8]>::trim_ascii_start);
        let value =
            value.map(|value| value.strip_prefix(b"\"").or(value.strip_prefix(b"'")).unwrap_or(value));
        if value.is_some_and(|value| find(&value[..value.len().min(8)], b"password") == Some(0)) {
            return true;
        }
    }
    false
}

/// Where this stands first, in capitals or not.
pub(in crate::rules) fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|part| part.eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::{has_password_field, title};

    #[test]
    fn titles_are_found_in_pages() {
        for (page, expected) in [
            ("<html><head><title>Sign in</title>", Some("Sign in")),
            ("<TITLE data-x='1'>\n Not found \n</TITLE>", Some("Not found")),
            ("<title></title>", None),
            ("<title>never ends", None),
            ("<title", None),
            ("no page", None),
        ] {
            assert_eq!(title(page.as_bytes()), expected, "{page}");
        }
        let broken_later = [b"<title>Here</title>".as_slice(), b"\xff\xc3"].concat();
        assert_eq!(title(&broken_later), Some("Here"));
    }

    #[test]
    fn fields_for_passwords_are_found_however_they_are_written() {
        for (page, expected) in [
            (r#"<input type="password" name="p">"#, true),
            ("<INPUT name=p TYPE=Password>", true),
            ("<input type = 'password'>", true),
            (r#"<input type="text"><input type="password">"#, true),
            (r#"<input type="text" name="password">"#, false),
            ("set your type of password", false),
            ("<input type=pass", false),
            ("type", false),
            ("", false),
        ] {
            assert_eq!(has_password_field(page.as_bytes()), expected, "{page}");
        }
    }
}
