use std::fmt;
use std::str::FromStr;

use crate::ParseError;

const LIMIT: usize = 64;

/// The part of a channel's address that names it: `/i/{slug}`.
///
/// 1 to 64 of `a` to `z`, `0` to `9` and `-`, which is neither first nor last.
///
/// ```
/// use catalog::Slug;
///
/// assert!("notes-nightly".parse::<Slug>().is_ok());
/// assert_eq!(Slug::random([0; 10]).as_str(), "0000000000000000");
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Slug(String);

impl Slug {
    /// A slug that cannot be guessed: 16 characters for 80 random bits.
    #[must_use]
    pub fn random(random: [u8; 10]) -> Self {
        // Crockford's base 32: no i, l, o or u, so it can be read out and typed.
        const DIGITS: [char; 32] = [
            '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j',
            'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'v', 'w', 'x', 'y', 'z',
        ];
        let bits = random.iter().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
        Self((0..16).rev().map(|place| DIGITS[(bits >> (place * 5) & 31) as usize]).collect())
    }

    /// The slug's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Slug {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let seen = text.chars().count();
        if seen == 0 || seen > LIMIT {
            return Err(ParseError::CharacterCount { what: "a slug", limit: LIMIT, seen });
        }
        let odd = text.chars().enumerate().find(|&(place, c)| match c {
            'a'..='z' | '0'..='9' => false,
            '-' => place == 0 || place + 1 == seen,
            _ => true,
        });
        match odd {
            Some((_, seen)) => Err(ParseError::Character { what: "a slug", seen }),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_slug_is_short_and_plain() {
        let longest = "a".repeat(64);
        let too_long = "a".repeat(65);
        for (text, fine, why) in [
            ("a", true, "one letter"),
            ("notes-2", true, "letters, a hyphen, a digit"),
            (&longest, true, "64 characters"),
            (&too_long, false, "65 characters"),
            ("", false, "empty"),
            ("-a", false, "a hyphen first"),
            ("a-", false, "a hyphen last"),
            ("-", false, "a hyphen alone"),
            ("Notes", false, "a capital"),
            ("a/b", false, "a slash"),
            ("..", false, "dots"),
            ("é", false, "not ASCII"),
        ] {
            assert_eq!(text.parse::<Slug>().is_ok(), fine, "{why}");
        }
    }

    #[test]
    fn a_random_slug_uses_every_bit() {
        assert_eq!(Slug::random([0xff; 10]).as_str(), "zzzzzzzzzzzzzzzz");
        assert_eq!(Slug::random([0, 0, 0, 0, 0, 0, 0, 0, 0, 1]).as_str(), "0000000000000001");
        assert_eq!(Slug::random([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0]).as_str(), "g000000000000000");
    }

    proptest! {
        #[test]
        fn a_random_slug_is_a_slug(random: [u8; 10]) {
            let slug = Slug::random(random);
            prop_assert_eq!(slug.as_str().parse(), Ok(slug.clone()));
        }
    }
}
