use ipa::BundleKind;

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found, measured};
use crate::{Demands, EvidenceKind, Facts, Severity, Station};

/// The device's system is older than the app demands.
pub(crate) static RULE: Rule = Rule {
    code: "DEV002",
    name: "os-too-old",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Device,
    device_shows: "\"Unable to Install\": the app needs a newer iOS",
    fix: "update the device, or build with a lower deployment target",
    explains: &[],
    page: include_str!("os_too_old.md"),
    check: Check::Demands(check),
};

fn check(app: &Demands, facts: &Facts<'_>) -> Checked {
    if app.kind != BundleKind::App {
        return clean();
    }
    let minimum = measured(&app.minimum_os)?;
    let Some(os) = &facts.device.os else {
        return Err(NotJudged::NotAsked {
            option: "--ios",
            tells: "whether the device's system is new enough",
        });
    };
    if os >= minimum {
        return clean();
    }
    let key = app.key("Info.plist", "MinimumOSVersion").seen(minimum);
    found(Fault::new(format!("it needs iOS {minimum}, and the device has {os}")).at(key))
}
