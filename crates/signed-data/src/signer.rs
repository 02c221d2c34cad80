use der::asn1::ObjectIdentifier;
use time::UtcDateTime;

use crate::ber::head;
use crate::element::{Element, INTEGER, OCTET_STRING, Parts, SEQUENCE, SET, context};
use crate::{Algorithm, Certificate, Name, SerialNumber, SignatureFault, SignedDataError, signature};

/// One signature of a message (`SignerInfo`, RFC 5652 5.3); [`SignedData::verify`](crate::SignedData::verify) verifies it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Signer {
    identifier: SignerIdentifier,
    digest_algorithm: Algorithm,
    signed_attributes: Option<SignedAttributes>,
    signature_algorithm: Algorithm,
    signature: Vec<u8>,
}

/// How a signature names the certificate it was made with.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum SignerIdentifier {
    /// By issuer and number.
    IssuerAndSerial {
        /// The certificate's issuer.
        issuer: Name,
        /// Its serial number.
        serial: SerialNumber,
    },
    /// By what the certificate calls its key (extension 2.5.29.14).
    SubjectKey(Vec<u8>),
}

/// An attribute that is signed together with the content (RFC 5652 11).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Attribute {
    /// What it is, such as 1.2.840.113549.1.9.5 for the time of signing.
    pub oid: ObjectIdentifier,
    /// Its values in DER; nearly always one.
    pub values: Vec<Vec<u8>>,
}

#[derive(Clone, Debug, Eq, Hash, PartialEq)]
struct SignedAttributes {
    /// As a SET OF, in the order of the message.
    der: Vec<u8>,
    list: Vec<Attribute>,
}

impl Signer {
    pub(crate) fn from_element(whole: Element<'_>) -> Result<Self, SignedDataError> {
        let mut fields = whole.parts();
        fields.required(INTEGER, "the signer's version")?;
        let identifier = SignerIdentifier::take(&mut fields)?;
        let digest_algorithm = Algorithm::take(&mut fields, "the signer's digest algorithm")?;
        let signed_attributes =
            fields.optional(context(0)).map(SignedAttributes::from_element).transpose()?;
        let signature_algorithm = Algorithm::take(&mut fields, "the signer's signature algorithm")?;
        let signature = fields.required(OCTET_STRING, "the signer's signature")?.content.to_vec();
        fields.optional(context(1)); // what is not signed says nothing
        fields.finish("the signer")?;
        Ok(Self { identifier, digest_algorithm, signed_attributes, signature_algorithm, signature })
    }

    /// Which certificate it claims; see [`SignedData::certificate_of`](crate::SignedData::certificate_of).
    #[must_use]
    pub fn identifier(&self) -> &SignerIdentifier {
        &self.identifier
    }

    /// How the content was digested: SHA-1 in old profiles and device replies, else SHA-256.
    #[must_use]
    pub fn digest_algorithm(&self) -> &Algorithm {
        &self.digest_algorithm
    }

    /// How the digest was signed. Often plain RSA (1.2.840.113549.1.1.1), to be taken with the digest's algorithm.
    #[must_use]
    pub fn signature_algorithm(&self) -> &Algorithm {
        &self.signature_algorithm
    }

    /// The signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// What the signature is over: the signed attributes under the tag of a SET OF (RFC 5652 5.4), in the order in
    /// which they came; what came in DER, as it must, is so byte for byte. Without any, the signature is over the
    /// content itself.
    #[must_use]
    pub fn signed_attributes_der(&self) -> Option<&[u8]> {
        self.signed_attributes.as_ref().map(|attributes| attributes.der.as_slice())
    }

    /// The signed attributes, in the order of the message; none if it has none. Hostile ones may repeat.
    #[must_use]
    pub fn signed_attributes(&self) -> &[Attribute] {
        self.signed_attributes.as_ref().map_or(&[], |attributes| attributes.list.as_slice())
    }

    /// The digest of the content that was signed (attribute 1.2.840.113549.1.9.4), if there is exactly one.
    #[must_use]
    pub fn message_digest(&self) -> Option<&[u8]> {
        let digest = self.only_value("1.2.840.113549.1.9.4")?;
        (digest.tag == OCTET_STRING).then_some(digest.content)
    }

    /// When it was signed, as the signer says (attribute 1.2.840.113549.1.9.5), if it says so exactly once.
    #[must_use]
    pub fn signing_time(&self) -> Option<UtcDateTime> {
        Parts::from(self.only_value("1.2.840.113549.1.9.5")?).time("the time of signing").ok()
    }

    /// The type of the content that was signed (attribute 1.2.840.113549.1.9.3), if there is exactly one.
    #[must_use]
    pub fn content_type(&self) -> Option<ObjectIdentifier> {
        Parts::from(self.only_value("1.2.840.113549.1.9.3")?).object_identifier("the content type").ok()
    }

    /// Checks the signature, and that the content is the one it is for (RFC 5652 5.4, 5.6).
    pub(crate) fn verify(
        &self,
        certificate: &Certificate,
        content_type: ObjectIdentifier,
        content: &[u8],
    ) -> Result<(), SignatureFault> {
        let signed = self.signed_attributes_der().unwrap_or(content);
        let digest = Some(&self.digest_algorithm);
        let key = certificate.public_key();
        signature::check(key, &self.signature_algorithm, digest, signed, &self.signature)?;
        if self.signed_attributes.is_none() {
            return Ok(());
        }
        if self.content_type() != Some(content_type) {
            return Err(SignatureFault::OtherContentType);
        }
        let stated = self.message_digest().ok_or(SignatureFault::NoDigest)?;
        let found = signature::digest(&self.digest_algorithm, content).ok_or(SignatureFault::Unchecked {
            signature: self.signature_algorithm.oid,
            digest: self.digest_algorithm.oid,
        })?;
        if found.as_ref() == stated { Ok(()) } else { Err(SignatureFault::OtherContent) }
    }

    /// RFC 5652 11 allows these attributes once, with one value.
    fn only_value(&self, oid: &str) -> Option<Element<'_>> {
        let oid = ObjectIdentifier::new_unwrap(oid);
        let mut named = self.signed_attributes().iter().filter(|attribute| attribute.oid == oid);
        match (named.next()?.values.as_slice(), named.next()) {
            ([value], None) => Element::first(value),
            _ => None,
        }
    }
}

impl SignerIdentifier {
    fn take(parts: &mut Parts<'_>) -> Result<Self, SignedDataError> {
        if let Some(key) = parts.optional(0x80) {
            return Ok(Self::SubjectKey(key.content.to_vec()));
        }
        let mut fields = parts.required(SEQUENCE, "the signer's identifier")?.parts();
        let issuer = Name::take(&mut fields, "the issuer of the signer's certificate")?;
        let serial = SerialNumber::take(&mut fields, "the serial number of the signer's certificate")?;
        fields.finish("the signer's identifier")?;
        Ok(Self::IssuerAndSerial { issuer, serial })
    }
}

impl SignedAttributes {
    fn from_element(whole: Element<'_>) -> Result<Self, SignedDataError> {
        const PART: &str = "the signer's signed attributes";
        let mut der = head(&[SET], whole.content.len());
        der.extend(whole.content);
        let mut list = Vec::new();
        let mut attributes = whole.parts();
        while let Some(attribute) = attributes.optional(SEQUENCE) {
            let mut fields = attribute.parts();
            let oid = fields.object_identifier(PART)?;
            let values = fields.required(SET, PART)?.parts().map(|value| value.whole.to_vec()).collect();
            fields.finish(PART)?;
            list.push(Attribute { oid, values });
        }
        attributes.finish(PART)?;
        Ok(Self { der, list })
    }
}
