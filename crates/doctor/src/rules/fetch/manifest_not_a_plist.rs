use std::error::Error as _;

use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, ManifestFacts, Severity, Station};

use super::{Looks, decoded, looks};

/// The manifest is no property list.
pub(crate) static RULE: Rule = Rule {
    code: "FET006",
    name: "manifest-not-a-plist",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Manifest,
    device_shows: "\"Cannot connect to\" the manifest's host, or nothing at all",
    fix: "write a property list, XML or binary",
    explains: &[],
    page: include_str!("manifest_not_a_plist.md"),
    check: Check::ManifestBytes(check),
};

fn check(manifest: &ManifestFacts<'_>, facts: &Facts<'_>) -> Checked {
    decoded(facts)?;
    match (manifest.document, looks(manifest.bytes)) {
        (Err(error), Looks::Manifest) => {
            let reason = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            found(
                Fault::new(format!("it can't be read: {reason}"))
                    .at(Evidence::at(EvidencePlace::ByteOffset, 0)),
            )
        }
        _ => clean(),
    }
}
