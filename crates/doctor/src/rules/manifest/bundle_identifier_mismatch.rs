use itms_services::ManifestDocument;

use super::{app_info, identifier, key, metadata_that_counts};
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
    let items = metadata_that_counts(manifest, facts);
    let mut told = items.iter().filter_map(|(index, metadata)| Some((index, identifier(*metadata)?)));
    let Some((index, first)) = told.next() else { return clean() };
    if first == actual || told.any(|(_, other)| other == actual) {
        return clean();
    }
    let message = format!("the manifest says {first:?}, the app in the package is {actual:?}");
    let key = key(format!("items[{index}].metadata.bundle-identifier")).seen(first);
    found(Fault::new(message).at(key).mended_by(format!("write `{actual}` into `bundle-identifier`")))
}
