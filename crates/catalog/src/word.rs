//! Words that are open on purpose: they belong to the use cases, and a server must keep and list what a newer one wrote.

/// The longest of them.
const LIMIT: usize = 64;

/// Makes a type of a word with a form.
macro_rules! word {
    ($(#[$doc:meta])+ $name:ident, $form:path, $what:literal) => {
        $(#[$doc])+
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        pub struct $name(std::borrow::Cow<'static, str>);

        impl $name {
            /// Names one in a constant.
            ///
            /// # Panics
            ///
            /// When `text` is not of the described form; in a constant that is a compile error.
            #[must_use]
            pub const fn new(text: &'static str) -> Self {
                assert!($form(text.as_bytes()), concat!("this is no ", $what));
                Self(std::borrow::Cow::Borrowed(text))
            }

            /// Its text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::ParseError;

            fn from_str(text: &str) -> Result<Self, $crate::ParseError> {
                if $form(text.as_bytes()) {
                    Ok(Self(std::borrow::Cow::Owned(text.to_owned())))
                } else {
                    Err($crate::ParseError::word($what, text))
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}
pub(crate) use word;

/// The kind of thing and a verb, such as `build.uploaded`: `a` to `z`, `-` and one dot inside.
pub(crate) const fn is_deed(word: &[u8]) -> bool {
    let (mut place, mut dots) = (0, 0);
    while place < word.len() {
        match word[place] {
            b'a'..=b'z' | b'-' => {}
            b'.' if place > 0 && place + 1 < word.len() => dots += 1,
            _ => return false,
        }
        place += 1;
    }
    dots == 1 && place <= LIMIT
}

/// One word, such as `collect-garbage`: `a` to `z` and `-`.
pub(crate) const fn is_plain(word: &[u8]) -> bool {
    let mut place = 0;
    while place < word.len() {
        if !matches!(word[place], b'a'..=b'z' | b'-') {
            return false;
        }
        place += 1;
    }
    place > 0 && place <= LIMIT
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deed_is_two_words_and_a_dot() {
        for (text, fine) in [
            ("build.uploaded", true),
            ("ticket-key.retired", true),
            ("build", false),
            (".uploaded", false),
            ("build.", false),
            ("build.up.loaded", false),
            ("Build.uploaded", false),
            ("build uploaded", false),
            ("", false),
        ] {
            assert_eq!(is_deed(text.as_bytes()), fine, "{text:?}");
        }
    }

    #[test]
    fn a_plain_word_has_no_dot() {
        let longest = "a".repeat(LIMIT);
        let too_long = "a".repeat(LIMIT + 1);
        for (text, fine) in [
            ("collect-garbage", true),
            (longest.as_str(), true),
            (too_long.as_str(), false),
            ("collect.garbage", false),
            ("Collect", false),
            ("", false),
        ] {
            assert_eq!(is_plain(text.as_bytes()), fine, "{text:?}");
        }
    }
}
