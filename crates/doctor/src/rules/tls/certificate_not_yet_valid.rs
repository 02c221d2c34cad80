use super::{at, called, leaf, spoken, up_to_private_root};
use crate::rule::{Check, Checked, Fault, Rule, found_all};
use crate::{EvidenceKind, Facts, Host, Severity, Station};

/// The certificate is not valid yet.
pub(crate) static RULE: Rule = Rule {
    code: "TLS002",
    name: "certificate-not-yet-valid",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Tls,
    device_shows: "\"Cannot connect to\" the host, until that moment",
    fix: "set the clock of the machine that made the certificate, and make it anew; or wait",
    explains: &[],
    page: include_str!("certificate_not_yet_valid.md"),
    check: Check::EachHost(check),
};

fn check(host: &Host, facts: &Facts<'_>) -> Checked {
    let tls = spoken(host)?;
    let leaf = std::slice::from_ref(leaf(tls)?);
    let certificates = Some(up_to_private_root(tls)).filter(|chain| !chain.is_empty()).unwrap_or(leaf);
    let early = certificates.iter().filter(|one| one.not_before() > facts.now);
    found_all(early.map(|one| {
        let message = format!(
            "{} of {} is valid from {} on, and not before",
            called(tls, one),
            host.title(),
            one.not_before().date()
        );
        Fault::new(message).at(at(one).seen_moment(one.not_before()))
    }))
}
