mod asset;
mod beginning;
mod device_view;
mod digest_check;
mod digest_comparison;
mod document;
mod item;
mod keys;
mod placeholder;

use bounded_plist::{Dictionary, Value, write_xml};

pub use asset::AssetKind;
pub use beginning::ManifestBeginning;
pub use device_view::{
    DeviceView, DropReason, IgnoredAsset, ItemVerdict, OfferedApp, TakenAsset, WhyIgnored,
};
pub use digest_check::{DigestAlgorithm, DigestCheck, OddDigest};
pub use digest_comparison::{DigestComparison, DigestDifference};
pub use document::{AssetDocument, Field, ItemDocument, ManifestDocument, MetadataDocument};
pub use item::ManifestItem;
pub use keys::{KeyStanding, SeenKey};
pub use placeholder::{Placeholder, PlaceholderKind};

/// A manifest: what an install link leads to, and what tells a device which apps to offer and where they are.
///
/// Right by construction, so that a device accepts every item: one package each, absolute `https` URLs, titles and
/// identifiers that are there. What others wrote is read with [`ManifestDocument`], which refuses nothing.
///
/// The format is Apple's (device management, *Manifest URL*).
///
/// ```
/// use itms_services::{AssetKind, Manifest, ManifestItem};
///
/// let item = ManifestItem::new("com.example.notes", "R&D <β>", "https://h.example/notes.ipa")?
///     .with_bundle_version("42")?
///     .with_asset(AssetKind::DisplayImage, "https://h.example/icon-57.png")?;
/// let xml = String::from_utf8(Manifest::new(item).to_xml()).expect("XML is written in UTF-8");
/// assert!(xml.contains("<string>R&amp;D &lt;β&gt;</string>"));
/// # Ok::<(), itms_services::Error>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Manifest {
    items: Vec<ManifestItem>,
}

impl Manifest {
    /// A manifest that offers one app, as nearly all do.
    #[must_use]
    pub fn new(item: ManifestItem) -> Self {
        Self { items: vec![item] }
    }

    /// The same with one more app; the device's prompt then counts them instead of naming one (read from decompiled
    /// daemons).
    #[must_use]
    pub fn with_item(mut self, item: ManifestItem) -> Self {
        self.items.push(item);
        self
    }

    /// The items, at least one, in order.
    #[must_use]
    pub fn items(&self) -> &[ManifestItem] {
        &self.items
    }

    /// The manifest as a property list.
    #[must_use]
    pub fn to_plist(&self) -> Value {
        let items: Value = self.items.iter().map(ManifestItem::to_plist).collect();
        Dictionary::from([("items", items)]).into()
    }

    /// The manifest as an XML property list in UTF-8: what a server answers. Equal manifests give equal bytes.
    #[must_use]
    pub fn to_xml(&self) -> Vec<u8> {
        write_xml(&self.to_plist())
    }
}
