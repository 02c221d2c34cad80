use std::fmt;

use ring::digest;

/// SHA-256 of a certificate's DER bytes, as a phone shows it to its owner.
///
/// Prints as pairs of capital hexadecimal digits with spaces, the way certificate details on iOS and macOS read.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The fingerprint of a certificate in DER form.
    ///
    /// ```
    /// use tls::Fingerprint;
    ///
    /// let fingerprint = Fingerprint::of(b"abc").to_string();
    /// assert!(fingerprint.starts_with("BA 78 16 BF 8F 01 CF EA"));
    /// ```
    #[must_use]
    pub fn of(der: &[u8]) -> Self {
        let mut bytes = [0; 32];
        bytes.copy_from_slice(digest::digest(&digest::SHA256, der).as_ref());
        Self(bytes)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            let space = if at == 0 { "" } else { " " };
            write!(f, "{space}{byte:02X}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}
