//! What an OCSP responder answers (RFC 6960 4.2).

use der::asn1::ObjectIdentifier;
use time::UtcDateTime;

use super::responder::ResponderId;
use super::{RevocationError, RevocationReason, RevocationStatement, RevocationStatus, responder, unknown};
use crate::element::{ENUMERATED, Element, OCTET_STRING, Parts, SEQUENCE, context};
use crate::extension::Extensions;
use crate::{Algorithm, Certificate, Limits, SerialNumber, SignedDataError, ber, signature};

const BASIC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1.1");
/// `good` and `unknown` of `CertStatus`; `revoked` is constructed.
const GOOD: u8 = 0x80;
const UNKNOWN: u8 = 0x82;

/// What an OCSP responder says of certificates, as it came: [`about`](Self::about) verifies it.
///
/// ```
/// use signed_data::{Certificate, Limits, OcspResponse, RevocationStatus};
/// use testkit::pki::{self, Chain, LeafKind};
/// use time::macros::utc_datetime;
///
/// let now = utc_datetime!(2026-06-01 0:00);
/// let chain = Chain::new("A1B2C3D4E5", LeafKind::Distribution, now);
/// let bytes = pki::OcspResponse::new(now).good(&chain.leaf.certificate, &chain.intermediate).signed_by(&chain.intermediate);
///
/// let read = |certificate: &pki::Certificate| Certificate::read(&certificate.der, &Limits::default());
/// let (certificate, issuer) = (read(&chain.leaf.certificate)?, read(&chain.intermediate.certificate)?);
/// let response = OcspResponse::read(&bytes, &Limits::default())?;
/// assert_eq!(response.about(&certificate, &issuer, now)?.status, RevocationStatus::Good);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OcspResponse {
    signed_part: Vec<u8>,
    responder: ResponderId,
    produced_at: UtcDateTime,
    answers: Vec<Answer>,
    certificates: Vec<Certificate>,
    signature_algorithm: Algorithm,
    signature: Vec<u8>,
}

/// What is said of one certificate (`SingleResponse`).
#[derive(Clone, Debug, Eq, PartialEq)]
struct Answer {
    digest: Algorithm,
    issuer_name_digest: Vec<u8>,
    issuer_key_digest: Vec<u8>,
    serial: SerialNumber,
    statement: RevocationStatement,
}

impl OcspResponse {
    /// Reads the response that `bytes` begin with; bytes after it are ignored.
    ///
    /// # Errors
    ///
    /// [`RevocationError::Refused`] where the responder answers that it does not answer, else
    /// [`RevocationError::Unreadable`], [`RevocationError::ResponseType`] or [`RevocationError::CriticalExtension`].
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, RevocationError> {
        let der = ber::definite(bytes, limits)?;
        let mut fields = whole(&der, "the response")?;
        let status = match fields.required(ENUMERATED, "the response's status")?.content {
            [status] => *status,
            _ => return Err(SignedDataError::Structure { part: "the response's status" }.into()),
        };
        if status != 0 {
            return Err(RevocationError::Refused { status });
        }
        let mut wrapped = fields.required(context(0), "the response's content")?.parts();
        let mut typed = wrapped.required(SEQUENCE, "the response's content")?.parts();
        let found = typed.object_identifier("the response's type")?;
        if found != BASIC {
            return Err(RevocationError::ResponseType { found });
        }
        let basic = typed.required(OCTET_STRING, "the response's content")?;
        Self::basic(&ber::definite(basic.content, limits)?, limits)
    }

    fn basic(der: &[u8], limits: &Limits) -> Result<Self, RevocationError> {
        let mut outer = whole(der, "the basic response")?;
        let signed = outer.required(SEQUENCE, "the response's signed part")?;
        let signature_algorithm = Algorithm::take(&mut outer, "the response's signature algorithm")?;
        let signature = outer.bits("the response's signature")?.to_vec();
        let certificates = match outer.optional(context(0)) {
            Some(wrapped) => certificates(wrapped, limits)?,
            None => Vec::new(),
        };
        outer.finish("the basic response")?;

        let mut fields = signed.parts();
        fields.optional(context(0)); // the version
        let responder = ResponderId::take(&mut fields)?;
        let produced_at = fields.time("the time of the response")?;
        let mut list = fields.required(SEQUENCE, "the response's answers")?.parts();
        let mut answers = Vec::new();
        while let Some(answer) = list.optional(SEQUENCE) {
            answers.push(Answer::read(answer)?);
        }
        list.finish("the response's answers")?;
        known_extensions(&mut fields)?;
        fields.finish("the response's signed part")?;
        Ok(Self {
            signed_part: signed.whole.to_vec(),
            responder,
            produced_at,
            answers,
            certificates,
            signature_algorithm,
            signature,
        })
    }

    /// When the responder signed it, as it says.
    #[must_use]
    pub fn produced_at(&self) -> UtcDateTime {
        self.produced_at
    }

    /// What the response says of `certificate`, which `issuer` has issued: signed by the issuer or by whom it has
    /// entrusted with that, and holding at `now`.
    ///
    /// A moment of five minutes is allowed between two clocks, and what does not say how long it holds does so for a day.
    /// Whether the certificate of an entrusted responder was revoked is not asked (RFC 6960 4.2.2.2.1 leaves it to who
    /// asks), with `id-pkix-ocsp-nocheck` in it or without.
    ///
    /// # Errors
    ///
    /// [`RevocationError`]: why it says nothing of this certificate now.
    pub fn about(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        now: UtcDateTime,
    ) -> Result<RevocationStatement, RevocationError> {
        let answer = self
            .answers
            .iter()
            .find(|answer| answer.is_about(certificate, issuer))
            .ok_or(RevocationError::NotSpokenOf { spoken_of: self.answers.len() })?;
        responder::verify(&self.responder, issuer, &self.certificates, now, |signer| {
            let (algorithm, signature) = (&self.signature_algorithm, &self.signature);
            signature::check(signer.public_key(), algorithm, None, &self.signed_part, signature)
        })?;
        answer.statement.clone().at(now)
    }
}

impl Answer {
    fn read(whole: Element<'_>) -> Result<Self, RevocationError> {
        const ID: &str = "whom the response is about";
        let mut fields = whole.parts();
        let mut id = fields.required(SEQUENCE, ID)?.parts();
        let digest = Algorithm::take(&mut id, ID)?;
        let issuer_name_digest = id.required(OCTET_STRING, ID)?.content.to_vec();
        let issuer_key_digest = id.required(OCTET_STRING, ID)?.content.to_vec();
        let serial = SerialNumber::take(&mut id, ID)?;
        id.finish(ID)?;
        let status = status(&mut fields)?;
        let this_update = fields.time("the time of an answer")?;
        let next_update = match fields.optional(context(0)) {
            Some(wrapped) => Some(wrapped.parts().time("the time of the next answer")?),
            None => None,
        };
        known_extensions(&mut fields)?;
        fields.finish("an answer")?;
        let statement = RevocationStatement { status, this_update, next_update };
        Ok(Self { digest, issuer_name_digest, issuer_key_digest, serial, statement })
    }

    fn is_about(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        let is_digest = |stated: &[u8], of: &[u8]| {
            signature::digest(&self.digest, of).is_some_and(|digest| digest.as_ref() == stated)
        };
        self.serial == *certificate.serial()
            && is_digest(&self.issuer_name_digest, certificate.issuer().der())
            && is_digest(&self.issuer_key_digest, &issuer.public_key().bits)
    }
}

fn whole<'a>(der: &'a [u8], part: &'static str) -> Result<Parts<'a>, SignedDataError> {
    let whole = Element::first(der).filter(|whole| whole.tag == SEQUENCE);
    whole.map(Element::parts).ok_or(SignedDataError::Structure { part })
}

fn certificates(wrapped: Element<'_>, limits: &Limits) -> Result<Vec<Certificate>, SignedDataError> {
    const PART: &str = "the response's certificates";
    let mut carried = Vec::new();
    let mut list = wrapped.parts().required(SEQUENCE, PART)?.parts();
    while let Some(certificate) = list.optional(SEQUENCE) {
        if carried.len() >= limits.certificates {
            return Err(SignedDataError::Certificates { limit: limits.certificates });
        }
        carried.push(Certificate::from_element(certificate)?);
    }
    list.finish(PART)?;
    Ok(carried)
}

fn status(fields: &mut Parts<'_>) -> Result<RevocationStatus, SignedDataError> {
    const PART: &str = "a certificate's status";
    if fields.optional(GOOD).is_some() {
        return Ok(RevocationStatus::Good);
    }
    if fields.optional(UNKNOWN).is_some() {
        return Ok(RevocationStatus::Unknown);
    }
    let mut revoked = fields.required(context(1), PART)?.parts();
    let at = revoked.time("the time of revocation")?;
    let reason = match revoked.optional(context(0)) {
        Some(wrapped) => RevocationReason::from_code(wrapped.parts().required(ENUMERATED, PART)?.content),
        None => None,
    };
    revoked.finish(PART)?;
    Ok(RevocationStatus::Revoked { at, reason })
}

/// Extensions of a response or an answer: none of them changes what is said, unless it is critical.
fn known_extensions(fields: &mut Parts<'_>) -> Result<(), RevocationError> {
    let Some(wrapped) = fields.optional(context(1)) else { return Ok(()) };
    for extension in Extensions::wrapped(wrapped, "the response's extensions")? {
        unknown(extension?)?;
    }
    Ok(())
}
