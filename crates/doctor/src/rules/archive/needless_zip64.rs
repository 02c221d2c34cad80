use ipa::ArchiveWalk;

use super::{first_of, place};
use crate::rule::{Check, Checked, Fault, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The archive uses the format for large files, and has none.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP015",
    name: "needless-zip64",
    severity: Severity::Warning,
    evidence: EvidenceKind::Assumed,
    station: Station::Archive,
    device_shows: "nothing on most systems; some may not read it",
    fix: "pack without ZIP64",
    explains: &[],
    page: include_str!("needless_zip64.md"),
    check: Check::Archive(check),
};

fn check(walk: &ArchiveWalk, _: &Facts<'_>) -> Checked {
    let mut faults = first_of(&walk.needless_zip64, |one| {
        Fault::new(format!("{} has a ZIP64 field that it does not need", one.entry.name))
            .at(place(&one.entry))
    })?;
    if faults.is_empty() && walk.needless_zip64_end {
        faults.push(Fault::new("the archive has a ZIP64 end record that it does not need"));
    }
    Ok(faults)
}
