use std::fmt;
use std::str::FromStr;

/// What an asset of a manifest is for.
///
/// Devices drop assets of any other kind (read from decompiled daemons).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum AssetKind {
    /// `software-package`: the app itself, an `.ipa` (documented).
    SoftwarePackage,
    /// `display-image`: a square PNG shown while the app installs, historically 57 pixels wide (documented).
    DisplayImage,
    /// `full-size-image`: a square PNG, historically 512 pixels wide (documented; devices do not need it).
    FullSizeImage,
    /// `messages-display-image`: the icon of an iMessage app (read from decompiled daemons).
    MessagesDisplayImage,
    /// `asset-pack-manifest`: the list of on-demand resources (read from decompiled daemons).
    AssetPackManifest,
}

impl AssetKind {
    const ALL: [Self; 5] = [
        Self::SoftwarePackage,
        Self::DisplayImage,
        Self::FullSizeImage,
        Self::MessagesDisplayImage,
        Self::AssetPackManifest,
    ];

    /// The kind as manifests spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::SoftwarePackage => "software-package",
            Self::DisplayImage => "display-image",
            Self::FullSizeImage => "full-size-image",
            Self::MessagesDisplayImage => "messages-display-image",
            Self::AssetPackManifest => "asset-pack-manifest",
        }
    }

    /// The kind that is spelled `text`, `None` for any other text.
    pub(crate) fn find(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl fmt::Display for AssetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for AssetKind {
    type Err = crate::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::find(text).ok_or_else(|| crate::Error::AssetKind { found: text.chars().take(64).collect() })
    }
}
