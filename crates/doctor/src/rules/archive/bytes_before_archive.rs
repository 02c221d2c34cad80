use ipa::ArchiveWalk;

use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Station};

/// Something stands before the archive's first entry.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP007",
    name: "bytes-before-archive",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Archive,
    device_shows: "it downloads to the end; then the icon stays grey or has a cloud, or \"Unable to Install\" at once",
    fix: "remove what stands before the letters `PK`",
    explains: &["headers-disagree", "gap-between-entries"],
    page: include_str!("bytes_before_archive.md"),
    check: Check::Archive(check),
};

fn check(walk: &ArchiveWalk, _: &Facts<'_>) -> Checked {
    match walk.leading_bytes {
        0 => clean(),
        bytes => {
            let message = format!("{bytes} bytes stand before the archive's first entry");
            found(Fault::new(message).at(Evidence::at(EvidencePlace::ByteOffset, 0)))
        }
    }
}
