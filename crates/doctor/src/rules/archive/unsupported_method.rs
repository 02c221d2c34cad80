use ipa::ArchiveWalk;

use super::{first_of, place};
use crate::rule::{Check, Checked, Fault, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// An entry is compressed in a way devices can't undo.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP004",
    name: "unsupported-method",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Archive,
    device_shows: "it downloads to the end; then the icon stays grey or has a cloud, or \"Unable to Install\"",
    fix: "pack with the ordinary method (deflate): `zip -qry`, or 7-Zip with `-mm=Deflate`",
    explains: &["info-plist-unreadable", "executable-missing", "profile-unreadable", "signature-unreadable"],
    page: include_str!("unsupported_method.md"),
    check: Check::Archive(check),
};

fn check(walk: &ArchiveWalk, _: &Facts<'_>) -> Checked {
    first_of(&walk.other_methods, |other| {
        Fault::new(format!("{} is compressed by method {}", other.entry.name, other.method))
            .at(place(&other.entry))
    })
}
