//! Who may answer for an issuer (RFC 6960 4.2.2.2).

use der::asn1::ObjectIdentifier;
use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use time::UtcDateTime;

use super::{ResponderFault, RevocationError};
use crate::element::{OCTET_STRING, Parts, context};
use crate::{Certificate, Name, SignatureFault, SignedDataError};

const OCSP_SIGNING: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.9");
/// The most certificates in a response that are tried, of those that call themselves what its signer does.
const TRIED: usize = 8;

/// How a response names who has signed it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum ResponderId {
    Name(Box<Name>),
    /// The SHA-1 digest of the key.
    Key(Vec<u8>),
}

impl ResponderId {
    pub(crate) fn take(fields: &mut Parts<'_>) -> Result<Self, SignedDataError> {
        const PART: &str = "the name of the responder";
        if let Some(wrapped) = fields.optional(context(1)) {
            return Name::take(&mut wrapped.parts(), PART).map(|name| Self::Name(Box::new(name)));
        }
        let wrapped = fields.required(context(2), PART)?;
        Ok(Self::Key(wrapped.parts().required(OCTET_STRING, PART)?.content.to_vec()))
    }

    fn is(&self, certificate: &Certificate) -> bool {
        match self {
            Self::Name(name) => name.der() == certificate.subject().der(),
            Self::Key(key) => {
                digest(&SHA1_FOR_LEGACY_USE_ONLY, &certificate.public_key().bits).as_ref() == key.as_slice()
            }
        }
    }
}

/// Looks for a certificate by which a response's signature holds, and that may sign it: the issuer's, or one of those
/// carried that the issuer has issued for this.
pub(crate) fn verify(
    responder: &ResponderId,
    issuer: &Certificate,
    carried: &[Certificate],
    now: UtcDateTime,
    is_signed_by: impl Fn(&Certificate) -> Result<(), SignatureFault>,
) -> Result<(), RevocationError> {
    let mut fault = RevocationError::UnknownResponder;
    if responder.is(issuer) {
        match is_signed_by(issuer) {
            Ok(()) => return Ok(()),
            Err(found) => fault = found.into(),
        }
    }
    let entrusted = carried.iter().filter(|certificate| *certificate != issuer && responder.is(certificate));
    for certificate in entrusted.take(TRIED) {
        let allowed = may_answer(certificate, issuer, now).map_err(RevocationError::Responder);
        match allowed.and_then(|()| Ok(is_signed_by(certificate)?)) {
            Ok(()) => return Ok(()),
            Err(found) => fault = found,
        }
    }
    Err(fault)
}

fn may_answer(
    certificate: &Certificate,
    issuer: &Certificate,
    now: UtcDateTime,
) -> Result<(), ResponderFault> {
    let is_issued =
        certificate.issuer().der() == issuer.subject().der() && certificate.verify_issued_by(issuer).is_ok();
    if !is_issued {
        return Err(ResponderFault::NotIssued);
    }
    let purposes = certificate.extended_key_usage().ok().flatten().unwrap_or_default();
    if !purposes.contains(&OCSP_SIGNING) {
        return Err(ResponderFault::OtherUse);
    }
    if !certificate.is_valid_at(now) {
        let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
        return Err(ResponderFault::NotValid { not_before, not_after, now });
    }
    Ok(())
}
