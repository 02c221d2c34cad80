use super::{Looks, looks};
use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::rules::answer::{address, broken_off, header, is_known_encoding, is_reached, shown};
use crate::{BodyEnd, EvidenceKind, Facts, Fetched, Severity, Station};

/// The answer breaks off, does not end, or can't be decoded.
pub(crate) static RULE: Rule = Rule {
    code: "FET009",
    name: "manifest-cut-off",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::ManifestFetch,
    device_shows: "\"Cannot connect to\" the manifest's host",
    fix: "let the server send the whole manifest, as long as it says it is",
    explains: &["manifest-not-a-plist", "manifest-is-html", "text-before-xml"],
    page: include_str!("manifest_cut_off.md"),
    check: Check::ManifestFetch(check),
};

fn check(fetched: &Fetched, facts: &Facts<'_>) -> Checked {
    let fetch = &fetched.by_installer;
    if !is_reached(fetch) {
        return Err(NotJudged::NotMine);
    }
    if let Some(answer) = fetch.success().filter(|answer| answer.body.end == BodyEnd::Unread) {
        let is_read = facts.manifest.known().is_some_and(|manifest| manifest.document.is_ok());
        if is_read || matches!(looks(&answer.body.bytes), Looks::Html { .. }) {
            return clean();
        }
        let bytes = answer.body.bytes.len();
        let message = format!("the manifest has no end: {bytes} bytes were read, and more came");
        return found(Fault::new(message).at(address(fetch.last())));
    }
    if let Some(BodyEnd::Encoded { encoding }) = fetch.success().map(|answer| &answer.body.end) {
        if !is_known_encoding(encoding) {
            let reason = format!("the manifest came encoded as {}, which is not read here", shown(encoding));
            return Err(NotJudged::NotMeasured(reason));
        }
        let message =
            format!("the manifest is said to be encoded as {}, and can't be decoded", shown(encoding));
        return found(
            Fault::new(message)
                .at(address(fetch.last()))
                .at(header("Content-Encoding", encoding))
                .mended_by("send the manifest without `Content-Encoding`"),
        );
    }
    broken_off(fetch, "manifest").map_or_else(clean, found)
}
