use itms_services::ManifestDocument;

use super::{app_info, key};
use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The manifest tells another build number than the package has.
pub(crate) static RULE: Rule = Rule {
    code: "MAN007",
    name: "bundle-version-mismatch",
    severity: Severity::Warning,
    evidence: EvidenceKind::Observed,
    station: Station::App,
    device_shows: "nothing; a warning in the device's log",
    fix: "write the app's own `CFBundleVersion` into `bundle-version`",
    explains: &[],
    page: include_str!("bundle_version_mismatch.md"),
    check: Check::Manifest(check),
};

fn check(manifest: &ManifestDocument, facts: &Facts<'_>) -> Checked {
    let info = app_info(facts)?;
    let actual = measured(&info.build_number)?.as_str();
    let bundle_id = measured(&info.bundle_id)?.as_str();
    let view = manifest.device_view(facts.device.model.as_deref());
    let app = view.offered().find(|app| app.bundle_identifier == bundle_id);
    let Some((app, told)) = app.and_then(|app| Some((app, app.bundle_version?))) else { return clean() };
    if told == actual {
        return clean();
    }
    let message = format!("the manifest says build {told:?}, the app in the package is build {actual:?}");
    found(Fault::new(message).at(key(format!("items[{}].metadata.bundle-version", app.index)).seen(told)))
}
