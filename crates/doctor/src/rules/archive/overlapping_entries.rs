use ipa::ArchiveWalk;

use super::{first_of, place};
use crate::rule::{Check, Checked, Fault, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// Entries of the archive lie over each other, or over its directory.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP006",
    name: "overlapping-entries",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Archive,
    device_shows: "it downloads to the end; then the icon stays grey or has a cloud",
    fix: "export the app from Xcode again; if a script packs it, use `zip -qry` on the folder `Payload`",
    explains: &["headers-disagree"],
    page: include_str!("overlapping_entries.md"),
    check: Check::Archive(check),
};

fn check(walk: &ArchiveWalk, _: &Facts<'_>) -> Checked {
    let overlaps = first_of(&walk.overlaps, |overlap| {
        let (name, within) = (&overlap.entry.name, &overlap.within.name);
        Fault::new(format!("{name} begins within {within}")).at(place(&overlap.entry))
    })?;
    if !overlaps.is_empty() {
        return Ok(overlaps);
    }
    let over_directory = walk.cut_off.first.iter().find(|entry| entry.missing_bytes == 0);
    Ok(over_directory
        .map(|entry| {
            let message = format!("{} reaches into the archive's directory", entry.entry.name);
            Fault::new(message).at(place(&entry.entry))
        })
        .into_iter()
        .collect())
}
