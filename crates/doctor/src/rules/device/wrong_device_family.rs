use ipa::{BundleKind, DeviceFamily, Fact};

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found, measured};
use crate::{Demands, EvidenceKind, Facts, Severity, Station};

/// The app is not for this family of devices.
pub(crate) static RULE: Rule = Rule {
    code: "DEV003",
    name: "wrong-device-family",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Device,
    device_shows: "\"Unable to Install\" after the download",
    fix: "add the family to the target's supported destinations and build again",
    explains: &[],
    page: include_str!("wrong_device_family.md"),
    check: Check::Demands(check),
};

fn check(app: &Demands, facts: &Facts<'_>) -> Checked {
    if app.kind != BundleKind::App {
        return clean();
    }
    // Without the key an app is for the phone.
    let phone = [DeviceFamily::Phone];
    let families = match &app.device_families {
        Fact::Absent => &phone[..],
        other => measured(other)?,
    };
    let Some(model) = &facts.device.model else {
        return Err(NotJudged::NotAsked {
            option: "--device",
            tells: "whether the app is for the device's family",
        });
    };
    let fits: &[DeviceFamily] = if model.starts_with("iPhone") || model.starts_with("iPod") {
        &[DeviceFamily::Phone]
    } else if model.starts_with("iPad") || model.starts_with("RealityDevice") {
        // These run what is for the phone as well.
        &[DeviceFamily::Phone, DeviceFamily::Pad, DeviceFamily::Vision]
    } else {
        return Err(NotJudged::NotMeasured(format!("what family {model:?} is of is not known")));
    };
    if families.iter().any(|family| fits.contains(family)) {
        return clean();
    }
    let names: Vec<&str> = families.iter().map(|family| family.as_str()).collect();
    let key = app.key("Info.plist", "UIDeviceFamily");
    found(Fault::new(format!("it is for {}, and the device is an {model}", names.join(" and "))).at(key))
}
