use super::{Looks, looks};
use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::rules::answer::{address, header, shown};
use crate::{EvidenceKind, Facts, Fetched, Severity, Station};

/// Types under which property lists are sent: what Apple documents, and what says the same.
const FINE: [&str; 6] = [
    "text/xml",
    "application/xml",
    "application/x-plist",
    "application/plist",
    "application/x-apple-plist",
    "application/x-apple-binary-plist",
];

/// The manifest is sent as something else.
pub(crate) static RULE: Rule = Rule {
    code: "FET008",
    name: "manifest-content-type",
    severity: Severity::Warning,
    evidence: EvidenceKind::Documented,
    station: Station::ManifestFetch,
    device_shows: "nothing out of the ordinary, as far as is known: devices were seen to take other types",
    fix: "send the manifest with `Content-Type: text/xml`",
    explains: &[],
    page: include_str!("manifest_content_type.md"),
    check: Check::ManifestFetch(check),
};

fn check(fetched: &Fetched, _: &Facts<'_>) -> Checked {
    let fetch = &fetched.by_installer;
    let answer = fetch.success().ok_or(NotJudged::NotMine)?;
    if matches!(looks(&answer.body.bytes), Looks::Html { .. }) {
        return Err(NotJudged::NotMine);
    }
    let place = address(fetch.last());
    match answer.content_type() {
        Some(kind) if FINE.contains(&kind.as_str()) => clean(),
        Some(kind) => {
            let message = format!("the manifest is sent as {}, not as text/xml", shown(&kind));
            found(Fault::new(message).at(place).at(header("Content-Type", &kind)))
        }
        None => found(Fault::new("the manifest is sent without a `Content-Type`").at(place)),
    }
}
