use itms_services::{AssetKind, ManifestDocument};

use super::{each_asset, key, shown_url};
use crate::rule::{Check, Checked, Fault, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// A download is named by an address that is not `https`.
pub(crate) static RULE: Rule = Rule {
    code: "MAN009",
    name: "package-url-not-https",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Manifest,
    device_shows: "\"Unable to Download App\"; some systems were seen to accept it",
    fix: "serve the package over https and write https into the manifest",
    explains: &[],
    page: include_str!("package_url_not_https.md"),
    check: Check::Manifest(check),
};

fn check(manifest: &ManifestDocument, _: &Facts<'_>) -> Checked {
    each_asset(manifest, |asset, kind| {
        let url = asset.url().seen()?.trim();
        let (scheme, _) = url.split_once("://")?;
        if scheme.eq_ignore_ascii_case("https") {
            return None;
        }
        let message = format!("the {kind}'s address is {scheme}, not https");
        let fault = Fault::new(message).at(key(format!("{}.url", asset.path())).seen(shown_url(url)));
        Some(if kind == AssetKind::SoftwarePackage { fault } else { fault.lighter(Severity::Warning) })
    })
}
