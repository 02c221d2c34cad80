//! Private keys that sign the same bytes with the same signature every time.

use num_bigint::BigUint;
use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::hazmat::PrehashSigner;
use p256::ecdsa::{Signature, VerifyingKey};
use sha1::Sha1;
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::der;

/// A private key.
#[derive(Clone)]
pub struct Key(Secret);

#[derive(Clone)]
enum Secret {
    P256(Box<SigningKey>),
    Rsa(RsaKey),
}

/// The RSA keys of 2,048 bits that this crate carries: public, and good for tests alone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RsaKey {
    /// The first.
    A,
    /// The second.
    B,
    /// The third.
    C,
    /// The fourth.
    D,
}

/// The digest under a signature.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Digest {
    /// As profiles and signatures had it until about 2017.
    Sha1,
    /// As they have it now.
    #[default]
    Sha256,
    /// Under Apple's newer roots, and in some signatures of code.
    Sha384,
    /// Nearly nowhere, but allowed.
    Sha512,
}

impl Digest {
    /// The digest of `bytes`.
    #[must_use]
    pub fn of(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(bytes).to_vec(),
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    /// Its object identifier.
    pub(crate) fn oid(self) -> &'static str {
        match self {
            Self::Sha1 => "1.3.14.3.2.26",
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
        }
    }

    /// The `AlgorithmIdentifier`, with the NULL that RSA signatures carry inside.
    pub(crate) fn algorithm(self) -> Vec<u8> {
        der::sequence(&[&der::oid(self.oid()), &der::null()])
    }
}

impl Key {
    /// An ECDSA key on P-256 that follows from `seed`.
    #[must_use]
    pub fn p256(seed: &str) -> Self {
        let mut scalar = Sha256::digest(seed.as_bytes());
        loop {
            if let Ok(key) = SigningKey::from_slice(&scalar) {
                return Self(Secret::P256(Box::new(key)));
            }
            scalar = Sha256::digest(scalar);
        }
    }

    /// One of the RSA keys carried here.
    #[must_use]
    pub fn rsa_2048(key: RsaKey) -> Self {
        Self(Secret::Rsa(key))
    }

    /// The key in PKCS #8 (RFC 5958), DER: what TLS and signing libraries take.
    #[must_use]
    pub fn pkcs8(&self) -> Vec<u8> {
        let inner = match &self.0 {
            Secret::P256(key) => der::sequence(&[
                &der::unsigned(&[1]),
                &der::octets(&key.to_bytes()),
                &der::context(1, &der::bits(&point(key))),
            ]),
            Secret::Rsa(key) => key.pkcs1().to_vec(),
        };
        der::sequence(&[&der::unsigned(&[0]), &self.key_algorithm(), &der::octets(&inner)])
    }

    /// The public key as `SubjectPublicKeyInfo` (RFC 5280 4.1.2.7), DER.
    #[must_use]
    pub fn public_key_info(&self) -> Vec<u8> {
        der::sequence(&[&self.key_algorithm(), &der::bits(&self.public_key())])
    }

    /// The public key's bits alone: an uncompressed point or an `RSAPublicKey`.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        match &self.0 {
            Secret::P256(key) => point(key),
            Secret::Rsa(key) => {
                let numbers = key.numbers();
                der::sequence(&[&der::unsigned(&numbers.modulus), &der::unsigned(&numbers.public_exponent)])
            }
        }
    }

    /// Signs `message`: ECDSA as in RFC 6979 (DER), RSA as PKCS #1 v1.5.
    #[must_use]
    pub fn sign(&self, digest: Digest, message: &[u8]) -> Vec<u8> {
        let hash = digest.of(message);
        match &self.0 {
            Secret::P256(key) => ecdsa(key, &hash),
            Secret::Rsa(key) => key.sign(&der::sequence(&[&digest.algorithm(), &der::octets(&hash)])),
        }
    }

    /// The `AlgorithmIdentifier` of what [`sign`](Self::sign) makes.
    pub(crate) fn signature_algorithm(&self, digest: Digest) -> Vec<u8> {
        let (oid, parameters) = match (&self.0, digest) {
            (Secret::P256(_), Digest::Sha1) => ("1.2.840.10045.4.1", Vec::new()),
            (Secret::P256(_), Digest::Sha256) => ("1.2.840.10045.4.3.2", Vec::new()),
            (Secret::P256(_), Digest::Sha384) => ("1.2.840.10045.4.3.3", Vec::new()),
            (Secret::P256(_), Digest::Sha512) => ("1.2.840.10045.4.3.4", Vec::new()),
            (Secret::Rsa(_), Digest::Sha1) => ("1.2.840.113549.1.1.5", der::null()),
            (Secret::Rsa(_), Digest::Sha256) => ("1.2.840.113549.1.1.11", der::null()),
            (Secret::Rsa(_), Digest::Sha384) => ("1.2.840.113549.1.1.12", der::null()),
            (Secret::Rsa(_), Digest::Sha512) => ("1.2.840.113549.1.1.13", der::null()),
        };
        der::sequence(&[&der::oid(oid), &parameters])
    }

    /// What a CMS signer names: for RSA plain `rsaEncryption`, as Apple does.
    pub(crate) fn cms_signature_algorithm(&self, digest: Digest) -> Vec<u8> {
        match &self.0 {
            Secret::P256(_) => self.signature_algorithm(digest),
            Secret::Rsa(_) => self.key_algorithm(),
        }
    }

    fn key_algorithm(&self) -> Vec<u8> {
        match &self.0 {
            Secret::P256(_) => {
                der::sequence(&[&der::oid("1.2.840.10045.2.1"), &der::oid("1.2.840.10045.3.1.7")])
            }
            Secret::Rsa(_) => der::sequence(&[&der::oid("1.2.840.113549.1.1.1"), &der::null()]),
        }
    }
}

fn ecdsa(key: &SigningKey, hash: &[u8]) -> Vec<u8> {
    let signature: Signature = key.sign_prehash(hash).expect("20 bytes and more are long enough for P-256");
    signature.to_der().as_bytes().to_vec()
}

fn point(key: &SigningKey) -> Vec<u8> {
    VerifyingKey::from(key).to_sec1_point(false).as_bytes().to_vec()
}

/// The numbers of an `RSAPrivateKey` (RFC 8017 A.1.2), big-endian.
struct RsaNumbers {
    modulus: Vec<u8>,
    public_exponent: Vec<u8>,
    private_exponent: Vec<u8>,
}

impl RsaKey {
    fn pkcs1(self) -> &'static [u8] {
        match self {
            Self::A => include_bytes!("rsa-2048-a.der"),
            Self::B => include_bytes!("rsa-2048-b.der"),
            Self::C => include_bytes!("rsa-2048-c.der"),
            Self::D => include_bytes!("rsa-2048-d.der"),
        }
    }

    fn numbers(self) -> RsaNumbers {
        let numbers = der::values(der::content(self.pkcs1()));
        let number = |index: usize| der::content(numbers[index]).to_vec();
        RsaNumbers { modulus: number(1), public_exponent: number(2), private_exponent: number(3) }
    }

    /// EMSA-PKCS1-v1_5 (RFC 8017 9.2) over a `DigestInfo`.
    fn sign(self, digest_info: &[u8]) -> Vec<u8> {
        const BYTES: usize = 256;
        let numbers = self.numbers();
        let padding = vec![0xff; BYTES - 3 - digest_info.len()];
        let message = [&[0, 1][..], &padding, &[0], digest_info].concat();
        let modulus = BigUint::from_bytes_be(&numbers.modulus);
        let signature = BigUint::from_bytes_be(&message)
            .modpow(&BigUint::from_bytes_be(&numbers.private_exponent), &modulus)
            .to_bytes_be();
        [vec![0; BYTES - signature.len()], signature].concat()
    }
}
