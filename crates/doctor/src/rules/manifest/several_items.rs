use itms_services::ManifestDocument;

use super::key;
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The manifest offers several apps at once.
pub(crate) static RULE: Rule = Rule {
    code: "MAN017",
    name: "several-items",
    severity: Severity::Note,
    evidence: EvidenceKind::Observed,
    station: Station::Manifest,
    device_shows: "one prompt: the host \"would like to install\" so many apps",
    fix: "use one manifest for each app, unless this is meant",
    explains: &[],
    page: include_str!("several_items.md"),
    check: Check::Manifest(check),
};

fn check(manifest: &ManifestDocument, _: &Facts<'_>) -> Checked {
    match manifest.items().seen().unwrap_or_default().len() {
        0 | 1 => clean(),
        count => found(Fault::new(format!("the manifest has {count} items")).at(key("items"))),
    }
}
