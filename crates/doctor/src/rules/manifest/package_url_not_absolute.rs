use itms_services::{AssetKind, ManifestDocument};

use super::{each_asset, key, shown_url};
use crate::rule::{Check, Checked, Fault, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// A download is named by an address without a host.
pub(crate) static RULE: Rule = Rule {
    code: "MAN010",
    name: "package-url-not-absolute",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Manifest,
    device_shows: "\"Cannot connect to\" the manifest's host",
    fix: "write the whole address of the package, from https:// on",
    explains: &[],
    page: include_str!("package_url_not_absolute.md"),
    check: Check::Manifest(check),
};

fn check(manifest: &ManifestDocument, _: &Facts<'_>) -> Checked {
    each_asset(manifest, |asset, kind| {
        let url = asset.url().seen()?.trim();
        let host = url.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or(""));
        if host.is_some_and(|host| !host.is_empty()) {
            return None;
        }
        let message = format!("the {kind}'s address has no host");
        let fault = Fault::new(message).at(key(format!("{}.url", asset.path())).seen(shown_url(url)));
        Some(if kind == AssetKind::SoftwarePackage { fault } else { fault.lighter(Severity::Warning) })
    })
}
