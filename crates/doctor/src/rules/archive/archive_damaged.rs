use ipa::{ArchiveError, DamagedEntry, Examined, InspectError, NoArchive};

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Station};

/// How many damaged entries are named.
const SHOWN: usize = 5;

/// The archive's directory makes no sense, or the content of an entry is another than was packed.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP020",
    name: "archive-damaged",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Archive,
    device_shows: "\"Unable to Install\" after the download",
    fix: "copy the package again, or pack it anew",
    explains: &[
        "no-app-in-payload",
        "info-plist-unreadable",
        "executable-missing",
        "signature-unreadable",
        "sealed-file-changed",
        "profile-unreadable",
    ],
    page: include_str!("archive_damaged.md"),
    check: Check::Examined(check),
};

fn check(examined: &Examined, _: &Facts<'_>) -> Checked {
    if let Some(first) = examined.damaged.first.first() {
        let fault = Fault::new(&*first.what);
        let more = examined.damaged.count - 1;
        let fault = if more > 0 { fault.and_more(more) } else { fault };
        let place = |entry: &DamagedEntry| {
            Evidence::at(EvidencePlace::Entry, &entry.name).seen(format_args!("at byte {}", entry.offset))
        };
        let shown = examined.damaged.first.iter().take(SHOWN);
        return found(shown.fold(fault, |fault, entry| fault.at(place(entry))));
    }
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
