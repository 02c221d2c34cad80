use itms_services::{AssetKind, ManifestDocument};

use super::placeholder_left::placeholder;
use super::{each_asset, key, shown_url};
use crate::rule::{Check, Checked, Fault, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The address of a download holds a character that an address can't.
pub(crate) static RULE: Rule = Rule {
    code: "MAN018",
    name: "package-url-invalid",
    severity: Severity::Warning,
    evidence: EvidenceKind::Observed,
    station: Station::Manifest,
    device_shows: "on iOS 16 and older \"Cannot connect to\" the manifest's host",
    fix: "write it percent-encoded, a space as `%20`",
    explains: &[],
    page: include_str!("package_url_invalid.md"),
    check: Check::Manifest(check),
};

fn check(manifest: &ManifestDocument, _: &Facts<'_>) -> Checked {
    each_asset(manifest, |asset, kind| {
        let url = asset.url().seen()?.trim();
        let odd = asset.illegal_character().filter(|_| url.contains("://") && placeholder(url).is_none())?;
        let message = format!("the {kind}'s address holds {odd:?}");
        let fault = Fault::new(message).at(key(format!("{}.url", asset.path())).seen(shown_url(url)));
        Some(if kind == AssetKind::SoftwarePackage { fault } else { fault.lighter(Severity::Note) })
    })
}
