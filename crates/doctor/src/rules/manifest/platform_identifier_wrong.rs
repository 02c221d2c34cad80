use itms_services::{DropReason, ManifestDocument};

use super::each_dropped;
use crate::rule::{Check, Checked, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// An item is for another platform.
pub(crate) static RULE: Rule = Rule {
    code: "MAN008",
    name: "platform-identifier-wrong",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Manifest,
    device_shows: "\"Cannot connect to\" the manifest's host",
    fix: "remove `platform-identifier`, or write `com.apple.platform.iphoneos`",
    explains: &[],
    page: include_str!("platform_identifier_wrong.md"),
    check: Check::Manifest(check),
};

fn check(manifest: &ManifestDocument, facts: &Facts<'_>) -> Checked {
    each_dropped(manifest, facts, "metadata.platform-identifier", |reason| match reason {
        DropReason::OtherPlatform { found } => Some(format!("`platform-identifier` is {found:?}")),
        _ => None,
    })
}
