use itms_services::ManifestDocument;

use super::{app_info, key};
use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The manifest speaks of another app than the package holds.
pub(crate) static RULE: Rule = Rule {
    code: "MAN006",
    name: "bundle-identifier-mismatch",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::App,
    device_shows: "the download runs to its end; then the icon vanishes without a message",
    fix: "write the app's own `CFBundleIdentifier` into `bundle-identifier`",
    explains: &[],
    page: include_str!("bundle_identifier_mismatch.md"),
    check: Check::Manifest(check),
};

fn check(manifest: &ManifestDocument, facts: &Facts<'_>) -> Checked {
    let actual = measured(&app_info(facts)?.bundle_id)?.as_str();
    let view = manifest.device_view(facts.device.model.as_deref());
    let mut offered = view.offered();
    let Some(first) = offered.next() else { return clean() };
    if first.bundle_identifier == actual || offered.any(|app| app.bundle_identifier == actual) {
        return clean();
    }
    let told = first.bundle_identifier;
    let message = format!("the manifest says {told:?}, the app in the package is {actual:?}");
    let key = key(format!("items[{}].metadata.bundle-identifier", first.index)).seen(told);
    found(Fault::new(message).at(key).mended_by(format!("write `{actual}` into `bundle-identifier`")))
}
