use itms_services::{KeyStanding, ManifestDocument};

use super::key;
use crate::rule::{Check, Checked, Fault, Rule, found_all};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The manifest has a key that Apple has taken out of the schema.
pub(crate) static RULE: Rule = Rule {
    code: "MAN016",
    name: "removed-key",
    severity: Severity::Note,
    evidence: EvidenceKind::Documented,
    station: Station::Manifest,
    device_shows: "nothing",
    fix: "take the key out when you come by",
    explains: &[],
    page: include_str!("removed_key.md"),
    check: Check::Manifest(check),
};

fn check(manifest: &ManifestDocument, _: &Facts<'_>) -> Checked {
    let seen = manifest.keys();
    let removed = seen.iter().filter(|seen| seen.standing == KeyStanding::Removed);
    found_all(removed.map(|seen| Fault::new("iOS ignores this key").at(key(&seen.path))))
}
