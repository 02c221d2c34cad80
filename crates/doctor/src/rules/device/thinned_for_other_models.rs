use ipa::{Bundle, BundleKind, Fact};

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found, measured};
use crate::{Evidence, EvidenceKind, Facts, Severity, Station};

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
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, facts: &Facts<'_>) -> Checked {
    let models = &measured(&bundle.info)?.supported_devices;
    if bundle.kind != BundleKind::App || matches!(models, Fact::Absent) {
        return clean();
    }
    let models = measured(models)?;
    let Some(model) = &facts.device.model else {
        return Err(NotJudged::NotAsked {
            option: "--device",
            tells: "whether the package is for the device's model",
        });
    };
    if models.is_empty() || models.iter().any(|supported| supported == model) {
        return clean();
    }
    let key = Evidence::key(bundle, "Info.plist", "UISupportedDevices").seen(models.join(", "));
    found(
        Fault::new(format!("it is thinned for {} models, and {model} is not among them", models.len()))
            .at(key),
    )
}
