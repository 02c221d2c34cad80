use ipa::{BundleKind, Fact};

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found, measured};
use crate::{Demands, EvidenceKind, Facts, Severity, Station};

/// The package is a thinned one, for other models than this.
pub(crate) static RULE: Rule = Rule {
    code: "DEV005",
    name: "thinned-for-other-models",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Device,
    device_shows: "\"Unable to Install\" after the download",
    fix: "export without app thinning, or offer each model its own package",
    explains: &[],
    page: include_str!("thinned_for_other_models.md"),
    check: Check::Demands(check),
};

fn check(app: &Demands, facts: &Facts<'_>) -> Checked {
    if app.kind != BundleKind::App || matches!(app.supported_devices, Fact::Absent) {
        return clean();
    }
    let models = measured(&app.supported_devices)?;
    let Some(model) = &facts.device.model else {
        return Err(NotJudged::NotAsked {
            option: "--device",
            tells: "whether the package is for the device's model",
        });
    };
    if models.is_empty() || models.iter().any(|supported| supported == model) {
        return clean();
    }
    let key = app.key("Info.plist", "UISupportedDevices").seen(models.join(", "));
    found(
        Fault::new(format!("it is thinned for {} models, and {model} is not among them", models.len()))
            .at(key),
    )
}
