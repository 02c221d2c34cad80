use std::fmt;

use der::asn1::ObjectIdentifier;

use crate::element::{Element, INTEGER, OBJECT_IDENTIFIER, Parts, SEQUENCE};
use crate::{Algorithm, SignedDataError};

/// The key a certificate is for (`SubjectPublicKeyInfo`, RFC 5280 4.1.2.7).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct PublicKey {
    /// What kind of key it is: 1.2.840.113549.1.1.1 for RSA, 1.2.840.10045.2.1 for elliptic curves.
    pub algorithm: Algorithm,
    /// The key as its kind writes it: an `RSAPublicKey` in DER, or a point of the curve.
    pub bits: Vec<u8>,
}

/// How much a key can bear.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum KeyStrength {
    /// RSA with a modulus of so many bits.
    Rsa {
        /// The bits from the first that is set.
        bits: usize,
    },
    /// One of the curves P-192 to P-521 of NIST (RFC 5480 2.1.1.1).
    Curve {
        /// The number in its name.
        bits: usize,
    },
    /// Another kind of key, or one that can't be read.
    Other(ObjectIdentifier),
}

impl PublicKey {
    pub(crate) fn take(parts: &mut Parts<'_>) -> Result<Self, SignedDataError> {
        let mut fields = parts.required(SEQUENCE, "the certificate's public key")?.parts();
        let algorithm = Algorithm::take(&mut fields, "the certificate's public key algorithm")?;
        let bits = fields.bits("the certificate's public key")?.to_vec();
        fields.finish("the certificate's public key")?;
        Ok(Self { algorithm, bits })
    }

    /// Its kind and its size.
    ///
    /// ```
    /// # use signed_data::{Certificate, KeyStrength, Limits};
    /// # use testkit::pki::{Chain, LeafKind};
    /// # let chain = Chain::rsa("A1B2C3D4E5", LeafKind::Distribution, time::macros::utc_datetime!(2026-06-01 0:00));
    /// # let bytes = &chain.leaf.certificate.der;
    /// let certificate = Certificate::read(bytes, &Limits::default())?;
    /// assert_eq!(certificate.public_key().strength(), KeyStrength::Rsa { bits: 2048 });
    /// # Ok::<(), signed_data::SignedDataError>(())
    /// ```
    #[must_use]
    pub fn strength(&self) -> KeyStrength {
        let known = match self.algorithm.oid {
            RSA => modulus_bits(&self.bits).map(|bits| KeyStrength::Rsa { bits }),
            EC => curve_bits(&self.algorithm).map(|bits| KeyStrength::Curve { bits }),
            _ => None,
        };
        known.unwrap_or(KeyStrength::Other(self.algorithm.oid))
    }
}

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");

/// Bits of the first number of an `RSAPublicKey` (RFC 8017 A.1.1).
fn modulus_bits(key: &[u8]) -> Option<usize> {
    let numbers = Element::first(key).filter(|key| key.tag == SEQUENCE)?;
    let modulus = numbers.parts().next().filter(|modulus| modulus.tag == INTEGER)?.content;
    let digits = modulus.iter().position(|byte| *byte != 0).map_or(&[][..], |first| &modulus[first..]);
    let unset = digits.first().map_or(0, |first| first.leading_zeros() as usize);
    Some(digits.len() * 8 - unset)
}

/// The curve that the parameters of an elliptic key name.
fn curve_bits(algorithm: &Algorithm) -> Option<usize> {
    let name = Element::first(algorithm.parameters.as_deref()?)?;
    let oid = ObjectIdentifier::from_bytes(name.content).ok().filter(|_| name.tag == OBJECT_IDENTIFIER)?;
    CURVES.iter().find(|(curve, _)| *curve == oid).map(|(_, bits)| *bits)
}

const CURVES: [(ObjectIdentifier, usize); 5] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.1"), 192),
    (ObjectIdentifier::new_unwrap("1.3.132.0.33"), 224),
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), 256),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), 384),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), 521),
];

/// `RSA with 2048 bits`, `P-256`, `a key of kind 1.3.101.112`.
impl fmt::Display for KeyStrength {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rsa { bits } => write!(f, "RSA with {bits} bits"),
            Self::Curve { bits } => write!(f, "P-{bits}"),
            Self::Other(kind) => write!(f, "a key of kind {kind}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_as_strong_as_their_numbers() {
        let rsa = |modulus: &[u8]| {
            let number = [&[2, u8::try_from(modulus.len()).unwrap()], modulus].concat();
            let numbers =
                [&[0x30, u8::try_from(number.len() + 3).unwrap()], &number[..], &[2, 1, 3]].concat();
            PublicKey { algorithm: Algorithm { oid: RSA, parameters: Some(vec![5, 0]) }, bits: numbers }
        };
        for (modulus, bits) in
            [(&[0, 0x80, 0][..], 16), (&[0x7f, 0xff], 15), (&[1], 1), (&[0, 0, 1], 1), (&[0], 0), (&[], 0)]
        {
            assert_eq!(rsa(modulus).strength(), KeyStrength::Rsa { bits }, "{modulus:?}");
        }
        let odd = PublicKey { bits: vec![2, 1, 3], ..rsa(&[1]) };
        assert_eq!(odd.strength(), KeyStrength::Other(RSA));
    }

    #[test]
    fn curves_are_known_by_their_names() {
        let curve = |parameters: &[u8]| {
            let algorithm = Algorithm { oid: EC, parameters: Some(parameters.to_vec()) };
            PublicKey { algorithm, bits: Vec::new() }.strength()
        };
        for (parameters, expected, why) in [
            (&[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 1][..], "P-192", "prime192v1"),
            (&[6, 5, 0x2b, 0x81, 4, 0, 33], "P-224", "secp224r1"),
            (&[6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7], "P-256", "prime256v1"),
            (&[6, 5, 0x2b, 0x81, 4, 0, 34], "P-384", "secp384r1"),
            (&[6, 5, 0x2b, 0x81, 4, 0, 35], "P-521", "secp521r1"),
            (&[6, 5, 0x2b, 0x81, 4, 0, 10], "a key of kind 1.2.840.10045.2.1", "secp256k1"),
            (&[5, 0], "a key of kind 1.2.840.10045.2.1", "no name"),
        ] {
            assert_eq!(curve(parameters).to_string(), expected, "{why}");
        }
        let edwards = ObjectIdentifier::new_unwrap("1.3.101.112");
        let key = PublicKey { algorithm: Algorithm { oid: edwards, parameters: None }, bits: vec![7; 32] };
        assert_eq!(key.strength(), KeyStrength::Other(edwards));
    }
}
