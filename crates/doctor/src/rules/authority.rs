//! Whose word a signature is.

use ipa::SignedBy;
use signed_data::{Authority, Certificate, Chain, ChainFault, SignatureFault};

use crate::rule::NotJudged;

/// A certificate as people know it.
pub(super) fn named(certificate: &Certificate) -> String {
    let name = certificate.subject().common_name();
    name.map_or_else(|| "a certificate without a name".to_owned(), |name| format!("{name:?}"))
}

/// Goes on unless the signature, or that of a certificate behind it, is of a kind that is not checked here: nothing
/// follows from that.
pub(super) fn checked(signed_by: &SignedBy) -> Result<(), NotJudged> {
    let behind = signed_by.chain.known().map(|chain| &chain.authority);
    match (&signed_by.signature, behind) {
        (Err(fault), _) | (Ok(()), Some(Authority::Broken(ChainFault::Signature(fault))))
            if matches!(fault, SignatureFault::Unchecked { .. }) =>
        {
            Err(NotJudged::NotMeasured(fault.to_string()))
        }
        _ => Ok(()),
    }
}

/// Where a sound chain comes from, if from no authority of Apple's that is known here.
pub(super) fn stranger(chain: &Chain) -> Option<String> {
    match &chain.authority {
        Authority::Other if chain.certificates.len() == 1 => Some("nobody but itself".to_owned()),
        Authority::Other => Some(named(chain.last())),
        Authority::Incomplete { missing } => {
            let issuer = missing.common_name().unwrap_or("an issuer without a name");
            Some(format!("{issuer:?}, whose own certificate is not there"))
        }
        _ => None,
    }
}
