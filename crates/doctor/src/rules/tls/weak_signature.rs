use signed_data::SignatureDigest;

use super::{at, below_root, called, spoken};
use crate::rule::{Check, Checked, Fault, Rule, found_all};
use crate::{EvidenceKind, Facts, Host, Severity, Station};

/// A certificate in the chain is signed over a broken digest.
pub(crate) static RULE: Rule = Rule {
    code: "TLS008",
    name: "weak-signature",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Tls,
    device_shows: "\"Cannot connect to\" the host, or \"The certificate for\" the host \"is not valid\"",
    fix: "get a certificate whose authority signs over SHA-256",
    explains: &[],
    page: include_str!("weak_signature.md"),
    check: Check::EachHost(check),
};

fn check(host: &Host, _: &Facts<'_>) -> Checked {
    let tls = spoken(host)?;
    found_all(below_root(tls).iter().filter_map(|certificate| {
        let digest = certificate.signature_algorithm().signature_digest()?;
        if digest == SignatureDigest::Sha2 {
            return None;
        }
        let message = format!(
            "{} of {} is signed over {digest}, where devices take SHA-2 alone",
            called(tls, certificate),
            host.title()
        );
        Some(Fault::new(message).at(at(certificate).seen(digest)))
    }))
}
