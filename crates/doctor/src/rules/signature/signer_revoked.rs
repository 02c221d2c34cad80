use ipa::{Bundle, Fact};

use super::{certificate, named};
use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found, measured};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Standing, Station};

/// The certificate the app is signed with was revoked.
pub(crate) static RULE: Rule = Rule {
    code: "SIG008",
    name: "signer-revoked",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Signature,
    device_shows: "\"Unable to Install\": its integrity could not be verified; a copy installed earlier no longer opens",
    fix: "make a new certificate and a profile with it, sign again and publish again",
    explains: &[],
    page: include_str!("signer_revoked.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, facts: &Facts<'_>) -> Checked {
    let signer = certificate(bundle)?;
    if facts.revocations.is_absent() {
        return Err(NotJudged::NotAsked {
            option: "--revocation",
            tells: "whether the certificate it is signed with was revoked",
        });
    }
    let standing = measured(&facts.revocations)?.of(signer);
    let not_told = |why: &str| {
        NotJudged::NotMeasured(format!("whether {} was revoked was not told: {why}", named(signer)))
    };
    let standing = match standing {
        Some(Fact::Known(standing)) => standing,
        Some(Fact::Unreadable(why) | Fact::NotMeasured(why)) => return Err(not_told(why)),
        Some(Fact::Absent) => return Err(not_told("it names nobody to ask")),
        None => return Err(not_told("nobody was asked")),
    };
    let Standing::Revoked { at, reason } = standing else { return clean() };
    let reason = reason.map_or_else(String::new, |reason| format!(" ({reason})"));
    let message =
        format!("the certificate it is signed with, {}, was revoked on {}{reason}", named(signer), at.date());
    found(Fault::new(message).at(Evidence::at(EvidencePlace::Certificate, named(signer)).seen_moment(*at)))
}
