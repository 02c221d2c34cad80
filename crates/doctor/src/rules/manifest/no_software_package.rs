use itms_services::{AssetKind, Field, ManifestDocument};

use super::{each_item, key};
use crate::rule::{Check, Checked, Fault, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// An item names no package to download.
pub(crate) static RULE: Rule = Rule {
    code: "MAN002",
    name: "no-software-package",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Manifest,
    device_shows: "\"Cannot connect to\" the manifest's host",
    fix: "add an asset of kind `software-package` with the package's https address",
    explains: &[],
    page: include_str!("no_software_package.md"),
    check: Check::Manifest(check),
};

fn check(manifest: &ManifestDocument, _: &Facts<'_>) -> Checked {
    each_item(manifest, |item| {
        let assets = item.assets().seen().unwrap_or_default();
        let thinned = item.thinned_assets().seen().unwrap_or_default();
        let is_package = |kind: Field<'_, &str>| kind.seen() == Some(AssetKind::SoftwarePackage.as_str());
        let package = assets.iter().chain(&thinned).find(|asset| is_package(asset.kind()));
        let message = match package.map(|asset| (asset.path(), asset.url())) {
            Some((_, Field::Seen(_))) => return None,
            Some((path, _)) => {
                return Some(Fault::new("the package has no `url`").at(key(format!("{path}.url"))));
            }
            None if assets.is_empty() => "the item has no `assets`".to_owned(),
            None => format!("none of the item's {} assets is a `software-package`", assets.len()),
        };
        Some(Fault::new(message).at(key(format!("items[{}].assets", item.index()))))
    })
}
