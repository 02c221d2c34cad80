use super::known_issuer::advice;
use super::origin::{Origin, origin};
use super::{at, leaf, spoken};
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::rules::authority::named;
use crate::{EvidenceKind, Facts, Host, Severity, Station};

/// The certificate vouches for itself.
pub(crate) static RULE: Rule = Rule {
    code: "TLS005",
    name: "self-signed-certificate",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Tls,
    device_shows: "\"Cannot connect to\" the host, or \"The certificate for\" the host \"is not valid\"",
    fix: "get a certificate from a public authority such as Let's Encrypt, or from a private one whose root devices trust",
    // Another certificate is needed, which has none of its faults.
    explains: &[
        "certificate-expired",
        "certificate-not-yet-valid",
        "certificate-name-mismatch",
        "weak-key",
        "weak-signature",
        "lifetime-too-long",
        "missing-server-auth",
    ],
    page: include_str!("self_signed_certificate.md"),
    check: Check::EachHost(check),
};

fn check(host: &Host, facts: &Facts<'_>) -> Checked {
    let Origin::Itself = origin(host, facts)? else { return clean() };
    let leaf = leaf(spoken(host)?)?;
    let message = format!("{} has a certificate that it issued to itself: {}", host.title(), named(leaf));
    let fault = Fault::new(message).at(at(leaf));
    found(match advice(leaf) {
        Some(advice) => fault.mended_by(advice),
        None => fault,
    })
}
