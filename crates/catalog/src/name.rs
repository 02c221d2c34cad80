use std::fmt;

use crate::ParseError;

const LIMIT: usize = 100;

/// What a person calls an app, a channel or a token: `Notes`, `Nightly`, `CI of the notes team`.
///
/// 1 to 100 characters, no control character, no white space at either end.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Name(String);

impl Name {
    /// Checks `text` and wraps it.
    ///
    /// # Errors
    ///
    /// [`ParseError::CharacterCount`] and [`ParseError::Character`].
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        let seen = text.chars().count();
        if seen == 0 || seen > LIMIT {
            return Err(ParseError::CharacterCount { what: "a name", limit: LIMIT, seen });
        }
        let ends = text.chars().next().into_iter().chain(text.chars().next_back());
        let odd =
            text.chars().find(|c| c.is_control()).or_else(|| ends.into_iter().find(|c| c.is_whitespace()));
        match odd {
            Some(seen) => Err(ParseError::Character { what: "a name", seen }),
            None => Ok(Self(text.to_owned())),
        }
    }

    /// Makes a name of text that was not written to be one, such as a package's display name: control characters
    /// become spaces, the ends are trimmed, what is too long is cut. `None` when nothing is left.
    #[must_use]
    pub fn fit(text: &str) -> Option<Self> {
        let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        let cut: String = plain.trim().chars().take(LIMIT).collect();
        Self::parse(cut.trim_end()).ok()
    }

    /// The name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in lower case: what lists sort by, as bytes, and what makes a channel's name unique.
    ///
    /// Computed here and kept beside the name, so that every engine orders alike.
    #[must_use]
    pub fn key(&self) -> String {
        self.0.to_lowercase()
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A place in a list that is sorted by name: the key of a name, and an id among equal ones.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NameCursor<I> {
    /// The [`Name::key`] of the last item.
    pub name_key: String,
    /// The id of the last item.
    pub id: I,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_is_short_printable_and_trimmed() {
        let longest = "é".repeat(100);
        let too_long = "é".repeat(101);
        for (text, fine, why) in [
            ("Nightly", true, "a word"),
            ("a", true, "one character"),
            ("Two words", true, "a space inside"),
            (&longest, true, "100 characters of two bytes"),
            (&too_long, false, "101 characters"),
            ("", false, "empty"),
            (" a", false, "a space before"),
            ("a\u{a0}", false, "a no-break space behind"),
            ("a\nb", false, "a line break inside"),
            ("a\u{1b}[31m", false, "an escape"),
        ] {
            assert_eq!(Name::parse(text).is_ok(), fine, "{why}");
        }
    }

    #[test]
    fn foreign_text_is_made_to_fit() {
        for (text, name, why) in [
            ("  Notes\n", Some("Notes"), "trimmed"),
            ("No\u{0}tes", Some("No tes"), "control characters become spaces"),
            ("\t \n", None, "nothing left"),
            ("", None, "nothing there"),
        ] {
            assert_eq!(Name::fit(text).as_ref().map(Name::as_str), name, "{why}");
        }
    }

    proptest! {
        #[test]
        fn what_was_made_to_fit_is_a_name(text in ".{0,200}") {
            if let Some(name) = Name::fit(&text) {
                prop_assert_eq!(Name::parse(name.as_str()), Ok(name));
            }
        }
    }
}
