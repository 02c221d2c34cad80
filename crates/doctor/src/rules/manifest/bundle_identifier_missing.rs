use itms_services::{DropReason, ManifestDocument};

use super::each_dropped;
use crate::rule::{Check, Checked, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// An item does not say which app it is.
pub(crate) static RULE: Rule = Rule {
    code: "MAN005",
    name: "bundle-identifier-missing",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Manifest,
    device_shows: "\"Cannot connect to\" the manifest's host",
    fix: "write the app's `CFBundleIdentifier` into `bundle-identifier`",
    explains: &[],
    page: include_str!("bundle_identifier_missing.md"),
    check: Check::Manifest(check),
};

fn check(manifest: &ManifestDocument, facts: &Facts<'_>) -> Checked {
    each_dropped(manifest, facts, "metadata.bundle-identifier", |reason| match reason {
        DropReason::BundleIdentifierMissing => {
            Some("the metadata has no `bundle-identifier`, or an empty one".to_owned())
        }
        DropReason::MetadataMissing => Some("the item has no `metadata`".to_owned()),
        _ => None,
    })
}
