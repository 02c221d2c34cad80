use ipa::{Bundle, Platform};

use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The app was built for the simulator, which runs on a Mac.
pub(crate) static RULE: Rule = Rule {
    code: "APP005",
    name: "simulator-build",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::App,
    device_shows: "\"Unable to Install\" after the download",
    fix: "build for a device: archive with the destination \"Any iOS Device (arm64)\", then export",
    explains: &["no-device-architecture", "not-an-ios-app"],
    page: include_str!("simulator_build.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let platforms = measured(&bundle.info)?.platforms();
    let platforms = measured(&platforms)?;
    let simulator = platforms.iter().find(|platform| {
        use Platform::{IosSimulator, TvOsSimulator, VisionOsSimulator, WatchOsSimulator};
        matches!(platform, IosSimulator | TvOsSimulator | VisionOsSimulator | WatchOsSimulator)
    });
    match simulator {
        Some(simulator) => {
            found(Fault::new(format!("it was built for the simulator ({simulator}), not for a device")))
        }
        None => clean(),
    }
}
