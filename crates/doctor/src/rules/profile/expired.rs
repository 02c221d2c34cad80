use ipa::Bundle;

use crate::rule::{Check, Facts, Rule, Verdict, clean, found, measured};
use crate::{EvidenceKind, Severity, Station};

/// The embedded provisioning profile has run out, so iOS refuses the app.
pub(crate) static RULE: Rule = Rule {
    code: "PRF004",
    name: "profile-expired",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Profile,
    device_shows: "\"Unable to Install\": its integrity could not be verified; a copy installed earlier no longer opens",
    fix: "renew the profile, build or re-sign with it, and publish again",
    page: include_str!("expired.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, facts: &Facts<'_>) -> Verdict {
    let profile = measured(&bundle.profile)?;
    let expires_at = measured(&profile.expires_at)?;
    if *expires_at <= facts.now {
        return found(format!("its provisioning profile expired on {}", expires_at.date()));
    }
    clean()
}
