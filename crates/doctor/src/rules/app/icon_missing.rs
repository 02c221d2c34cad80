use ipa::{Bundle, BundleKind};

use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{Evidence, EvidenceKind, Facts, Severity, Station};

/// The app has no icon.
pub(crate) static RULE: Rule = Rule {
    code: "APP010",
    name: "icon-missing",
    severity: Severity::Warning,
    evidence: EvidenceKind::Known,
    station: Station::App,
    device_shows: "a blank or generic icon on the home screen",
    fix: "add an icon set to the asset catalogue and name it in the target's settings",
    explains: &[],
    page: include_str!("icon_missing.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    if bundle.kind != BundleKind::App {
        return clean();
    }
    let icons = &measured(&bundle.info)?.icons;
    if icons.files.is_empty() && icons.assets.is_empty() {
        let key = Evidence::key(bundle, "Info.plist", "CFBundleIcons");
        return found(Fault::new("its `Info.plist` names no icon").at(key));
    }
    clean()
}
