use ipa::{Bundle, Fact};
use signed_data::Certificate;
use time::UtcDateTime;

use super::{chain, named};
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

const NOT_ASKED: NotJudged = NotJudged::NotAsked {
    option: "--revocation",
    tells: "whether the certificate it is signed with was revoked",
};

fn check(bundle: &Bundle, facts: &Facts<'_>) -> Checked {
    let chain = chain(bundle)?;
    if facts.revocations.is_absent() {
        return Err(NOT_ASKED);
    }
    let revocations = measured(&facts.revocations)?;
    let mut not_told = None;
    for certificate in &chain.certificates {
        let is_signer = certificate == chain.first();
        let why = match revocations.of(certificate) {
            Some(Fact::Known(Standing::Revoked { at, reason })) => {
                return found(revoked(certificate, is_signer, *at, *reason));
            }
            Some(Fact::Known(Standing::Good { .. })) => continue,
            Some(Fact::Unreadable(why) | Fact::NotMeasured(why)) => why,
            // Roots are never asked about, and not every authority above says whom to ask.
            Some(Fact::Absent) | None if !is_signer => continue,
            Some(Fact::Absent) => "it names nobody to ask",
            None => return Err(NOT_ASKED),
        };
        not_told
            .get_or_insert_with(|| format!("whether {} was revoked was not told: {why}", named(certificate)));
    }
    not_told.map_or_else(clean, |reason| Err(NotJudged::NotMeasured(reason)))
}

fn revoked(
    certificate: &Certificate,
    is_signer: bool,
    at: UtcDateTime,
    reason: Option<&'static str>,
) -> Fault {
    let name = named(certificate);
    let reason = reason.map_or_else(String::new, |reason| format!(" ({reason})"));
    let whose = if is_signer { "the certificate it is signed with" } else { "an authority above its signer" };
    let message = format!("{whose}, {name}, was revoked on {}{reason}", at.date());
    Fault::new(message).at(Evidence::at(EvidencePlace::Certificate, name).seen_moment(at))
}
