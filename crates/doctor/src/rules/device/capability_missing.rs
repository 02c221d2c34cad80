use ipa::{BundleKind, Capability, Demand, DeviceModel, Fact};

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, measured};
use crate::{Demands, EvidenceKind, Facts, Severity, Station};

/// The app requires something that the device does not have.
pub(crate) static RULE: Rule = Rule {
    code: "DEV004",
    name: "capability-missing",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Device,
    device_shows: "\"Unable to Install\" after the download",
    fix: "take the capability out of `UIRequiredDeviceCapabilities` if the app can do without it, and build again",
    explains: &[],
    page: include_str!("capability_missing.md"),
    check: Check::Demands(check),
};

fn check(app: &Demands, facts: &Facts<'_>) -> Checked {
    // A watch app is for a watch, and an extension runs where its app does.
    if app.kind != BundleKind::App {
        return clean();
    }
    let required = match &app.capabilities {
        Fact::Absent => return clean(),
        capabilities => measured(capabilities)?,
    };
    let Some(identifier) = &facts.device.model else {
        return Err(NotJudged::NotAsked {
            option: "--device",
            tells: "whether the device has all that the app requires",
        });
    };
    let model = DeviceModel::find(identifier);
    let key = || app.key("Info.plist", "UIRequiredDeviceCapabilities");
    let name = model.map_or(identifier.as_str(), |model| model.name);
    let mut faults = Vec::new();
    let mut unknown = None;
    for Capability { name: capability, demand } in required {
        let message = match (has(model, capability), demand) {
            (Some(false), Demand::Present) => {
                format!("it requires {capability:?}, which {name} does not have")
            }
            (Some(true), Demand::Lacking) => {
                format!("it is for devices without {capability:?}, and {name} has it")
            }
            (Some(_), _) => continue,
            (None, _) => {
                unknown.get_or_insert(capability);
                continue;
            }
        };
        faults.push(Fault::new(message).at(key().seen(capability)));
    }
    match unknown {
        Some(capability) if faults.is_empty() => {
            Err(NotJudged::NotMeasured(format!("whether {name} has {capability:?} is not known")))
        }
        _ => Ok(faults),
    }
}

fn has(model: Option<DeviceModel>, capability: &str) -> Option<bool> {
    if DeviceModel::all_have(capability) { Some(true) } else { model?.has_capability(capability) }
}
