use ipa::{Bundle, Encryption};

use super::executable;
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{Evidence, EvidenceKind, Facts, Severity, Station};

/// The executable is encrypted by the App Store for the Apple account that bought it.
pub(crate) static RULE: Rule = Rule {
    code: "APP006",
    name: "encrypted-executable",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::App,
    device_shows: "\"Unable to Install\" after the download, or the app quits as it opens",
    fix: "export your own build; a copy taken from the App Store can't be passed on",
    explains: &["app-store-profile"],
    page: include_str!("encrypted_executable.md"),
    check: Check::EachCode(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let executable = executable(bundle)?;
    for slice in &executable.slices {
        if let Some(Encryption::Encrypted(number)) = slice.encryption.known() {
            let place = Evidence::key(bundle, bundle.file_name(), "LC_ENCRYPTION_INFO: cryptid").seen(number);
            let message = format!("its executable is encrypted for the App Store ({})", slice.cpu);
            return found(Fault::new(message).at(place));
        }
    }
    clean()
}
