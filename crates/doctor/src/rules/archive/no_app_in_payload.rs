use ipa::{InspectError, Package};

use crate::rule::{Check, Facts, Rule, Verdict, clean, found};
use crate::{EvidenceKind, Severity, Station};

/// The archive is readable, but there is no app where a device looks for one.
pub(crate) static RULE: Rule = Rule {
    code: "ZIP009",
    name: "no-app-in-payload",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Archive,
    device_shows: "\"Unable to Install\" after the download",
    fix: "export the archive from Xcode again, or zip the folder `Payload` itself and not the folder around it",
    page: include_str!("no_app_in_payload.md"),
    check: Check::Package(check),
};

fn check(package: &Result<Package, InspectError>, _: &Facts<'_>) -> Verdict {
    match package {
        Err(
            error @ (InspectError::NoPayload { .. }
            | InspectError::Wrapped { .. }
            | InspectError::BareApp { .. }
            | InspectError::NoApp { .. }),
        ) => found(error.to_string()),
        _ => clean(),
    }
}
