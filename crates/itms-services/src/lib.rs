#![doc = include_str!("../README.md")]

mod chunk_digests;
mod device_host;
mod error;
mod hex;
mod https_url;
mod installer_agent;
mod link;
mod manifest;
mod search;

pub use bounded_plist;
pub use chunk_digests::{ChunkDigests, PackageDigests};
pub use error::Error;
pub use installer_agent::{InstallerAgent, InstallerDaemon};
pub use link::{
    HtmlAttribute, InstallLink, JavaScriptString, JsonString, LinkFault, LinkOutcome, LinkReading,
    MarkdownDestination, PlainText, Refusal, UrlProblem,
};
pub use manifest::{
    AssetDocument, AssetKind, DeviceView, DigestAlgorithm, DigestCheck, DigestComparison, DigestDifference,
    DropReason, Field, IgnoredAsset, ItemDocument, ItemVerdict, KeyStanding, Manifest, ManifestBeginning,
    ManifestDocument, ManifestItem, MetadataDocument, OddDigest, OfferedApp, Placeholder, PlaceholderKind,
    SeenKey, TakenAsset, WhyIgnored,
};
pub use search::{FoundLink, FoundLinks, LinkPlace, SearchError, SearchLimits, find_links};
