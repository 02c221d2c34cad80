use ipa::{ArchiveError, Examined, FileKind, InspectError, NoArchive};

use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Station};

/// What should be a package is something else.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP017",
    name: "not-an-archive",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Archive,
    device_shows: "\"Unable to Install\", or \"Unable to Download App\"",
    fix: "name the package itself: a file that begins with the letters `PK`",
    explains: &["no-app-in-payload"],
    page: include_str!("not_an_archive.md"),
    check: Check::Examined(check),
};

fn check(examined: &Examined, _: &Facts<'_>) -> Checked {
    let is_cut = matches!(&examined.archive, Err(NoArchive { cut: Some(_) }));
    // Whatever stands in front, it has an archive's end.
    let is_damaged = matches!(
        &examined.package,
        Err(InspectError::Archive(ArchiveError::Directory { .. } | ArchiveError::DirectoryPlace { .. }))
    );
    let begins_as_one = matches!(examined.kind, FileKind::Zip | FileKind::SplitZip);
    if examined.archive.is_ok() || is_cut || is_damaged || begins_as_one {
        return clean();
    }
    let message = format!("it is no zip archive but {}", examined.kind);
    found(Fault::new(message).at(Evidence::at(EvidencePlace::ByteOffset, 0)))
}
