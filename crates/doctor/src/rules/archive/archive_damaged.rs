use ipa::{ArchiveError, Examined, InspectError, NoArchive};

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The archive's directory makes no sense.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP020",
    name: "archive-damaged",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Archive,
    device_shows: "\"Unable to Install\" after the download",
    fix: "copy the package again, or pack it anew",
    explains: &["no-app-in-payload"],
    page: include_str!("archive_damaged.md"),
    check: Check::Examined(check),
};

fn check(examined: &Examined, _: &Facts<'_>) -> Checked {
    let (Err(InspectError::Archive(error)), Err(NoArchive { cut: None })) =
        (&examined.package, &examined.archive)
    else {
        return clean();
    };
    match error {
        ArchiveError::Directory { .. } | ArchiveError::DirectoryPlace { .. } | ArchiveError::Split => {
            found(Fault::new(error.to_string()))
        }
        ArchiveError::Empty | ArchiveError::NotZip { .. } => Err(NotJudged::NotMine),
        // It goes beyond what is looked at here, which says nothing about devices.
        _ => Err(NotJudged::NotMeasured(error.to_string())),
    }
}
