use ipa::{ArchiveWalk, Gap, GapContent};

use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Station};

/// There are bytes between entries that belong to none.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP019",
    name: "gap-between-entries",
    severity: Severity::Warning,
    evidence: EvidenceKind::Assumed,
    station: Station::Archive,
    device_shows: "mostly nothing",
    fix: "export the app from Xcode again; if a script packs it, use `zip -qry` on the folder `Payload`",
    explains: &[],
    page: include_str!("gap_between_entries.md"),
    check: Check::Archive(check),
};

fn check(walk: &ArchiveWalk, _: &Facts<'_>) -> Checked {
    let gaps = &measured(&walk.stream)?.gaps;
    // What lies before the first entry, and entries that are not listed, are told by rules of their own.
    let is_told = |gap: &&Gap| gap.offset > 0 && gap.content != GapContent::Entry;
    let Some(gap) = gaps.first.iter().find(is_told) else { return clean() };
    let message = format!("{} bytes at byte {} belong to no entry", gap.size_bytes, gap.offset);
    found(Fault::new(message).at(Evidence::at(EvidencePlace::ByteOffset, gap.offset)))
}
