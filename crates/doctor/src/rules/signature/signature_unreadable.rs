use ipa::{Bundle, Fact, Seal};
use signed_data::{Authority, SignatureFault};

use super::{compared, device_slice};
use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::rules::authority::checked;
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Station};

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

fn check(bundle: &Bundle, facts: &Facts<'_>) -> Checked {
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
    checked(signer)?;
    match (&signer.signature, signer.chain.known().map(|chain| &chain.authority)) {
        // What was signed has changed: told as that.
        (Err(SignatureFault::OtherContent), _) => return clean(),
        (Err(fault), _) => return found(Fault::new(format!("its code signature does not hold: {fault}"))),
        (Ok(()), Some(Authority::Broken(fault))) => {
            return found(Fault::new(format!("the certificate it is signed with does not hold: {fault}")));
        }
        (Ok(()), _) => {}
    }
    compared(facts)?;
    if let Some(Fact::Unreadable(reason)) = device_slice(bundle).map(|slice| &slice.pages) {
        return found(Fault::new(format!("its code can't be compared with its signature: {reason}")));
    }
    match (&signature.strongest_seals().resources, &bundle.resources) {
        (Fact::Known(Seal::Intact), Fact::Unreadable(reason)) => {
            let list = Evidence::at(
                EvidencePlace::Entry,
                format_args!("{}/_CodeSignature/CodeResources", bundle.path),
            );
            found(Fault::new(format!("the list of the files it seals can't be read: {reason}")).at(list))
        }
        // A list that is not the one that was signed is told as that.
        _ => clean(),
    }
}
