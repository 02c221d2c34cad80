use ipa::{Bundle, BundleKind, Devices};

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found, measured};
use crate::{Evidence, EvidenceKind, Facts, Severity, Station};

/// The profile lists devices, and this one is not among them.
pub(crate) static RULE: Rule = Rule {
    code: "DEV001",
    name: "device-not-in-profile",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Device,
    device_shows: "\"Unable to Install\": its integrity could not be verified",
    fix: "register the device, renew the profile with it, and sign again",
    explains: &[],
    page: include_str!("device_not_in_profile.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, facts: &Facts<'_>) -> Checked {
    let devices = &measured(&bundle.profile)?.devices;
    // A watch app is for a watch, whose id is another.
    if bundle.kind == BundleKind::WatchApp || bundle.path.contains("/Watch/") {
        return clean();
    }
    let Devices::Listed { udids, .. } = devices else { return clean() };
    let Some(udid) = &facts.device.udid else {
        return Err(NotJudged::NotAsked { option: "--udid", tells: "whether the profile lists the device" });
    };
    if devices.include(udid) {
        return clean();
    }
    let message =
        format!("its provisioning profile lists {} devices, and this one is not among them", udids.len());
    found(Fault::new(message).at(Evidence::key(bundle, "embedded.mobileprovision", "ProvisionedDevices")))
}
