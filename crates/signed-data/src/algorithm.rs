use std::fmt;

use der::asn1::ObjectIdentifier;

use crate::SignedDataError;
use crate::element::{Element, Parts, SEQUENCE, context};

/// An algorithm and its parameters (`AlgorithmIdentifier`, RFC 5280 4.1.1.2).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Algorithm {
    /// Which algorithm.
    pub oid: ObjectIdentifier,
    /// Its parameters in DER, as RSASSA-PSS and elliptic curves have them; most others have none or a NULL.
    pub parameters: Option<Vec<u8>>,
}

/// What a signature is made over.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum SignatureDigest {
    /// MD2.
    Md2,
    /// MD4.
    Md4,
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-224, -256, -384 or -512.
    Sha2,
}

impl Algorithm {
    pub(crate) fn take(parts: &mut Parts<'_>, part: &'static str) -> Result<Self, SignedDataError> {
        let mut fields = parts.required(SEQUENCE, part)?.parts();
        let oid = fields.object_identifier(part)?;
        let parameters = fields.next().map(|parameters| parameters.whole.to_vec());
        fields.finish(part)?;
        Ok(Self { oid, parameters })
    }

    /// The digest that a signature of this kind is made over; `None` of kinds that are not known, or have none before
    /// them, as Ed25519.
    #[must_use]
    pub fn signature_digest(&self) -> Option<SignatureDigest> {
        if self.oid == RSASSA_PSS {
            return self.pss_digest();
        }
        DIGESTS.iter().find(|(oid, _)| *oid == self.oid).map(|(_, digest)| *digest)
    }

    /// `hashAlgorithm` of `RSASSA-PSS-params`, SHA-1 where it is left out (RFC 4055 3.1).
    fn pss_digest(&self) -> Option<SignatureDigest> {
        let Some(parameters) = &self.parameters else { return Some(SignatureDigest::Sha1) };
        let mut fields = Element::first(parameters).filter(|whole| whole.tag == SEQUENCE)?.parts();
        let Some(hash) = fields.optional(context(0)) else { return Some(SignatureDigest::Sha1) };
        let oid = hash.parts().required(SEQUENCE, "the digest").ok()?.parts().object_identifier("the digest");
        match oid.ok()? {
            MD5 => Some(SignatureDigest::Md5),
            SHA1 => Some(SignatureDigest::Sha1),
            SHA224 | SHA256 | SHA384 | SHA512 => Some(SignatureDigest::Sha2),
            _ => None,
        }
    }
}

const RSASSA_PSS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");
const MD5: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.2.5");
const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA224: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.4");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

/// Signatures by what they are made over: RFC 3279 2.2, RFC 4055 5, RFC 5758 3, and the OIW's older names for RSA.
const DIGESTS: [(ObjectIdentifier, SignatureDigest); 18] = [
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.2"), SignatureDigest::Md2),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.3"), SignatureDigest::Md4),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.4"), SignatureDigest::Md5),
    (ObjectIdentifier::new_unwrap("1.3.14.3.2.3"), SignatureDigest::Md5),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.5"), SignatureDigest::Sha1),
    (ObjectIdentifier::new_unwrap("1.3.14.3.2.29"), SignatureDigest::Sha1),
    (ObjectIdentifier::new_unwrap("1.2.840.10040.4.3"), SignatureDigest::Sha1),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.1"), SignatureDigest::Sha1),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.14"), SignatureDigest::Sha2),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11"), SignatureDigest::Sha2),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12"), SignatureDigest::Sha2),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13"), SignatureDigest::Sha2),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.1"), SignatureDigest::Sha2),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2"), SignatureDigest::Sha2),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3"), SignatureDigest::Sha2),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.4"), SignatureDigest::Sha2),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.1"), SignatureDigest::Sha2),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.2"), SignatureDigest::Sha2),
];

impl fmt::Display for SignatureDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Md2 => "MD2",
            Self::Md4 => "MD4",
            Self::Md5 => "MD5",
            Self::Sha1 => "SHA-1",
            Self::Sha2 => "SHA-2",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_tells_what_it_is_made_over() {
        for (oid, expected) in [
            ("1.2.840.113549.1.1.4", Some(SignatureDigest::Md5)),
            ("1.2.840.113549.1.1.5", Some(SignatureDigest::Sha1)),
            ("1.2.840.113549.1.1.11", Some(SignatureDigest::Sha2)),
            ("1.2.840.10045.4.1", Some(SignatureDigest::Sha1)),
            ("1.2.840.10045.4.3.4", Some(SignatureDigest::Sha2)),
            ("1.3.101.112", None),
        ] {
            let algorithm = Algorithm { oid: ObjectIdentifier::new_unwrap(oid), parameters: None };
            assert_eq!(algorithm.signature_digest(), expected, "{oid}");
        }
    }

    #[test]
    fn the_digest_of_pss_is_in_its_parameters() {
        let sha256 = [0x30, 0x0f, 0xa0, 0x0d, 0x30, 0x0b, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
        let unknown = [0x30, 0x0b, 0xa0, 9, 0x30, 7, 6, 5, 0x2b, 0x0e, 3, 2, 27];
        for (parameters, expected, why) in [
            (None, Some(SignatureDigest::Sha1), "no parameters"),
            (Some(&[0x30, 0][..]), Some(SignatureDigest::Sha1), "none of them stated"),
            (Some(&sha256), Some(SignatureDigest::Sha2), "SHA-256"),
            (Some(&unknown), None, "a digest that is not known"),
            (Some(&[5, 0]), None, "no parameters of its kind"),
        ] {
            let parameters = parameters.map(<[u8]>::to_vec);
            let algorithm = Algorithm { oid: RSASSA_PSS, parameters };
            assert_eq!(algorithm.signature_digest(), expected, "{why}");
        }
    }
}
