use ipa::ArchiveWalk;

use super::{first_of, place};
use crate::rule::{Check, Checked, Fault, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// An entry of the archive is encrypted with a password.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP005",
    name: "encrypted-entry",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Archive,
    device_shows: "\"Unable to Install\" after the download",
    fix: "pack without a password",
    explains: &[
        "unsupported-method",
        "info-plist-unreadable",
        "executable-missing",
        "profile-unreadable",
        "signature-unreadable",
    ],
    page: include_str!("encrypted_entry.md"),
    check: Check::Archive(check),
};

fn check(walk: &ArchiveWalk, _: &Facts<'_>) -> Checked {
    first_of(&walk.encrypted, |entry| Fault::new(format!("{} is encrypted", entry.name)).at(place(entry)))
}
