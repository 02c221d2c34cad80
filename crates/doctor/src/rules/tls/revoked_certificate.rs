use ipa::Fact;

use super::{at, below_root, called, leaf, spoken};
use crate::rule::{Check, Checked, Fault, NotJudged, Rule, found_all};
use crate::{EvidenceKind, Facts, Host, Severity, Standing, Station};

/// The authority has taken the certificate back.
pub(crate) static RULE: Rule = Rule {
    code: "TLS012",
    name: "revoked-certificate",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Tls,
    device_shows: "\"Cannot connect to\" the host, or \"The certificate for\" the host \"is not valid\"",
    fix: "make a new key, and get a new certificate for it",
    explains: &[],
    page: include_str!("revoked_certificate.md"),
    check: Check::EachHost(check),
};

const NOT_ASKED: NotJudged =
    NotJudged::NotAsked { option: "--revocation", tells: "whether a host's certificate was revoked" };

fn check(host: &Host, facts: &Facts<'_>) -> Checked {
    let tls = spoken(host)?;
    let leaf = leaf(tls)?;
    let revocations = match &facts.revocations {
        Fact::Known(revocations) => revocations,
        Fact::Absent => return Err(NOT_ASKED),
        Fact::Unreadable(reason) | Fact::NotMeasured(reason) => {
            return Err(NotJudged::NotMeasured(reason.clone()));
        }
    };
    let revoked: Vec<_> = below_root(tls)
        .iter()
        .filter_map(|certificate| match revocations.of(certificate)? {
            Fact::Known(Standing::Revoked { at: moment, reason }) => Some((certificate, *moment, *reason)),
            _ => None,
        })
        .collect();
    if below_root(tls).is_empty() {
        return Err(NotJudged::NotMine);
    }
    if revoked.is_empty() {
        return match revocations.of(leaf) {
            Some(Fact::Known(_)) => found_all([]),
            // It says nowhere who is to be asked.
            Some(Fact::Absent) => Err(NotJudged::NotMine),
            Some(Fact::Unreadable(reason) | Fact::NotMeasured(reason)) => {
                Err(NotJudged::NotMeasured(reason.clone()))
            }
            None => Err(NOT_ASKED),
        };
    }
    found_all(revoked.into_iter().map(|(certificate, moment, reason)| {
        let why = reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
        let message =
            format!("{} of {} was revoked on {}{why}", called(tls, certificate), host.title(), moment.date());
        Fault::new(message).at(at(certificate).seen_moment(moment))
    }))
}
