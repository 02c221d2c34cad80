use std::fmt;

use serde::{Deserialize, Serialize};

/// A place on the road from the tap to the running app, in the order in which a device passes them.
///
/// Steps two to five are walked again for the package, and for whatever else has an address of its own; what fails
/// there is told at [`PackageFetch`](Self::PackageFetch).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Station {
    /// The page that somebody opens.
    Page,
    /// The link that is tapped.
    Link,
    /// The manifest's host: its name, its addresses, the connection.
    Network,
    /// The host's certificate, and what is spoken with it.
    Tls,
    /// The request for the manifest and its answer.
    ManifestFetch,
    /// What the manifest says.
    Manifest,
    /// The requests for the package and their answers.
    PackageFetch,
    /// The package as a ZIP archive, unpacked while it streams in.
    Archive,
    /// Bundles and their `Info.plist`.
    App,
    /// Code signatures.
    Signature,
    /// Provisioning profiles.
    Profile,
    /// The device itself: its id, its model, its system; and what its owner has to do.
    Device,
}

impl Station {
    /// Every station, in the order of the road.
    pub const ALL: [Self; 12] = [
        Self::Page,
        Self::Link,
        Self::Network,
        Self::Tls,
        Self::ManifestFetch,
        Self::Manifest,
        Self::PackageFetch,
        Self::Archive,
        Self::App,
        Self::Signature,
        Self::Profile,
        Self::Device,
    ];

    /// The word of JSON: `manifest-fetch`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Link => "link",
            Self::Network => "network",
            Self::Tls => "tls",
            Self::ManifestFetch => "manifest-fetch",
            Self::Manifest => "manifest",
            Self::PackageFetch => "package-fetch",
            Self::Archive => "archive",
            Self::App => "app",
            Self::Signature => "signature",
            Self::Profile => "profile",
            Self::Device => "device",
        }
    }

    /// What the codes of the family begin with that is named after it: `PRF`.
    #[must_use]
    pub fn family(self) -> &'static str {
        match self {
            Self::Page => "PAG",
            Self::Link => "LNK",
            Self::Network => "NET",
            Self::Tls => "TLS",
            Self::ManifestFetch => "FET",
            Self::Manifest => "MAN",
            Self::PackageFetch => "PKG",
            Self::Archive => "ZIP",
            Self::App => "APP",
            Self::Signature => "SIG",
            Self::Profile => "PRF",
            Self::Device => "DEV",
        }
    }

    /// What people call it: `fetching the manifest`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::Link => "link",
            Self::Network => "network",
            Self::Tls => "certificate",
            Self::ManifestFetch => "fetching the manifest",
            Self::Manifest => "manifest",
            Self::PackageFetch => "fetching the package",
            Self::Archive => "archive",
            Self::App => "app",
            Self::Signature => "signature",
            Self::Profile => "profile",
            Self::Device => "device",
        }
    }
}

impl fmt::Display for Station {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
