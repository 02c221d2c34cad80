use ipa::{Bundle, BundleKind, Membership};

use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{Evidence, EvidenceKind, Facts, Severity, Station};

/// The profile is a free team's: it lasts seven days and is meant for one's own devices.
pub(crate) static RULE: Rule = Rule {
    code: "PRF007",
    name: "free-team-profile",
    severity: Severity::Warning,
    evidence: EvidenceKind::Documented,
    station: Station::Profile,
    device_shows: "it installs on the listed devices for seven days at most",
    fix: "join the Apple Developer Program, and sign with a profile of that team",
    explains: &[],
    page: include_str!("free_team_profile.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let profile = measured(&bundle.profile)?;
    if bundle.kind != BundleKind::App || profile.membership == Membership::Paid {
        return clean();
    }
    let key = Evidence::key(bundle, "embedded.mobileprovision", "LocalProvision").seen("true");
    found(Fault::new("its provisioning profile is a free team's").at(key))
}
