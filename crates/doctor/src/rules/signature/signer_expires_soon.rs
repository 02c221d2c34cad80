use ipa::Bundle;
use time::Duration;

use super::{certificate, named};
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Station};

/// The certificate the app is signed with runs out within a month.
pub(crate) static RULE: Rule = Rule {
    code: "SIG007",
    name: "signer-expires-soon",
    severity: Severity::Warning,
    evidence: EvidenceKind::Documented,
    station: Station::Signature,
    device_shows: "nothing yet; from that day on the app does not install",
    fix: "renew the certificate and the profile, and publish a new build before",
    explains: &[],
    page: include_str!("signer_expires_soon.md"),
    check: Check::EachBundle(check),
};

/// From when on it is told.
const AHEAD: Duration = Duration::days(30);

fn check(bundle: &Bundle, facts: &Facts<'_>) -> Checked {
    let signer = certificate(bundle)?;
    let left = signer.not_after() - facts.now;
    if left <= Duration::ZERO || left > AHEAD {
        return clean();
    }
    let message = format!("the certificate it is signed with expires on {}", signer.not_after().date());
    found(Fault::new(message).at(Evidence::at(EvidencePlace::Certificate, named(signer))))
}
