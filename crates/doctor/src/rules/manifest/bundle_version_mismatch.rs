use itms_services::ManifestDocument;

use super::{app_info, identifier, key, metadata_that_counts};
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
    let items = metadata_that_counts(manifest, facts);
    let of_app = items.iter().find(|(_, metadata)| identifier(*metadata).is_none_or(|id| id == bundle_id));
    let told = of_app.and_then(|(index, metadata)| Some((index, metadata.bundle_version().seen()?)));
    let Some((index, told)) = told else { return clean() };
    if told == actual {
        return clean();
    }
    let message = format!("the manifest says build {told:?}, the app in the package is build {actual:?}");
    found(Fault::new(message).at(key(format_args!("items[{index}].metadata.bundle-version")).seen(told)))
}
