use std::fmt;
use std::str::FromStr;

use crate::ParseError;

/// The SHA-256 of some bytes; shown as 64 hexadecimal digits.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    /// Wraps a digest.
    #[must_use]
    pub fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// Reads the 32 bytes that [`as_bytes`](Self::as_bytes) gave.
    ///
    /// # Errors
    ///
    /// [`ParseError::Length`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ParseError> {
        let digest = bytes.try_into().map_err(|_| length(bytes.len()))?;
        Ok(Self(digest))
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl FromStr for Sha256 {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        if let Some(seen) = text.chars().find(|c| !c.is_ascii_hexdigit()) {
            return Err(ParseError::HexDigit { seen });
        }
        if text.len() != 64 {
            return Err(length(text.len() / 2));
        }
        let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
        let bytes = digits.chunks_exact(2).filter_map(|pair| u8::try_from(pair[0] << 4 | pair[1]).ok());
        Self::from_bytes(&bytes.collect::<Vec<u8>>())
    }
}

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

fn length(seen_bytes: usize) -> ParseError {
    ParseError::Length { what: "a SHA-256", expected_bytes: 32, seen_bytes }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_64_hexadecimal_digits_are_a_digest() {
        let fine = "0123456789abcdefABCDEF".repeat(3)[..64].to_owned();
        for (text, accepted, why) in [
            (fine.clone(), true, "64 digits"),
            (fine[..63].to_owned(), false, "63 digits"),
            (format!("{fine}0"), false, "65 digits"),
            (format!("{}g", &fine[..63]), false, "a letter past f"),
            (format!("{}é", &fine[..62]), false, "64 bytes, not all digits"),
            (String::new(), false, "empty"),
        ] {
            assert_eq!(text.parse::<Sha256>().is_ok(), accepted, "{why}");
        }
    }

    proptest! {
        #[test]
        fn a_digest_survives_text_and_bytes(digest: [u8; 32]) {
            let sha256 = Sha256::new(digest);
            prop_assert_eq!(sha256.to_string().parse(), Ok(sha256));
            prop_assert_eq!(Sha256::from_bytes(sha256.as_bytes()), Ok(sha256));
        }
    }
}
