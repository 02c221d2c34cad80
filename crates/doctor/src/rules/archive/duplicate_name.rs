use ipa::{ArchiveWalk, Likeness};

use super::{first_of, place};
use crate::rule::{Check, Checked, Fault, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// Two entries of the archive have one name.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP014",
    name: "duplicate-name",
    severity: Severity::Warning,
    evidence: EvidenceKind::Assumed,
    station: Station::Archive,
    device_shows: "mostly nothing; which of the two a device keeps is not known",
    fix: "export the app from Xcode again; if a script packs it, use `zip -qry` on the folder `Payload`",
    explains: &[],
    page: include_str!("duplicate_name.md"),
    check: Check::Archive(check),
};

fn check(walk: &ArchiveWalk, _: &Facts<'_>) -> Checked {
    first_of(&walk.duplicates, |duplicate| {
        let (first, second) = (&duplicate.first.name, &duplicate.second.name);
        let message = match duplicate.likeness {
            Likeness::Exact => format!("{first} is in the archive twice"),
            Likeness::FileAndFolder => format!("{first} is a file and a folder"),
            Likeness::Canonical => format!("{first:?} and {second:?} are one name to Apple's file systems"),
            Likeness::CaseFolded => format!("{first:?} and {second:?} differ in letter case alone"),
        };
        let fault = Fault::new(message).at(place(&duplicate.first)).at(place(&duplicate.second));
        if duplicate.likeness == Likeness::CaseFolded { fault.lighter(Severity::Note) } else { fault }
    })
}
