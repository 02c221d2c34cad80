use std::error::Error;
use std::fmt;

/// What a store can answer instead of doing its work.
///
/// After [`Conflict`](Self::Conflict) a unit goes on as if the call had not been made. After any other error it is
/// good for nothing but being dropped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// Something with this natural key is there already; it can be found by that key in the same unit.
    #[error("{0} is there already")]
    Conflict(Key),
    /// The thing to change is not there.
    #[error("there is no such {0}")]
    Unknown(&'static str),
    /// The row to add names another one that is not there.
    #[error("the {0} refers to something that is not there")]
    Dangling(&'static str),
    /// The store is overloaded; the same call may succeed in a moment.
    #[error("the store is busy")]
    Busy(#[source] Box<dyn Error + Send + Sync>),
    /// The disk that the store is on is full, or its owner's quota used up.
    #[error("the store has no room left while {0}")]
    NoSpace(&'static str, #[source] Box<dyn Error + Send + Sync>),
    /// A row says what no version of this program writes.
    #[error("the store holds a malformed {0}")]
    Corrupt(&'static str, #[source] Box<dyn Error + Send + Sync>),
    /// The database failed; no caller can do better than report it.
    #[error("the store failed while {0}")]
    Backend(&'static str, #[source] Box<dyn Error + Send + Sync>),
}

/// What must be unique.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Key {
    /// An id that was given out twice: the caller's randomness is broken.
    Id,
    /// The bundle identifier and platform of an app.
    App,
    /// The SHA-256 of a blob.
    Blob,
    /// The SHA-256 of a build's package.
    Package,
    /// The name of a channel within its app, upper and lower case being the same.
    ChannelName,
    /// The slug of a channel, on the whole server and for ever.
    ChannelSlug,
    /// The kind and subject of a job that waits.
    Job,
    /// The hash of a token's secret.
    TokenHash,
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Id => "this id",
            Self::App => "an app with this bundle identifier and platform",
            Self::Blob => "a blob with these bytes",
            Self::Package => "a build with this package",
            Self::ChannelName => "a channel with this name",
            Self::ChannelSlug => "a channel with this slug",
            Self::Job => "a job of this kind and subject",
            Self::TokenHash => "a token with this secret",
        })
    }
}

/// A text or number that is not what it should be.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseError {
    /// Not a version 7 UUID in its usual spelling (or its 16 bytes).
    #[error("an id is a version 7 uuid such as 018f4d3c-9a2b-7c1d-8e5f-0123456789ab, not {seen:?}")]
    Id {
        /// What was given, cut to 40 characters.
        seen: String,
    },
    /// A digest or other key of fixed length has another one, or a digit that is none.
    #[error("{what} is {expected_bytes} bytes, not {seen_bytes}")]
    Length {
        /// What was to be read.
        what: &'static str,
        /// The length it must have.
        expected_bytes: usize,
        /// The length it has.
        seen_bytes: usize,
    },
    /// A digest's text holds something other than hexadecimal digits.
    #[error("{seen:?} is no hexadecimal digit")]
    HexDigit {
        /// The first character that is none.
        seen: char,
    },
    /// A name or slug is empty or too long.
    #[error("{what} has 1 to {limit} characters, not {seen}")]
    CharacterCount {
        /// What was to be read.
        what: &'static str,
        /// The most it may have.
        limit: usize,
        /// The number it has.
        seen: usize,
    },
    /// A name or slug holds a character that it must not, or not at that place.
    #[error("{what} cannot have {seen:?} there")]
    Character {
        /// What was to be read.
        what: &'static str,
        /// The first such character.
        seen: char,
    },
    /// One of a known set of words was expected.
    #[error("{seen:?} is no {what}")]
    Word {
        /// What was to be read.
        what: &'static str,
        /// What was given, cut to 40 characters.
        seen: String,
    },
    /// A moment or number lies outside the range it must have.
    #[error("{seen} is no {what}")]
    Range {
        /// What was to be read.
        what: &'static str,
        /// What was given.
        seen: i64,
    },
}

impl ParseError {
    pub(crate) fn word(what: &'static str, seen: &str) -> Self {
        Self::Word { what, seen: cut(seen) }
    }
}

/// The beginning of a text, short enough for a message.
pub(crate) fn cut(text: &str) -> String {
    text.chars().take(40).collect()
}
