use ipa::Bundle;

use super::{certificate, named};
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Station};

/// The certificate the app is signed with has run out.
pub(crate) static RULE: Rule = Rule {
    code: "SIG006",
    name: "signer-expired",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Signature,
    device_shows: "\"Unable to Install\": its integrity could not be verified",
    fix: "renew the certificate and the profile, and sign again",
    explains: &[],
    page: include_str!("signer_expired.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, facts: &Facts<'_>) -> Checked {
    let signer = certificate(bundle)?;
    if signer.not_after() > facts.now {
        return clean();
    }
    let message = format!("the certificate it is signed with expired on {}", signer.not_after().date());
    found(
        Fault::new(message)
            .at(Evidence::at(EvidencePlace::Certificate, named(signer)).seen_moment(signer.not_after())),
    )
}
