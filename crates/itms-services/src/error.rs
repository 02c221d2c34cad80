use crate::AssetKind;

/// Why a link, an asset or a manifest could not be built or read.
///
/// Messages never repeat the query of a URL: tokens live there.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The URL has no scheme or no host.
    #[error("the url {url:?} is not absolute, it must start with https:// and a host")]
    UrlNotAbsolute {
        /// The URL without query and fragment, at most 80 characters.
        url: String,
    },
    /// The URL is absolute but not `https`.
    #[error("the url's scheme is {scheme}, devices accept only https")]
    UrlNotHttps {
        /// The scheme that was seen.
        scheme: String,
    },
    /// The URL's host, port or spelling is impossible.
    #[error("the url {url:?} is not valid: {reason}")]
    UrlInvalid {
        /// The URL without query and fragment, at most 80 characters.
        url: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A value that must hold text is empty once the white space around it is gone.
    #[error("{key} is empty")]
    Empty {
        /// The manifest key, such as `title`.
        key: &'static str,
    },
    /// A value holds a character that has no place in it.
    #[error("{key} holds the character {found:?}")]
    Character {
        /// The manifest key, such as `bundle-identifier`.
        key: &'static str,
        /// The first such character.
        found: char,
    },
    /// An item got a second asset of one kind; a device looks at the first alone.
    #[error("the item has a {kind} already")]
    SecondAsset {
        /// The kind.
        kind: AssetKind,
    },
    /// No asset kind is spelled so.
    #[error("{found:?} is no kind of asset")]
    AssetKind {
        /// The text, at most 64 characters.
        found: String,
    },
    /// The bytes are no property list, or one beyond the limits.
    #[error("the manifest cannot be read as a property list")]
    NotAPropertyList(#[from] bounded_plist::ReadError),
}
