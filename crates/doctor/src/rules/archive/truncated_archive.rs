use ipa::{CutPlace, Examined, Missing, NoArchive};

use super::place;
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Station};

/// The archive is not whole: its end, or a part of it, is missing.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP008",
    name: "truncated-archive",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Archive,
    device_shows: "it downloads to the end; then the icon stays grey or has a cloud",
    fix: "copy or upload the package again, and compare its size",
    explains: &[
        "no-app-in-payload",
        "info-plist-missing",
        "info-plist-unreadable",
        "executable-missing",
        "profile-missing",
        "profile-unreadable",
        "headers-disagree",
        "overlapping-entries",
        "archive-damaged",
        "signature-unreadable",
    ],
    page: include_str!("truncated_archive.md"),
    check: Check::Examined(check),
};

fn check(examined: &Examined, _: &Facts<'_>) -> Checked {
    let cut = match &examined.archive {
        Err(NoArchive { cut: Some(cut) }) => cut,
        Err(NoArchive { cut: None }) => return clean(),
        Ok(walk) => {
            let short = walk.cut_off.first.iter().find(|entry| entry.missing_bytes > 0);
            return Ok(short
                .map(|entry| {
                    let message = format!(
                        "{} ends {} bytes behind the end of the file",
                        entry.entry.name, entry.missing_bytes
                    );
                    Fault::new(message).at(place(&entry.entry))
                })
                .into_iter()
                .collect());
        }
    };
    let missing = match cut.missing {
        Missing::Exactly(bytes) => format!("{bytes} bytes are missing"),
        Missing::AtLeast(bytes) => format!("at least {bytes} bytes are missing"),
    };
    let place_of_cut = match cut.place {
        CutPlace::Entries => "it ends among its entries",
        CutPlace::Directory => "it ends in its directory",
        CutPlace::EndRecord => "it ends in its last record",
        CutPlace::BeforeTheEnd => "a part before its end is gone",
    };
    let fault = Fault::new(format!("the archive is cut off: {place_of_cut}, and {missing}"));
    let fault = fault.at(Evidence::at(EvidencePlace::ByteOffset, cut.size_bytes));
    found(match &cut.last_entry {
        Some(entry) => fault.at(place(entry)),
        None => fault,
    })
}
