//! CMS `SignedData` (RFC 5652) as Apple's services and devices write it: DER, or BER with indefinite lengths.
//!
//! ```
//! use testkit::cms::SignedData;
//! use testkit::pki::{Chain, LeafKind};
//! use time::macros::utc_datetime;
//!
//! let chain = Chain::new("A1B2C3D4E5", LeafKind::Distribution, utc_datetime!(2026-06-01 0:00));
//! let bytes = SignedData::new("what is signed")
//!     .certificate(&chain.intermediate.certificate)
//!     .certificate(&chain.leaf.certificate)
//!     .signed_by(&chain.leaf)
//!     .build();
//! assert_eq!(bytes[0], 0x30);
//! ```

pub mod hostile;

use time::UtcDateTime;

use crate::der::{self, Length};
use crate::pki::{Certificate, Digest, Identity};

/// A signed message to be written.
#[derive(Clone)]
#[must_use]
pub struct SignedData {
    content: Vec<u8>,
    shown: Shown,
    certificates: Vec<Vec<u8>>,
    signers: Vec<Signer>,
    encoding: Encoding,
}

/// What of the content the message carries.
#[derive(Clone)]
enum Shown {
    Whole,
    Nothing,
    Instead(Vec<u8>),
}

/// The encoding rules of the message's outer parts; certificates and signed attributes are DER in both.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Encoding {
    /// Definite lengths, as in provisioning profiles.
    #[default]
    Der,
    /// Indefinite lengths, and the content in several octet strings, as in Apple's code signatures.
    Ber,
}

/// One signature.
#[derive(Clone)]
#[must_use]
pub struct Signer {
    identity: Identity,
    digest: Digest,
    attributes: Attributes,
    further: Vec<Vec<u8>>,
    spoiled: Spoiled,
}

#[derive(Clone, Copy)]
enum Attributes {
    None,
    Signed { at: Option<UtcDateTime> },
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Spoiled {
    Nothing,
    Signature,
    MessageDigest,
}

impl Signer {
    /// A SHA-256 signature with signed attributes but no time.
    pub fn new(identity: &Identity) -> Self {
        Self {
            identity: identity.clone(),
            digest: Digest::Sha256,
            attributes: Attributes::Signed { at: None },
            further: Vec::new(),
            spoiled: Spoiled::Nothing,
        }
    }

    /// The digest of content and attributes.
    pub fn digest(mut self, digest: Digest) -> Self {
        self.digest = digest;
        self
    }

    /// Adds the time of signing.
    pub fn signed_at(mut self, at: UtcDateTime) -> Self {
        self.attributes = Attributes::Signed { at: Some(at) };
        self
    }

    /// Adds one more signed attribute; `value` is DER.
    pub fn attribute(self, oid: &str, value: &[u8]) -> Self {
        self.attribute_values(oid, &[value.to_vec()])
    }

    /// Adds one more signed attribute of several values; each is DER.
    pub fn attribute_values(mut self, oid: &str, values: &[Vec<u8>]) -> Self {
        self.further.push(attribute(oid, values));
        self
    }

    /// Signs the content directly, as devices do when they enrol.
    pub fn without_attributes(mut self) -> Self {
        self.attributes = Attributes::None;
        self
    }

    /// Flips a bit in the signature.
    pub fn with_broken_signature(mut self) -> Self {
        self.spoiled = Spoiled::Signature;
        self
    }

    /// States another digest of the content, and signs that.
    pub fn with_wrong_message_digest(mut self) -> Self {
        self.spoiled = Spoiled::MessageDigest;
        self
    }

    fn der(&self, content: &[u8]) -> Vec<u8> {
        let certificate = &self.identity.certificate;
        let key = &self.identity.key;
        let sid = der::sequence(&[&certificate.issuer, &der::unsigned(&certificate.serial)]);
        let (attributes, mut signature) = match self.attributes {
            Attributes::None => (Vec::new(), key.sign(self.digest, content)),
            Attributes::Signed { at } => {
                let mut digest = self.digest.of(content);
                if self.spoiled == Spoiled::MessageDigest {
                    digest[0] ^= 1;
                }
                let mut list = vec![
                    attribute("1.2.840.113549.1.9.3", &[der::oid("1.2.840.113549.1.7.1")]),
                    attribute("1.2.840.113549.1.9.4", &[der::octets(&digest)]),
                ];
                list.extend(self.further.iter().cloned());
                list.extend(at.map(|at| attribute("1.2.840.113549.1.9.5", &[der::time(at)])));
                // What is signed is the SET OF; in the message the same content stands under [0].
                let set = der::set_of(&list);
                (der::context(0, der::content(&set)), key.sign(self.digest, &set))
            }
        };
        if self.spoiled == Spoiled::Signature {
            let middle = signature.len() / 2;
            signature[middle] ^= 1;
        }
        der::sequence(&[
            &der::unsigned(&[1]),
            &sid,
            &self.digest.algorithm(),
            &attributes,
            &key.cms_signature_algorithm(self.digest),
            &der::octets(&signature),
        ])
    }
}

impl SignedData {
    /// A message that carries `content`.
    pub fn new(content: impl Into<Vec<u8>>) -> Self {
        Self {
            content: content.into(),
            shown: Shown::Whole,
            certificates: Vec::new(),
            signers: Vec::new(),
            encoding: Encoding::Der,
        }
    }

    /// A message over `content` that does not carry it, as in a code signature.
    pub fn detached(content: impl Into<Vec<u8>>) -> Self {
        Self { shown: Shown::Nothing, ..Self::new(content) }
    }

    /// Carries `other` in place of what was signed: a message tampered with.
    pub fn carrying_instead(mut self, other: impl Into<Vec<u8>>) -> Self {
        self.shown = Shown::Instead(other.into());
        self
    }

    /// Adds a certificate.
    pub fn certificate(mut self, certificate: &Certificate) -> Self {
        self.certificates.push(certificate.der.clone());
        self
    }

    /// Adds bytes where a certificate belongs.
    pub fn certificate_bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.certificates.push(bytes.into());
        self
    }

    /// Adds a plain SHA-256 signature; its certificate is added apart.
    pub fn signed_by(self, identity: &Identity) -> Self {
        self.signer(Signer::new(identity))
    }

    /// Adds a signature.
    pub fn signer(mut self, signer: Signer) -> Self {
        self.signers.push(signer);
        self
    }

    /// The encoding rules.
    pub fn encoding(mut self, encoding: Encoding) -> Self {
        self.encoding = encoding;
        self
    }

    /// The message's bytes.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        let length = match self.encoding {
            Encoding::Der => Length::Definite,
            Encoding::Ber => Length::Indefinite,
        };
        let wrap = |tag: u8, parts: &[&[u8]]| der::constructed(tag, parts, length);
        let shown = match &self.shown {
            Shown::Whole => Some(&self.content),
            Shown::Nothing => None,
            Shown::Instead(other) => Some(other),
        };
        let shown = shown.map(|bytes| wrap(0xa0, &[&self.octets(bytes)])).unwrap_or_default();
        let encapsulated = wrap(0x30, &[&der::oid("1.2.840.113549.1.7.1"), &shown]);
        let mut digests: Vec<_> = self.signers.iter().map(|signer| signer.digest.algorithm()).collect();
        digests.sort();
        digests.dedup();
        let mut certificates = self.certificates.clone();
        certificates.sort();
        let certificates =
            if certificates.is_empty() { Vec::new() } else { wrap(0xa0, &[&certificates.concat()]) };
        let signers: Vec<_> = self.signers.iter().map(|signer| signer.der(&self.content)).collect();
        let signed_data = wrap(
            0x30,
            &[
                &der::unsigned(&[1]),
                &der::set_of(&digests),
                &encapsulated,
                &certificates,
                &der::set_of(&signers),
            ],
        );
        wrap(0x30, &[&der::oid("1.2.840.113549.1.7.2"), &wrap(0xa0, &[&signed_data])])
    }

    fn octets(&self, bytes: &[u8]) -> Vec<u8> {
        match self.encoding {
            Encoding::Der => der::octets(bytes),
            Encoding::Ber => {
                let pieces: Vec<_> = bytes.chunks(1000).map(der::octets).collect();
                der::constructed(0x24, &[&pieces.concat()], Length::Indefinite)
            }
        }
    }
}

fn attribute(oid: &str, values: &[Vec<u8>]) -> Vec<u8> {
    der::sequence(&[&der::oid(oid), &der::set_of(values)])
}
