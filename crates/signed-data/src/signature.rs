//! Signatures, checked by `ring`.

use der::asn1::ObjectIdentifier;
use ring::digest;
use ring::signature::{self, UnparsedPublicKey, VerificationAlgorithm};

use crate::{Algorithm, PublicKey};

/// Why a signature does not hold.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureFault {
    /// The signature was made with another key or over other bytes.
    #[error("the signature was made with another key, or over something else")]
    Mismatch,
    /// The signed attributes state the digest of another content.
    #[error("the content is not what was signed: its digest is another than the signed one")]
    OtherContent,
    /// The signed attributes state no digest, or several.
    #[error("the signed attributes hold no digest of the content, or more than one")]
    NoDigest,
    /// The signed attributes name another type of content than the message, or none.
    #[error("the signed attributes name another type of content than the message does")]
    OtherContentType,
    /// The message carries no content, and none was given.
    #[error("the signed content is not there")]
    NoContent,
    /// The message does not carry the certificate that the signer names.
    #[error("the signer's certificate is not in the message")]
    NoCertificate,
    /// It is made in a way that is not checked here, which says nothing about its worth.
    #[error("signatures of kind {signature} with digests of kind {digest} are not checked")]
    Unchecked {
        /// The signature's algorithm.
        signature: ObjectIdentifier,
        /// The digest's, as far as the signature's does not tell it.
        digest: ObjectIdentifier,
    },
}

/// The digests that messages are signed over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn of_digest(oid: ObjectIdentifier) -> Option<Self> {
        Some(match oid {
            SHA1 => Self::Sha1,
            SHA256 => Self::Sha256,
            SHA384 => Self::Sha384,
            SHA512 => Self::Sha512,
            _ => return None,
        })
    }

    fn algorithm(self) -> &'static digest::Algorithm {
        match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        }
    }
}

const SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.14.3.2.26");
const SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1");
const SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2");
const SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3");

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
const RSA_SHA1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.5");
const RSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.11");
const RSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.12");
const RSA_SHA512: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.13");

const EC: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const ECDSA_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const ECDSA_SHA384: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.3");
/// The curves' identifiers in DER, as they stand in a key's parameters.
const P256: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
const P384: &[u8] = &[0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22];

/// The digest of `content`, `None` of an algorithm that is not known here.
pub(crate) fn digest(algorithm: &Algorithm, content: &[u8]) -> Option<digest::Digest> {
    Some(digest::digest(Hash::of_digest(algorithm.oid)?.algorithm(), content))
}

/// Checks a signature over `message`; `digest` counts where the signature's algorithm names none.
pub(crate) fn check(
    key: &PublicKey,
    signature_algorithm: &Algorithm,
    digest: Option<&Algorithm>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), SignatureFault> {
    let unchecked = || SignatureFault::Unchecked {
        signature: signature_algorithm.oid,
        digest: digest.map_or(signature_algorithm.oid, |digest| digest.oid),
    };
    let hash = match signature_algorithm.oid {
        RSA | EC => digest.and_then(|digest| Hash::of_digest(digest.oid)),
        RSA_SHA1 => Some(Hash::Sha1),
        RSA_SHA256 | ECDSA_SHA256 => Some(Hash::Sha256),
        RSA_SHA384 | ECDSA_SHA384 => Some(Hash::Sha384),
        RSA_SHA512 => Some(Hash::Sha512),
        _ => None,
    };
    let is_rsa = matches!(signature_algorithm.oid, RSA | RSA_SHA1 | RSA_SHA256 | RSA_SHA384 | RSA_SHA512);
    let algorithm: &'static dyn VerificationAlgorithm = match (key.algorithm.oid, is_rsa, hash) {
        // Devices enrol with keys of 1,024 bits.
        (RSA, true, Some(Hash::Sha1)) => &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        (RSA, true, Some(Hash::Sha256)) => &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        (RSA, true, Some(Hash::Sha384)) => &signature::RSA_PKCS1_2048_8192_SHA384,
        (RSA, true, Some(Hash::Sha512)) => &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        (EC, false, Some(hash)) => match (key.algorithm.parameters.as_deref(), hash) {
            (Some(P256), Hash::Sha256) => &signature::ECDSA_P256_SHA256_ASN1,
            (Some(P256), Hash::Sha384) => &signature::ECDSA_P256_SHA384_ASN1,
            (Some(P384), Hash::Sha256) => &signature::ECDSA_P384_SHA256_ASN1,
            (Some(P384), Hash::Sha384) => &signature::ECDSA_P384_SHA384_ASN1,
            _ => return Err(unchecked()),
        },
        (RSA, false, Some(_)) | (EC, true, Some(_)) => return Err(SignatureFault::Mismatch),
        _ => return Err(unchecked()),
    };
    UnparsedPublicKey::new(algorithm, &key.bits)
        .verify(message, signature)
        .map_err(|_| SignatureFault::Mismatch)
}
