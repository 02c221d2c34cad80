use ipa::ArchiveWalk;

use super::{first_of, place};
use crate::rule::{Check, Checked, Fault, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// An entry is stored without compression and yet tells its size only behind its content.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP001",
    name: "stored-with-descriptor",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Archive,
    device_shows: "it downloads to the end; then the icon stays grey or has a cloud",
    fix: "export the app from Xcode again; if a script packs it, use `zip -qry` on the folder `Payload`",
    explains: &["headers-disagree"],
    page: include_str!("stored_with_descriptor.md"),
    check: Check::Archive(check),
};

fn check(walk: &ArchiveWalk, _: &Facts<'_>) -> Checked {
    first_of(&walk.stored_with_descriptor, |entry| {
        Fault::new(format!("{} is stored, and its size stands only behind it", entry.name)).at(place(entry))
    })
}
