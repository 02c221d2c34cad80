use ipa::{Bundle, Fact};
use signed_data::{Authority, SignatureFault};

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::{EvidenceKind, Facts, Severity, Station};

/// A code signature makes no sense, or does not hold.
pub(crate) static RULE: Rule = Rule {
    code: "SIG002",
    name: "signature-unreadable",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Signature,
    device_shows: "\"Unable to Install\": its integrity could not be verified",
    fix: "sign again; if a tool changes the executable after signing, do that before",
    explains: &[],
    page: include_str!("signature_unreadable.md"),
    check: Check::EachCode(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let signature = match bundle.signature() {
        Fact::Known(signature) => signature,
        Fact::Unreadable(reason) => {
            return found(Fault::new(format!("its code signature can't be read: {reason}")));
        }
        Fact::NotMeasured(reason) => return Err(NotJudged::NotMeasured(reason)),
        Fact::Absent => return clean(),
    };
    let signer = match &signature.signer {
        Fact::Known(signer) => signer,
        Fact::Unreadable(reason) => {
            return found(Fault::new(format!("who signed it can't be read: {reason}")));
        }
        Fact::NotMeasured(reason) => return Err(NotJudged::NotMeasured(reason.clone())),
        Fact::Absent => return clean(),
    };
    match (&signer.signature, signer.chain.known().map(|chain| &chain.authority)) {
        // What was signed has changed: told as that.
        (Err(SignatureFault::OtherContent), _) => clean(),
        (Err(fault @ SignatureFault::Unchecked { .. }), _) => Err(NotJudged::NotMeasured(fault.to_string())),
        (Err(fault), _) => found(Fault::new(format!("its code signature does not hold: {fault}"))),
        (Ok(()), Some(Authority::Broken(fault))) => {
            found(Fault::new(format!("the certificate it is signed with does not hold: {fault}")))
        }
        (Ok(()), _) => clean(),
    }
}
