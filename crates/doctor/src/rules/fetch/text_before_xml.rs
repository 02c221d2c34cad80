use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, ManifestFacts, Severity, Station};

use super::{Looks, decoded, looks};

/// Something stands before the manifest's first `<`.
pub(crate) static RULE: Rule = Rule {
    code: "FET007",
    name: "text-before-xml",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Manifest,
    device_shows: "\"Cannot connect to\" the manifest's host, or nothing at all",
    fix: "let the answer begin with `<?xml`",
    explains: &[],
    page: include_str!("text_before_xml.md"),
    check: Check::ManifestBytes(check),
};

fn check(manifest: &ManifestFacts<'_>, facts: &Facts<'_>) -> Checked {
    decoded(facts)?;
    let Looks::TextBefore { bytes } = looks(manifest.bytes) else { return clean() };
    let message = format!("{bytes} bytes stand before the manifest's beginning");
    let fault = Fault::new(message).at(Evidence::at(EvidencePlace::ByteOffset, 0));
    // What our reader gets over, some devices may.
    found(if manifest.document.is_ok() { fault.lighter(Severity::Warning) } else { fault })
}
