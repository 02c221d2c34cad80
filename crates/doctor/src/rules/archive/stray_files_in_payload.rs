use ipa::Package;

use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Station};

/// Beside the app, `Payload` holds something else.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP011",
    name: "stray-files-in-payload",
    severity: Severity::Warning,
    evidence: EvidenceKind::Observed,
    station: Station::Archive,
    device_shows: "mostly nothing; some versions refuse it",
    fix: "pack only the app: delete `.DS_Store` and `__MACOSX` first",
    explains: &[],
    page: include_str!("stray_files_in_payload.md"),
    check: Check::Package(check),
};

fn check(package: &Package, _: &Facts<'_>) -> Checked {
    let strays = &package.surroundings.payload_strays;
    let Some(first) = strays.first.first() else { return clean() };
    let others = if strays.count > 1 { format!(" and {} more", strays.count - 1) } else { String::new() };
    let message = format!("\"Payload\" holds {first:?}{others} beside the app");
    found(Fault::new(message).at(Evidence::at(EvidencePlace::Entry, format_args!("Payload/{first}"))))
}
