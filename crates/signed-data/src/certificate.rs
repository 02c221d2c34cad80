use std::fmt;
use std::ops::Range;

use der::asn1::ObjectIdentifier;
use sha1::Sha1;
use sha2::{Digest, Sha256};
use time::UtcDateTime;

use crate::element::{Element, INTEGER, OCTET_STRING, Parts, SEQUENCE, context};
use crate::extension::Extensions;
use crate::{Algorithm, Extension, Limits, Name, PublicKey, SignedDataError, ber};

/// An X.509 certificate (RFC 5280), as it stands in a message or a profile; nothing in it is verified.
///
/// `Debug` shows its SHA-1 fingerprint and when it ends, not whose it is.
#[derive(Clone, Eq, Hash, PartialEq)]
pub struct Certificate {
    der: Vec<u8>,
    signed_part: Range<usize>,
    serial: SerialNumber,
    issuer: Name,
    not_before: UtcDateTime,
    not_after: UtcDateTime,
    subject: Name,
    public_key: PublicKey,
    extensions: Vec<Extension>,
    signature_algorithm: Algorithm,
    signature: Vec<u8>,
}

/// The number an issuer gave a certificate; `Display` writes it in hexadecimal, lower case, as `openssl` reads it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct SerialNumber(Vec<u8>);

impl SerialNumber {
    pub(crate) fn take(parts: &mut Parts<'_>, part: &'static str) -> Result<Self, SignedDataError> {
        match parts.required(INTEGER, part)?.content {
            [] => Err(SignedDataError::Structure { part }),
            content => Ok(Self(content.to_vec())),
        }
    }

    /// The content of the INTEGER: big-endian, in two's complement, at least one byte.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Display for SerialNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = match self.0.as_slice() {
            [0, digits @ ..] if !digits.is_empty() => digits,
            digits => digits,
        };
        hexadecimal(formatter, digits)
    }
}

fn hexadecimal(formatter: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
}

impl Certificate {
    /// Reads the certificate that `bytes` begin with; bytes after it are ignored.
    ///
    /// # Errors
    ///
    /// [`SignedDataError`] when it exceeds `limits` (input bytes, depth, values) or has not the structure of a
    /// certificate.
    pub fn read(bytes: &[u8], limits: &Limits) -> Result<Self, SignedDataError> {
        let der = ber::definite(bytes, limits)?;
        let whole = Element::first(&der).ok_or(SignedDataError::Structure { part: "the certificate" })?;
        Self::from_element(whole)
    }

    pub(crate) fn from_element(whole: Element<'_>) -> Result<Self, SignedDataError> {
        if whole.tag != SEQUENCE {
            return Err(SignedDataError::Structure { part: "the certificate" });
        }
        let mut outer = whole.parts();
        let signed = outer.required(SEQUENCE, "the certificate's signed part")?;
        let signature_algorithm = Algorithm::take(&mut outer, "the certificate's signature algorithm")?;
        let signature = outer.bits("the certificate's signature")?.to_vec();
        outer.finish("the certificate")?;

        let mut fields = signed.parts();
        fields.optional(context(0)); // the version
        let serial = SerialNumber::take(&mut fields, "the certificate's serial number")?;
        fields.required(SEQUENCE, "the certificate's inner signature algorithm")?;
        let issuer = Name::take(&mut fields, "the certificate's issuer")?;
        let mut validity = fields.required(SEQUENCE, "the certificate's validity")?.parts();
        let not_before = validity.time("the time from which the certificate is valid")?;
        let not_after = validity.time("the time until which the certificate is valid")?;
        validity.finish("the certificate's validity")?;
        let subject = Name::take(&mut fields, "the certificate's subject")?;
        let public_key = PublicKey::take(&mut fields)?;
        for unique_id in [0x81, 0x82] {
            fields.optional(unique_id);
        }
        let extensions = match fields.optional(context(3)) {
            Some(wrapped) => Extensions::wrapped(wrapped, "the certificate's extensions")?
                .map(|extension| extension.map(Extension::from))
                .collect::<Result<_, _>>()?,
            None => Vec::new(),
        };
        fields.finish("the certificate's signed part")?;

        let start = whole.whole.len() - whole.content.len();
        Ok(Self {
            der: whole.whole.to_vec(),
            signed_part: start..start + signed.whole.len(),
            serial,
            issuer,
            not_before,
            not_after,
            subject,
            public_key,
            extensions,
            signature_algorithm,
            signature,
        })
    }

    /// The whole certificate, as it came (in definite lengths, should it have come otherwise).
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// What the issuer's signature is over: the `TBSCertificate`, whole.
    #[must_use]
    pub fn signed_part(&self) -> &[u8] {
        &self.der[self.signed_part.clone()]
    }

    /// Whose certificate it is.
    #[must_use]
    pub fn subject(&self) -> &Name {
        &self.subject
    }

    /// Who issued it.
    #[must_use]
    pub fn issuer(&self) -> &Name {
        &self.issuer
    }

    /// The number by which the issuer knows it.
    #[must_use]
    pub fn serial(&self) -> &SerialNumber {
        &self.serial
    }

    /// The first second in which it is valid.
    #[must_use]
    pub fn not_before(&self) -> UtcDateTime {
        self.not_before
    }

    /// The last second in which it is valid.
    #[must_use]
    pub fn not_after(&self) -> UtcDateTime {
        self.not_after
    }

    /// The key it is for.
    #[must_use]
    pub fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    /// Its extensions, in the order of the certificate; hostile ones may repeat.
    #[must_use]
    pub fn extensions(&self) -> &[Extension] {
        &self.extensions
    }

    /// The first extension that is called `oid`.
    ///
    /// ```
    /// # use signed_data::{Certificate, Limits, ObjectIdentifier};
    /// # use testkit::pki::{Chain, LeafKind};
    /// # let now = time::macros::utc_datetime!(2026-06-01 0:00);
    /// # let chain = Chain::new("A1B2C3D4E5", LeafKind::Distribution, now);
    /// # let bytes = &chain.leaf.certificate.der;
    /// const KEY_USAGE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.15");
    ///
    /// let certificate = Certificate::read(bytes, &Limits::default())?;
    /// assert!(certificate.extension(KEY_USAGE).is_some_and(|usage| usage.critical));
    /// # Ok::<(), signed_data::SignedDataError>(())
    /// ```
    #[must_use]
    pub fn extension(&self, oid: ObjectIdentifier) -> Option<&Extension> {
        self.extensions.iter().find(|extension| extension.oid == oid)
    }

    /// How the issuer signed.
    #[must_use]
    pub fn signature_algorithm(&self) -> &Algorithm {
        &self.signature_algorithm
    }

    /// The issuer's signature.
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The SHA-1 digest of [`der`](Self::der), by which Keychain Access shows certificates.
    #[must_use]
    pub fn sha1(&self) -> [u8; 20] {
        Sha1::digest(&self.der).into()
    }

    /// The SHA-256 digest of [`der`](Self::der).
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(&self.der).into()
    }

    /// What the certificate calls its own key (RFC 5280 4.2.1.2), if it does.
    pub(crate) fn subject_key_identifier(&self) -> Option<&[u8]> {
        let extension = self.extension(ObjectIdentifier::new_unwrap("2.5.29.14"))?;
        Element::first(&extension.value)
            .filter(|identifier| identifier.tag == OCTET_STRING)
            .map(|identifier| identifier.content)
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Certificate(sha1 ")?;
        hexadecimal(formatter, &self.sha1())?;
        write!(formatter, ", until {})", self.not_after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serial_numbers_are_written_without_the_sign() {
        for (bytes, expected) in [
            (&[0][..], "00"),
            (&[0x7f], "7f"),
            (&[0, 0x80, 1], "8001"),
            (&[0xff], "ff"),
            (&[0x0a, 0x0b], "0a0b"),
        ] {
            assert_eq!(SerialNumber(bytes.to_vec()).to_string(), expected);
        }
    }
}
