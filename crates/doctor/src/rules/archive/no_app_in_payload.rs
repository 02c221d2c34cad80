use ipa::{Examined, InspectError};

use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The archive is readable, but there is no app where a device looks for one.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP009",
    name: "no-app-in-payload",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Archive,
    device_shows: "\"Unable to Install\" after the download",
    fix: "export the archive from Xcode again, or zip the folder `Payload` itself and not the folder around it",
    explains: &[],
    page: include_str!("no_app_in_payload.md"),
    check: Check::Examined(check),
};

fn check(examined: &Examined, _: &Facts<'_>) -> Checked {
    match &examined.package {
        Err(
            error @ (InspectError::NoPayload { .. }
            | InspectError::Wrapped { .. }
            | InspectError::BareApp { .. }
            | InspectError::XcodeArchive { .. }
            | InspectError::PackedAgain { .. }
            | InspectError::NoApp { .. }),
        ) => found(Fault::new(error.to_string())),
        _ => clean(),
    }
}
