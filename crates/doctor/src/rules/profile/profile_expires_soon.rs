use time::Duration;

use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{Demands, EvidenceKind, Facts, Severity, Station};

/// The embedded provisioning profile runs out within a month.
pub(crate) static RULE: Rule = Rule {
    code: "PRF005",
    name: "profile-expires-soon",
    severity: Severity::Warning,
    evidence: EvidenceKind::Documented,
    station: Station::Profile,
    device_shows: "nothing yet; from that day on the app neither installs nor opens",
    fix: "renew the profile and publish a new build before it runs out",
    explains: &[],
    page: include_str!("profile_expires_soon.md"),
    check: Check::Demands(check),
};

/// From when on it is told.
const AHEAD: Duration = Duration::days(30);

fn check(bundle: &Demands, facts: &Facts<'_>) -> Checked {
    let expires_at = *measured(&bundle.profile_expires_at)?;
    let left = expires_at - facts.now;
    if left <= Duration::ZERO || left > AHEAD {
        return clean();
    }
    let key = bundle.key("embedded.mobileprovision", "ExpirationDate").seen_moment(expires_at);
    found(Fault::new(format!("its provisioning profile expires on {}", expires_at.date())).at(key))
}
