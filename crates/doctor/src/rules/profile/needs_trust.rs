use ipa::{Bundle, BundleKind, SigningKind};

use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The app is signed in-house, so people must trust its developer once.
pub(crate) static RULE: Rule = Rule {
    code: "PRF012",
    name: "needs-trust",
    severity: Severity::Note,
    evidence: EvidenceKind::Documented,
    station: Station::Device,
    device_shows: "\"Untrusted Enterprise Developer\" when the app is opened",
    fix: "on the device: Settings, General, VPN & Device Management, the organisation, Trust",
    explains: &[],
    page: include_str!("needs_trust.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let profile = measured(&bundle.profile)?;
    if bundle.kind != BundleKind::App || profile.kind != SigningKind::InHouse {
        return clean();
    }
    let whose =
        profile.team_name.known().map_or_else(|| "its organisation".to_owned(), |team| format!("{team:?}"));
    found(Fault::new(format!("it is signed in-house: whoever installs it must trust {whose} once")))
}
