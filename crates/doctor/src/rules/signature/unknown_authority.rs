use ipa::Bundle;

use super::{named, signature};
use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found, measured};
use crate::rules::authority::{checked, stranger};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Station};

/// The certificate that signed the app comes from an authority that is none of Apple's we know.
pub(crate) static RULE: Rule = Rule {
    code: "SIG011",
    name: "unknown-authority",
    severity: Severity::Warning,
    evidence: EvidenceKind::Documented,
    station: Station::Signature,
    device_shows: "\"Unable to Install\": its integrity could not be verified, unless the authority is a new one of Apple's",
    fix: "sign with a certificate that Apple issued",
    explains: &[],
    page: include_str!("unknown_authority.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let signer = measured(&signature(bundle)?.signer)?;
    checked(signer)?;
    if signer.signature.is_err() {
        return Err(NotJudged::NotMine);
    }
    let chain = measured(&signer.chain)?;
    let Some(origin) = stranger(chain) else { return clean() };
    let message = format!(
        "the certificate it is signed with comes from {origin}, and from no authority of Apple's we know"
    );
    found(Fault::new(message).at(Evidence::at(EvidencePlace::Certificate, named(chain.first()))))
}
