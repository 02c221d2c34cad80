use ipa::{Examined, InspectError};

use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The package holds more than one app.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP010",
    name: "several-apps",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Archive,
    device_shows: "\"Unable to Install\" after the download",
    fix: "leave one app in `Payload`",
    explains: &[],
    page: include_str!("several_apps.md"),
    check: Check::Examined(check),
};

fn check(examined: &Examined, _: &Facts<'_>) -> Checked {
    match &examined.package {
        Err(error @ InspectError::SeveralApps { .. }) => found(Fault::new(error.to_string())),
        _ => clean(),
    }
}
