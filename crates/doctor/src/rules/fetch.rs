pub(super) mod manifest_is_html;
pub(super) mod manifest_not_a_plist;
pub(super) mod text_before_xml;

/// What the bytes of a manifest look like before they are read.
enum Looks<'a> {
    /// A web page, with its title.
    Html { title: Option<&'a str> },
    /// A property list behind so many bytes of something else.
    TextBefore { bytes: usize },
    /// A property list from the first byte on, or nothing that could be named.
    Manifest,
}

/// How far into the manifest its beginning is looked for, in bytes.
const BEGINNING: usize = 64 << 10;

fn looks(bytes: &[u8]) -> Looks<'_> {
    let bytes = &bytes[..bytes.len().min(BEGINNING)];
    let find = |needle: &[u8]| bytes.windows(needle.len()).position(|part| part.eq_ignore_ascii_case(needle));
    let beginning =
        [&b"<?xml"[..], b"<!doctype plist", b"<plist", b"bplist"].iter().filter_map(|mark| find(mark)).min();
    let page =
        [&b"<!doctype html"[..], b"<html", b"<head", b"<body"].iter().filter_map(|mark| find(mark)).min();
    match (page, beginning) {
        // XHTML begins with `<?xml` too.
        (Some(_), None) => Looks::Html { title: title(bytes) },
        (Some(_), Some(_)) if find(b"<plist").is_none() => Looks::Html { title: title(bytes) },
        (_, Some(start)) if start > 0 => Looks::TextBefore { bytes: start },
        _ => Looks::Manifest,
    }
}

fn title(bytes: &[u8]) -> Option<&str> {
    let text = str::from_utf8(bytes).ok()?;
    let lower = text.to_ascii_lowercase();
    let start = lower.find("<title>")? + "<title>".len();
    let end = start + lower[start..].find("</title>")?;
    Some(text[start..end].trim())
}
