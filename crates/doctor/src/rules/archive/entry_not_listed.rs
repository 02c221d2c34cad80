use ipa::ArchiveWalk;

use super::first_of;
use crate::rule::{Check, Checked, Fault, Rule, measured};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Station};

/// The archive holds an entry that its directory does not list.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP018",
    name: "entry-not-listed",
    severity: Severity::Warning,
    evidence: EvidenceKind::Assumed,
    station: Station::Archive,
    device_shows: "mostly nothing; a device may unpack what no tool shows",
    fix: "export the app from Xcode again; if a script packs it, use `zip -qry` on the folder `Payload`",
    explains: &["gap-between-entries"],
    page: include_str!("entry_not_listed.md"),
    check: Check::Archive(check),
};

fn check(walk: &ArchiveWalk, _: &Facts<'_>) -> Checked {
    first_of(&measured(&walk.stream)?.hidden_entries, |hidden| {
        let message = format!("{:?} is in the archive, and its directory does not list it", hidden.name);
        Fault::new(message).at(Evidence::at(EvidencePlace::ByteOffset, hidden.offset))
    })
}
