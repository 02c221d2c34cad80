//! What is in a package.

use crate::icon::IconFiles;
use crate::{CodeSignature, Depth, Executable, Fact, InfoPlist, Profile, Resources, Seen};

/// An app package: the app, what is nested in it, and what lies beside it.
#[derive(Clone, Debug)]
pub struct Package {
    /// How much of it was looked at.
    pub depth: Depth,
    /// The bytes of the whole package.
    pub size_bytes: u64,
    /// How many entries its archive has.
    pub entries: usize,
    /// The sum of the sizes that the entries say they have once inflated.
    pub unpacked_bytes: u64,
    /// The app.
    pub app: Bundle,
    /// The bundles in the app, each after the one it lies in.
    pub nested: Vec<Bundle>,
    /// How many bundles lie deeper, or are more, than the limits allow to look at.
    pub unseen_bundles: usize,
    /// What lies beside the app.
    pub surroundings: Surroundings,
}

impl Package {
    /// The app, and then every bundle nested in it.
    pub fn bundles(&self) -> impl Iterator<Item = &Bundle> {
        std::iter::once(&self.app).chain(&self.nested)
    }
}

/// A folder of code: an app, an extension, a framework.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// Where it lies, without a slash at the end: `Payload/Demo.app/PlugIns/Widget.appex`.
    pub path: String,
    /// What it is, by where it lies and how its name ends.
    pub kind: BundleKind,
    /// Its `Info.plist`.
    pub info: Fact<InfoPlist>,
    /// Its provisioning profile, `embedded.mobileprovision`.
    pub profile: Fact<Profile>,
    /// Its executable, named by its `Info.plist`.
    pub executable: Fact<Executable>,
    /// Its files, against what its `CodeResources` seals; absent when it has none.
    pub resources: Fact<Resources>,
    /// The files that may hold its icon, by their names alone; [`icon::find`](crate::icon::find()) opens them.
    pub icon_files: Fact<IconFiles>,
    /// Its names in other languages, ordered by language; measured for the app alone.
    pub localized_names: Fact<Vec<LocalizedName>>,
}

impl Bundle {
    /// The code signature that today's devices go by: of the slice they run.
    #[must_use]
    pub fn signature(&self) -> Fact<&CodeSignature> {
        self.executable.as_ref().and_then(|executable| {
            executable.device_slice().map_or(Fact::Absent, |slice| slice.signature.as_ref())
        })
    }

    /// The last part of its path, such as `Widget.appex`.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.path.rsplit_once('/').map_or(&self.path, |(_, name)| name)
    }
}

/// What a bundle is.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum BundleKind {
    /// `Payload/*.app`: the app itself.
    App,
    /// `PlugIns/*.appex` or `Extensions/*.appex`.
    Extension,
    /// `Watch/*.app`.
    WatchApp,
    /// `AppClips/*.app`.
    AppClip,
    /// `Frameworks/*.framework`.
    Framework,
}

impl BundleKind {
    /// The name people know, such as `app extension`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::App => "app",
            Self::Extension => "app extension",
            Self::WatchApp => "watch app",
            Self::AppClip => "app clip",
            Self::Framework => "framework",
        }
    }
}

impl std::fmt::Display for BundleKind {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.pad(self.as_str())
    }
}

/// What an app is called in one language.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LocalizedName {
    /// The language, such as `fr`, `zh-Hans` or `Base`: the name of its folder without `.lproj`.
    pub language: String,
    /// The name: `CFBundleDisplayName`, else `CFBundleName`.
    pub name: Fact<String>,
}

/// What lies beside the app, in the archive and in `Payload`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Surroundings {
    /// The usual companions that are there.
    pub companions: Vec<Companion>,
    /// What else lies at the top level, such as `__MACOSX`.
    pub top_level_strays: Seen<String>,
    /// What else lies in `Payload`, such as `.DS_Store`.
    pub payload_strays: Seen<String>,
    /// Bundles with a folder `SC_Info`, which the App Store adds to what it encrypts.
    pub sc_info: Seen<String>,
    /// Entries whose names are no paths.
    pub faulty_names: Seen<String>,
    /// Names that more than one entry has.
    pub duplicate_names: Seen<String>,
    /// Symbolic links.
    pub symlinks: Seen<String>,
}

/// What usually lies beside `Payload`.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Companion {
    /// `SwiftSupport`: the language's libraries, for the App Store.
    SwiftSupport,
    /// `Symbols`: for crash reports.
    Symbols,
    /// `BCSymbolMaps`: for crash reports of recompiled code.
    BitcodeSymbolMaps,
    /// `WatchKitSupport` or `WatchKitSupport2`: the stub of watch apps.
    WatchKitSupport,
    /// `MessagesApplicationSupport` or `MessagesApplicationExtensionSupport`: the stub of sticker packs.
    MessagesSupport,
    /// `iTunesMetadata.plist`: what the App Store adds when it sells a copy.
    StoreMetadata,
    /// `iTunesArtwork`, with or without `@2x`: the icon in large, from the days of iTunes.
    StoreArtwork,
}

impl Companion {
    /// The companion of this name, if it is one.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "SwiftSupport" => Self::SwiftSupport,
            "Symbols" => Self::Symbols,
            "BCSymbolMaps" => Self::BitcodeSymbolMaps,
            "WatchKitSupport" | "WatchKitSupport2" => Self::WatchKitSupport,
            "MessagesApplicationSupport" | "MessagesApplicationExtensionSupport" => Self::MessagesSupport,
            "iTunesMetadata.plist" => Self::StoreMetadata,
            "iTunesArtwork" | "iTunesArtwork@2x" => Self::StoreArtwork,
            _ => return None,
        })
    }
}
