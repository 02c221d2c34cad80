use std::fmt;

use der::asn1::ObjectIdentifier;

use crate::element::{Element, INTEGER, OCTET_STRING, SEQUENCE, SET, context};
use crate::{
    Authorities, Certificate, Chain, Limits, SignatureFault, SignedDataError, Signer, SignerIdentifier, ber,
};

const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");

/// A CMS message of signed data (RFC 5652 5.1), taken apart; [`verify`](Self::verify) and [`chain`](Self::chain) check it.
///
/// `Debug` counts what is in it and shows none of the content, which may name people and their devices.
#[derive(Clone, Eq, PartialEq)]
pub struct SignedData {
    content_type: ObjectIdentifier,
    content: Option<Vec<u8>>,
    certificates: Vec<Certificate>,
    unreadable_certificates: Vec<UnreadableCertificate>,
    signers: Vec<Signer>,
}

/// Something that stands among a message's certificates and is none that can be read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnreadableCertificate {
    /// Its place among the message's certificates, from 0.
    pub index: usize,
    /// Why it cannot be read.
    pub error: SignedDataError,
}

impl SignedData {
    /// Reads the message that `bytes` begin with, DER or BER; bytes after it are ignored, as OpenSSL does.
    ///
    /// A certificate that cannot be read does not spoil the message; it is told apart.
    ///
    /// # Errors
    ///
    /// [`SignedDataError`] when the message exceeds `limits`, is no sound BER, or is no signed data.
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, SignedDataError> {
        let der = ber::definite(bytes, limits)?;
        let message = Element::first(&der)
            .filter(|message| message.tag == SEQUENCE)
            .ok_or(SignedDataError::Structure { part: "the message" })?;
        let mut fields = message.parts();
        let found = fields.object_identifier("the message's type")?;
        if found != SIGNED_DATA {
            return Err(SignedDataError::ContentType { found });
        }
        let mut wrapped = fields.required(context(0), "the signed data")?.parts();
        fields.finish("the message")?;
        let signed_data = wrapped.required(SEQUENCE, "the signed data")?;
        wrapped.finish("the signed data")?;
        Self::from_element(signed_data, limits)
    }

    fn from_element(signed_data: Element<'_>, limits: &Limits) -> Result<Self, SignedDataError> {
        let mut fields = signed_data.parts();
        fields.required(INTEGER, "the signed data's version")?;
        fields.required(SET, "the signed data's digest algorithms")?;

        let mut encapsulated = fields.required(SEQUENCE, "the content")?.parts();
        let content_type = encapsulated.object_identifier("the content's type")?;
        let content = match encapsulated.optional(context(0)) {
            Some(wrapped) => Some(wrapped.parts().required(OCTET_STRING, "the content's octets")?.content),
            None => None,
        };
        encapsulated.finish("the content")?;
        if let Some(content) = content
            && content.len() > limits.content_bytes
        {
            return Err(SignedDataError::ContentBytes { found: content.len(), limit: limits.content_bytes });
        }

        let mut certificates = Vec::new();
        let mut unreadable_certificates = Vec::new();
        let carried = fields.optional(context(0));
        for (index, carried) in carried.iter().flat_map(|carried| carried.parts()).enumerate() {
            if index >= limits.certificates {
                return Err(SignedDataError::Certificates { limit: limits.certificates });
            }
            match Certificate::from_element(carried) {
                Ok(certificate) => certificates.push(certificate),
                Err(error) => unreadable_certificates.push(UnreadableCertificate { index, error }),
            }
        }
        fields.optional(context(1)); // revocation lists

        let mut signers = Vec::new();
        let mut list = fields.required(SET, "the signatures")?.parts();
        while let Some(signer) = list.optional(SEQUENCE) {
            if signers.len() >= limits.signers {
                return Err(SignedDataError::Signers { limit: limits.signers });
            }
            signers.push(Signer::from_element(signer)?);
        }
        list.finish("the signatures")?;
        fields.finish("the signed data")?;
        let content = content.map(<[u8]>::to_vec);
        Ok(Self { content_type, content, certificates, unreadable_certificates, signers })
    }

    /// What the content is; 1.2.840.113549.1.7.1 for plain data.
    #[must_use]
    pub fn content_type(&self) -> ObjectIdentifier {
        self.content_type
    }

    /// The content, whole; `None` when it lies elsewhere, as that of a code signature does.
    #[must_use]
    pub fn content(&self) -> Option<&[u8]> {
        self.content.as_deref()
    }

    /// The certificates, in the order of the message; its signers' and others.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// What stands among the certificates without being one that can be read.
    #[must_use]
    pub fn unreadable_certificates(&self) -> &[UnreadableCertificate] {
        &self.unreadable_certificates
    }

    /// The signatures, in the order of the message; there may be none.
    #[must_use]
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// The certificate that `signer` names, if the message carries it.
    #[must_use]
    pub fn certificate_of(&self, signer: &Signer) -> Option<&Certificate> {
        self.certificates.iter().find(|certificate| match signer.identifier() {
            SignerIdentifier::IssuerAndSerial { issuer, serial } => {
                certificate.issuer().der() == issuer.der() && certificate.serial() == serial
            }
            SignerIdentifier::SubjectKey(key) => certificate.subject_key_identifier() == Some(key),
        })
    }

    /// Verifies a signature over the content that the message carries, and gives the certificate it was made with.
    ///
    /// That says who signed, as far as the certificate is believed: see [`chain`](Self::chain).
    ///
    /// # Errors
    ///
    /// [`SignatureFault`]: what does not fit, or that it cannot be checked here.
    pub fn verify(&self, signer: &Signer) -> Result<&Certificate, SignatureFault> {
        self.verify_over(signer, self.content().ok_or(SignatureFault::NoContent)?)
    }

    /// As [`verify`](Self::verify), over a content that lies elsewhere.
    ///
    /// # Errors
    ///
    /// As [`verify`](Self::verify).
    pub fn verify_over(&self, signer: &Signer, content: &[u8]) -> Result<&Certificate, SignatureFault> {
        let certificate = self.certificate_of(signer).ok_or(SignatureFault::NoCertificate)?;
        signer.verify(certificate, self.content_type, content)?;
        Ok(certificate)
    }

    /// Where `certificate` comes from, by what the message and `authorities` hold; see [`Chain::build`].
    #[must_use]
    pub fn chain(&self, certificate: &Certificate, authorities: &Authorities) -> Chain {
        Chain::build(certificate, &self.certificates, authorities)
    }
}

impl fmt::Debug for SignedData {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("SignedData")
            .field("content_bytes", &self.content.as_ref().map(Vec::len))
            .field("certificates", &self.certificates.len())
            .field("signers", &self.signers.len())
            .finish_non_exhaustive()
    }
}
