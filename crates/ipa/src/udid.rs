use std::fmt;
use std::str::FromStr;

/// The identifier of one device, in the spelling that Apple's tools use.
///
/// Three shapes are known (observed): 40 hexadecimal digits, in lower case (devices up to 2018); 8 digits, a hyphen
/// and 16 digits, in upper case (later devices); 8-4-4-4-12 digits, in upper case (Macs, which profiles list too).
/// It names a person's device, so `Debug` shows its last four digits only; `Display` shows all of it.
///
/// ```
/// use ipa::Udid;
///
/// let udid = Udid::parse("00008110-001a2b3c4d5e6f78")?;
/// assert_eq!(udid.as_str(), "00008110-001A2B3C4D5E6F78");
/// assert_eq!(format!("{udid:?}"), "Udid(…6F78)");
/// # Ok::<(), ipa::UdidError>(())
/// ```
#[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Udid(Box<str>);

/// The text is not shaped like a device identifier.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "a text of {characters} characters is no device identifier: expected 40 hexadecimal digits, or 8, a hyphen and 16"
)]
pub struct UdidError {
    /// How many characters the trimmed text has; the text itself may name a device and is not repeated.
    pub characters: usize,
}

impl Udid {
    /// Trims `text`, checks its shape and brings its letters to the usual case.
    ///
    /// # Errors
    ///
    /// [`UdidError`] when the text has none of the three shapes.
    pub fn parse(text: &str) -> Result<Self, UdidError> {
        let text = text.trim();
        if has_shape(text, &[40]) {
            Ok(Self(text.to_ascii_lowercase().into()))
        } else if has_shape(text, &[8, 16]) || has_shape(text, &[8, 4, 4, 4, 12]) {
            Ok(Self(text.to_ascii_uppercase().into()))
        } else {
            Err(UdidError { characters: text.chars().count() })
        }
    }

    /// The identifier in its usual spelling: 25, 36 or 40 ASCII characters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether every digit is the same, as in the made-up identifiers that some tools send (all `f`, all `0`).
    #[must_use]
    pub fn is_placeholder(&self) -> bool {
        let mut digits = self.0.bytes().filter(|byte| *byte != b'-');
        let first = digits.next();
        digits.all(|digit| Some(digit) == first)
    }
}

fn has_shape(text: &str, groups: &[usize]) -> bool {
    let mut parts = text.split('-');
    groups.iter().all(|digits| {
        parts
            .next()
            .is_some_and(|part| part.len() == *digits && part.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }) && parts.next().is_none()
}

impl fmt::Display for Udid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.0)
    }
}

impl fmt::Debug for Udid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let last = self.0.len().saturating_sub(4);
        write!(formatter, "Udid(…{})", &self.0[last..])
    }
}

impl FromStr for Udid {
    type Err = UdidError;

    fn from_str(text: &str) -> Result<Self, UdidError> {
        Self::parse(text)
    }
}

impl AsRef<str> for Udid {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_shapes_are_taken_and_spelled_as_usual() {
        for (text, expected, why) in [
            (" 00008110-001a2b3c4d5e6f78\n", Some("00008110-001A2B3C4D5E6F78"), "since 2018"),
            (
                "0123456789ABCDEF0123456789abcdef01234567",
                Some("0123456789abcdef0123456789abcdef01234567"),
                "until 2018",
            ),
            ("01234567-89ab-cdef-0123-456789abcdef", Some("01234567-89AB-CDEF-0123-456789ABCDEF"), "a Mac"),
            ("0123456789abcdef0123456789abcdef0123456", None, "a digit short"),
            ("0123456789abcdef0123456789abcdef012345678", None, "a digit long"),
            ("0123456789abcdef0123456789abcdef0123456g", None, "no digit"),
            ("00008110001a2b3c4d5e6f78", None, "no hyphen"),
            ("00008110-001a2b3c4d5e6f78-", None, "a hyphen more"),
            ("0000811é-001a2b3c4d5e6f78", None, "not ASCII"),
            ("", None, "nothing"),
        ] {
            assert_eq!(Udid::parse(text).ok().as_ref().map(Udid::as_str), expected, "{why}");
        }
    }

    #[test]
    fn made_up_identifiers_are_told() {
        assert!(Udid::parse(&"f".repeat(40)).unwrap().is_placeholder());
        assert!(Udid::parse("00000000-0000000000000000").unwrap().is_placeholder());
        assert!(!Udid::parse("00000000-0000000000000001").unwrap().is_placeholder());
    }

    #[test]
    fn errors_and_debug_do_not_repeat_the_identifier() {
        let error = Udid::parse("0123456789abcdef").unwrap_err();
        assert!(!error.to_string().contains("0123456789abcdef"));
        let udid = Udid::parse("00008110-001A2B3C4D5E6F78").unwrap();
        assert!(!format!("{udid:?}").contains("001A2B3C"));
    }
}
