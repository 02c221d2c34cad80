use signed_data::KeyStrength;

use super::{at, called, spoken, up_to_private_root};
use crate::rule::{Check, Checked, Fault, Rule, found_all};
use crate::{EvidenceKind, Facts, Host, Severity, Station};

/// A key in the chain is too weak, or of a kind that devices don't know.
pub(crate) static RULE: Rule = Rule {
    code: "TLS007",
    name: "weak-key",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Tls,
    device_shows: "\"Cannot connect to\" the host, or \"The certificate for\" the host \"is not valid\"",
    fix: "make a key on P-256 or of RSA with 2048 bits, and get a certificate for it",
    explains: &[],
    page: include_str!("weak_key.md"),
    check: Check::EachHost(check),
};

/// The least that devices take, in bits.
const RSA_BITS: usize = 2048;
const CURVE_BITS: usize = 256;

fn check(host: &Host, _: &Facts<'_>) -> Checked {
    let tls = spoken(host)?;
    found_all(up_to_private_root(tls).iter().filter_map(|certificate| {
        let strength = certificate.public_key().strength();
        let expected = match strength {
            KeyStrength::Rsa { bits } if bits < RSA_BITS => format!("of RSA {RSA_BITS} bits are the least"),
            KeyStrength::Curve { bits } if bits < CURVE_BITS => "P-256 is the least".to_owned(),
            KeyStrength::Rsa { .. } | KeyStrength::Curve { .. } => return None,
            _ => "devices take RSA and the curves P-256, P-384 and P-521".to_owned(),
        };
        let message =
            format!("{} of {} is for {strength}, where {expected}", called(tls, certificate), host.title());
        Some(Fault::new(message).at(at(certificate).seen(strength)))
    }))
}
