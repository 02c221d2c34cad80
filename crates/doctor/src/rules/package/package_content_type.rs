use super::served;
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::rules::answer::{address, header, shown};
use crate::{EvidenceKind, Facts, PackageFetch, Severity, Station};

/// Types under which packages are sent: what Apple documents, and what says the same or no more.
const FINE: [&str; 12] = [
    "application/octet-stream",
    "binary/octet-stream",
    "application/zip",
    "application/x-zip",
    "application/x-zip-compressed",
    "application/x-itunes-ipa",
    "application/x-ios-app",
    "application/iphone",
    "application/vnd.iphone",
    "application/iphone-package-archive",
    "application/x-download",
    "application/force-download",
];

/// The package is sent as something else.
pub(crate) static RULE: Rule = Rule {
    code: "PKG008",
    name: "package-content-type",
    severity: Severity::Warning,
    evidence: EvidenceKind::Documented,
    station: Station::PackageFetch,
    device_shows: "nothing out of the ordinary, as far as is known: devices were seen to take other types",
    fix: "send the package with `Content-Type: application/octet-stream`",
    explains: &[],
    page: include_str!("package_content_type.md"),
    check: Check::PackageFetch(check),
};

fn check(fetched: &PackageFetch, _: &Facts<'_>) -> Checked {
    let place = address(fetched.get.by_installer.last());
    match served(fetched)?.content_type() {
        Some(kind) if FINE.contains(&kind.as_str()) => clean(),
        Some(kind) => {
            let message = format!("the package is sent as {}, not as application/octet-stream", shown(&kind));
            found(Fault::new(message).at(place).at(header("Content-Type", &kind)))
        }
        None => found(Fault::new("the package is sent without a `Content-Type`").at(place)),
    }
}
