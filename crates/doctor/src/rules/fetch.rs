pub(super) mod manifest_content_type;
pub(super) mod manifest_cut_off;
pub(super) mod manifest_is_html;
pub(super) mod manifest_needs_login;
pub(super) mod manifest_not_a_plist;
pub(super) mod manifest_redirected;
pub(super) mod manifest_slow;
pub(super) mod manifest_status;
pub(super) mod text_before_xml;

use super::answer::{find, title};
use crate::rule::NotJudged;
use crate::{BodyEnd, Facts};

/// What the bytes of a manifest look like before they are read.
enum Looks<'a> {
    /// A web page, with its title.
    Html { title: Option<&'a str> },
    /// A property list behind so many bytes of something else.
    TextBefore { bytes: usize },
    /// A property list from the first byte on, or nothing that could be named.
    Manifest,
}

/// Goes on where the bytes are the manifest's and no encoding of them; what came of that is told with the fetch.
fn decoded(facts: &Facts<'_>) -> Result<(), NotJudged> {
    let answer = facts.manifest_fetch.known().and_then(|fetched| fetched.by_installer.success());
    match answer.map(|answer| &answer.body.end) {
        Some(BodyEnd::Encoded { .. }) => Err(NotJudged::NotMine),
        _ => Ok(()),
    }
}

/// How far into the manifest its beginning is looked for, in bytes.
const BEGINNING: usize = 64 << 10;

fn looks(bytes: &[u8]) -> Looks<'_> {
    let bytes = &bytes[..bytes.len().min(BEGINNING)];
    let first = |marks: [&[u8]; 4]| marks.into_iter().filter_map(|mark| find(bytes, mark)).min();
    let beginning = first([b"<?xml", b"<!doctype plist", b"<plist", b"bplist"]);
    let page = first([b"<!doctype html", b"<html", b"<head", b"<body"]);
    match (page, beginning) {
        // XHTML begins with `<?xml` too.
        (Some(_), None) => Looks::Html { title: title(bytes) },
        (Some(_), Some(_)) if find(bytes, b"<plist").is_none() => Looks::Html { title: title(bytes) },
        (_, Some(start)) if start > 0 => Looks::TextBefore { bytes: start },
        _ => Looks::Manifest,
    }
}
