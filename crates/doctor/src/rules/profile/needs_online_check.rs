use ipa::{Bundle, BundleKind, LaunchCheck, SigningKind};

use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{EvidenceKind, Facts, Severity, Station};

/// At its first launch the device asks Apple about the app.
pub(crate) static RULE: Rule = Rule {
    code: "PRF013",
    name: "needs-online-check",
    severity: Severity::Note,
    evidence: EvidenceKind::Documented,
    station: Station::Device,
    device_shows: "\"Unable to Verify App\" when the app is opened without a network",
    fix: "have the device reach ppq.apple.com when the app is opened first",
    explains: &[],
    page: include_str!("needs_online_check.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let profile = measured(&bundle.profile)?;
    let is_demanded = profile.launch_check.known() == Some(&LaunchCheck::Demanded);
    if bundle.kind == BundleKind::App && (is_demanded || profile.kind == SigningKind::InHouse) {
        return found(Fault::new("at its first launch the device must reach ppq.apple.com"));
    }
    clean()
}
