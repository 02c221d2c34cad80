use std::fmt;

use ring::aead::{Aad, CHACHA20_POLY1305, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use thiserror::Error;

use crate::random;

/// The server's secret key: it seals the secrets that the catalog keeps and that the server must use again.
///
/// ChaCha20-Poly1305 (RFC 8439) with a random nonce before the sealed bytes. What is sealed is bound to a label, so
/// that one kind of secret cannot be put in place of another.
pub struct SecretKey(LessSafeKey);

/// Sealed bytes that this key did not seal under this label.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a sealed secret cannot be opened: it was sealed under another secret key, or is damaged")]
pub struct UnsealError;

impl SecretKey {
    /// Number of bytes of a key.
    pub const LEN: usize = 32;

    /// Wraps 32 random bytes.
    ///
    /// # Panics
    ///
    /// Never: the length is the cipher's.
    #[must_use]
    pub fn new(bytes: &[u8; Self::LEN]) -> Self {
        let key = UnboundKey::new(&CHACHA20_POLY1305, bytes).expect("the key has the cipher's length");
        Self(LessSafeKey::new(key))
    }

    /// Seals `secret`, of at most 64 GiB, under `label`.
    ///
    /// # Panics
    ///
    /// When the operating system has no randomness to give.
    #[must_use]
    pub fn seal(&self, label: &str, secret: &[u8]) -> Vec<u8> {
        let nonce: [u8; NONCE_LEN] = random::bytes();
        let mut text = secret.to_vec();
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(label), &mut text)
            .expect("a secret is far shorter than the cipher's limit");
        [&nonce[..], &text].concat()
    }

    /// Opens what [`seal`](Self::seal) gave for the same label.
    ///
    /// # Errors
    ///
    /// [`UnsealError`] for anything else.
    pub fn unseal(&self, label: &str, sealed: &[u8]) -> Result<Vec<u8>, UnsealError> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or(UnsealError)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| UnsealError)?;
        let mut text = text.to_vec();
        let secret = self.0.open_in_place(nonce, Aad::from(label), &mut text).map_err(|_| UnsealError)?;
        Ok(secret.to_vec())
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey([redacted])")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_opens_under_its_key_and_label_alone() {
        let key = SecretKey::new(&[7; 32]);
        let sealed = key.seal("ticket key", b"secret");
        assert_eq!(key.unseal("ticket key", &sealed).as_deref(), Ok(&b"secret"[..]));
        assert_eq!(key.unseal("mail password", &sealed), Err(UnsealError));
        assert_eq!(SecretKey::new(&[8; 32]).unseal("ticket key", &sealed), Err(UnsealError));
        for cut in 0..sealed.len() {
            assert_eq!(key.unseal("ticket key", &sealed[..cut]), Err(UnsealError), "{cut} bytes");
        }
        assert_ne!(key.seal("ticket key", b"secret"), sealed, "nonces are never used twice");
    }
}
