use itms_services::{DropReason, ManifestDocument};

use super::each_dropped;
use crate::rule::{Check, Checked, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// An item has no title to show in the prompt.
pub(crate) static RULE: Rule = Rule {
    code: "MAN004",
    name: "title-missing",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Manifest,
    device_shows: "\"Cannot connect to\" the manifest's host",
    fix: "write the app's name into `title`",
    explains: &[],
    page: include_str!("title_missing.md"),
    check: Check::Manifest(check),
};

fn check(manifest: &ManifestDocument, facts: &Facts<'_>) -> Checked {
    each_dropped(manifest, facts, "metadata.title", |reason| match reason {
        DropReason::TitleMissing => Some("the metadata has no `title`, or an empty one".to_owned()),
        DropReason::MetadataMissing => Some("the item has no `metadata`".to_owned()),
        _ => None,
    })
}
