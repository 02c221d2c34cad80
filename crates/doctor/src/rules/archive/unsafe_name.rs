use ipa::{ArchiveWalk, NameFault};

use super::{first_of, place};
use crate::rule::{Check, Checked, Fault, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// An entry's name leads out of the package, or is no path at all.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP012",
    name: "unsafe-name",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Archive,
    device_shows: "\"Unable to Install\" after the download",
    fix: "export the app from Xcode again; if a script packs it, use `zip -qry` on the folder `Payload`",
    explains: &["no-app-in-payload"],
    page: include_str!("unsafe_name.md"),
    check: Check::Archive(check),
};

fn check(walk: &ArchiveWalk, _: &Facts<'_>) -> Checked {
    first_of(&walk.faulty_names, |faulty| {
        let (why, is_harmful) = told(faulty.fault);
        let message = format!("the name of an entry {why}: {:?}", faulty.entry.name);
        let fault = Fault::new(message).at(place(&faulty.entry));
        if is_harmful { fault } else { fault.lighter(Severity::Warning) }
    })
}

/// What is wrong with the name, and whether it leads somewhere else.
fn told(fault: NameFault) -> (&'static str, bool) {
    match fault {
        NameFault::Empty => ("is empty", false),
        NameFault::Absolute => ("begins with a slash", true),
        NameFault::ParentFolder => ("leads to the folder above", true),
        NameFault::CurrentFolder => ("has a part that is only a full stop", false),
        NameFault::EmptyPart => ("has two slashes in a row", false),
        NameFault::Backslash => ("has a backslash in it", true),
        NameFault::Control => ("has a control character in it", true),
        _ => ("is not the text it is marked as", false),
    }
}
