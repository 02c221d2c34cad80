use std::{fmt, str::FromStr};

use uuid::Uuid;

/// The name of one blob: a random id the caller fixes before the first byte arrives.
///
/// It says nothing about the bytes. Object storage needs the name before the upload starts, so it cannot be a digest.
/// Use a UUID of version 7 (or 4): the storage spreads blobs over folders by the last two bytes, which are random in both.
///
/// ```
/// use depot::BlobKey;
///
/// let key: BlobKey = "01936e3c-8f00-7a11-9c2e-5b1f0d2a77e4".parse()?;
/// assert_eq!(key.to_string(), "01936e3c-8f00-7a11-9c2e-5b1f0d2a77e4");
/// # Ok::<(), uuid::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct BlobKey(Uuid);

impl BlobKey {
    /// Wraps an id made by the caller.
    #[must_use]
    pub const fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// The id, as the catalog stores it.
    #[must_use]
    pub const fn as_uuid(&self) -> Uuid {
        self.0
    }
}

impl fmt::Display for BlobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_hyphenated().fmt(f)
    }
}

impl FromStr for BlobKey {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, uuid::Error> {
        Uuid::parse_str(text).map(Self)
    }
}
