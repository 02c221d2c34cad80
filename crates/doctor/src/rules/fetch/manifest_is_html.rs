use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, ManifestFacts, Severity, Station};

use super::{Looks, decoded, looks};

/// Where the manifest should be, there is a web page.
pub(crate) static RULE: Rule = Rule {
    code: "FET005",
    name: "manifest-is-html",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Manifest,
    device_shows: "\"Cannot connect to\" the manifest's host, or nothing at all",
    fix: "let the manifest's address answer with the manifest, without login or error page",
    explains: &[],
    page: include_str!("manifest_is_html.md"),
    check: Check::ManifestBytes(check),
};

fn check(manifest: &ManifestFacts<'_>, facts: &Facts<'_>) -> Checked {
    decoded(facts)?;
    let Looks::Html { title } = looks(manifest.bytes) else { return clean() };
    let fault = Fault::new("it is a web page").at(Evidence::at(EvidencePlace::ByteOffset, 0));
    found(match title {
        Some(title) => fault.at(Evidence::at(EvidencePlace::KeyPath, "title").seen(title)),
        None => fault,
    })
}
