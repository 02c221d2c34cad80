//! What an app calls itself: text from `Info.plist`, checked once and trusted afterwards.

use std::fmt;
use std::str::FromStr;

/// The longest identifier or version that is taken, in bytes of UTF-8.
///
/// Assumed, and generous: App Store Connect allows 155 characters for a bundle identifier.
pub const TEXT_LIMIT_BYTES: usize = 255;

/// Why a piece of text is no identifier or version.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// Nothing is left once white space is trimmed.
    #[error("the text is empty")]
    Empty,
    /// The text is longer than anything real.
    #[error("the text is {found} bytes long, {limit} bytes are the most")]
    TooLong {
        /// Bytes of UTF-8 after trimming.
        found: usize,
        /// The most bytes allowed.
        limit: usize,
    },
    /// A control character stands in the text.
    #[error("the text holds the control character U+{:04X}", u32::from(*.found))]
    Control {
        /// The first such character.
        found: char,
    },
}

fn checked(text: &str) -> Result<&str, TextError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TextError::Empty);
    }
    if text.len() > TEXT_LIMIT_BYTES {
        return Err(TextError::TooLong { found: text.len(), limit: TEXT_LIMIT_BYTES });
    }
    match text.chars().find(|character| character.is_control()) {
        Some(found) => Err(TextError::Control { found }),
        None => Ok(text),
    }
}

macro_rules! text {
    ($(#[$about:meta])* $name:ident) => {
        $(#[$about])*
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(Box<str>);

        impl $name {
            /// Trims `text`, checks it and wraps it.
            ///
            /// # Errors
            ///
            /// [`TextError`] when nothing is left, when it is too long, or when it holds a control character.
            pub fn parse(text: &str) -> Result<Self, TextError> {
                checked(text).map(|text| Self(text.into()))
            }

            /// The text, trimmed, between 1 and [`TEXT_LIMIT_BYTES`] bytes.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = TextError;

            fn from_str(text: &str) -> Result<Self, TextError> {
                Self::parse(text)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }
    };
}

text! {
    /// A bundle identifier such as `com.example.Notes` (`CFBundleIdentifier`).
    ///
    /// What the package says, trimmed: never empty, no control characters. Apple asks for ASCII letters, digits, `-`
    /// and `.`, yet other identifiers exist and install; [`BundleId::odd_character`] tells.
    /// Source: Apple, *Bundle Resources*, `CFBundleIdentifier`.
    ///
    /// ```
    /// use ipa::BundleId;
    ///
    /// let app = BundleId::parse(" com.example.Notes ")?;
    /// assert_eq!(app.as_str(), "com.example.Notes");
    /// assert!(BundleId::parse("com.example.Notes.Widget")?.is_within(&app));
    /// # Ok::<(), ipa::TextError>(())
    /// ```
    BundleId
}

text! {
    /// The version people read, such as `2.4.1` (`CFBundleShortVersionString`).
    ///
    /// Any text a package may hold, trimmed: Apple asks for three numbers, real packages also hold `2.4.1-beta`.
    /// Ordered as text, not as numbers.
    /// Source: Apple, *Bundle Resources*, `CFBundleShortVersionString`.
    Version
}

text! {
    /// The build number, such as `417` or `2.4.1.417` (`CFBundleVersion`).
    ///
    /// Any text a package may hold, trimmed. Ordered as text, not as numbers.
    /// Source: Apple, *Bundle Resources*, `CFBundleVersion`.
    BuildNumber
}

text! {
    /// The identifier of a developer team, such as `A1B2C3D4E5` (`TeamIdentifier` in a profile).
    ///
    /// Apple's are ten capital letters and digits; any text is taken, since profiles made by other tools hold other.
    /// Source: Apple, TN3125.
    TeamId
}

impl BundleId {
    /// The first character that Apple does not allow in a bundle identifier, if there is one.
    #[must_use]
    pub fn odd_character(&self) -> Option<char> {
        self.0.chars().find(|found| !(found.is_ascii_alphanumeric() || matches!(found, '-' | '.')))
    }

    /// Whether this identifier is `host`'s followed by a dot and more, as iOS asks of nested bundles.
    #[must_use]
    pub fn is_within(&self, host: &Self) -> bool {
        self.0
            .strip_prefix(&*host.0)
            .and_then(|rest| rest.strip_prefix('.'))
            .is_some_and(|own| !own.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_trimmed_and_bounded() {
        let longest = "a".repeat(TEXT_LIMIT_BYTES);
        let too_long = "a".repeat(TEXT_LIMIT_BYTES + 1);
        for (text, expected, why) in [
            ("1.2", Ok("1.2"), "plain"),
            ("\t 1.2 \n", Ok("1.2"), "white space around"),
            ("1.2 beta", Ok("1.2 beta"), "white space within"),
            ("版本", Ok("版本"), "any script"),
            ("", Err(TextError::Empty), "nothing"),
            (" \u{a0}\u{3000}", Err(TextError::Empty), "only white space"),
            ("1\u{0}2", Err(TextError::Control { found: '\0' }), "NUL"),
            ("1\r\n2", Err(TextError::Control { found: '\r' }), "a header's end"),
            ("1\u{1b}[2J", Err(TextError::Control { found: '\u{1b}' }), "a terminal's escape"),
            (&longest, Ok(&*longest), "the longest"),
            (&too_long, Err(TextError::TooLong { found: 256, limit: 255 }), "a byte too long"),
        ] {
            assert_eq!(
                Version::parse(text).as_ref().map(Version::as_str),
                expected.as_ref().copied(),
                "{why}"
            );
        }
    }

    #[test]
    fn nested_identifiers_start_with_their_host_and_a_dot() {
        let host = BundleId::parse("com.example.app").unwrap();
        for (text, expected) in [
            ("com.example.app.widget", true),
            ("com.example.app.a.b", true),
            ("com.example.app", false),
            ("com.example.app.", false),
            ("com.example.apple", false),
            ("com.example", false),
            ("COM.example.app.widget", false),
        ] {
            assert_eq!(BundleId::parse(text).unwrap().is_within(&host), expected, "{text}");
        }
    }

    #[test]
    fn odd_characters_are_named() {
        for (text, expected) in [
            ("com.example-1.App", None),
            ("com.my_app", Some('_')),
            ("com.$(NAME)", Some('$')),
            ("com.é", Some('é')),
        ] {
            assert_eq!(BundleId::parse(text).unwrap().odd_character(), expected, "{text}");
        }
    }
}
