use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{Demands, EvidenceKind, Facts, Severity, Station};

/// The embedded provisioning profile has run out, so iOS refuses the app.
pub(crate) static RULE: Rule = Rule {
    code: "PRF004",
    name: "profile-expired",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Profile,
    device_shows: "\"Unable to Install\": its integrity could not be verified; a copy installed earlier no longer opens",
    fix: "renew the profile, build or re-sign with it, and publish again",
    explains: &[],
    page: include_str!("expired.md"),
    check: Check::Demands(check),
};

fn check(bundle: &Demands, facts: &Facts<'_>) -> Checked {
    let expires_at = measured(&bundle.profile_expires_at)?;
    if *expires_at <= facts.now {
        let key = bundle.key("embedded.mobileprovision", "ExpirationDate");
        let message = format!("its provisioning profile expired on {}", expires_at.date());
        return found(Fault::new(message).at(key.seen_moment(*expires_at)));
    }
    clean()
}
