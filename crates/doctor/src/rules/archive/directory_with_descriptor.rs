use ipa::ArchiveWalk;

use super::{first_of, place};
use crate::rule::{Check, Checked, Fault, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// A folder's entry announces a size behind its content, of which it has none.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP002",
    name: "directory-with-descriptor",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Archive,
    device_shows: "it downloads to the end; then the icon stays grey or has a cloud",
    fix: "export the app from Xcode again; if a script packs it, use `zip -qry` on the folder `Payload`",
    explains: &["headers-disagree"],
    page: include_str!("directory_with_descriptor.md"),
    check: Check::Archive(check),
};

fn check(walk: &ArchiveWalk, _: &Facts<'_>) -> Checked {
    first_of(&walk.folders_with_descriptor, |entry| {
        Fault::new(format!("the folder {} announces a data descriptor", entry.name)).at(place(entry))
    })
}
