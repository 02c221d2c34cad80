use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::rules::answer::{address, broken_off, header, is_reached, shown};
use crate::{BodyEnd, EvidenceKind, Facts, Fetched, Severity, Station};

/// The answer breaks off, or can't be read.
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

fn check(fetched: &Fetched, _: &Facts<'_>) -> Checked {
    let fetch = &fetched.by_installer;
    if !is_reached(fetch) {
        return Err(NotJudged::NotMine);
    }
    if let Some(BodyEnd::Encoded { encoding }) = fetch.success().map(|answer| &answer.body.end) {
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
