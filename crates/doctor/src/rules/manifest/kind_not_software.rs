use itms_services::{DropReason, ManifestDocument};

use super::each_dropped;
use crate::rule::{Check, Checked, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// An item is not marked as software.
pub(crate) static RULE: Rule = Rule {
    code: "MAN003",
    name: "kind-not-software",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Manifest,
    device_shows: "\"Cannot connect to\" the manifest's host",
    fix: "write `kind` = `software` into the item's metadata",
    explains: &[],
    page: include_str!("kind_not_software.md"),
    check: Check::Manifest(check),
};

fn check(manifest: &ManifestDocument, facts: &Facts<'_>) -> Checked {
    each_dropped(manifest, facts, "metadata.kind", |reason| match reason {
        DropReason::KindNotSoftware { found: Some(found) } => {
            Some(format!("the metadata's `kind` is {found:?} instead of \"software\""))
        }
        DropReason::KindNotSoftware { found: None } => Some("the metadata has no `kind`".to_owned()),
        DropReason::MetadataMissing => Some("the item has no `metadata`".to_owned()),
        _ => None,
    })
}
