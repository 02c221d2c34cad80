use bounded_plist::Value;

use super::document::{AssetDocument, Field, ItemDocument, ManifestDocument};
use super::item::cut_as_in_prompt;
use super::{AssetKind, DigestCheck};
use crate::https_url::{has_authority, scheme_of};

/// What a device takes from a manifest.
///
/// Read from decompiled daemons, where nothing else is said; details may differ by version. Each item is judged alone;
/// the apps of all that pass are offered in one prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceView<'a> {
    /// One verdict for each entry of `items`, in order. Empty as well when `items` is missing or no array, or when the
    /// root is no dictionary: nothing is offered then.
    pub items: Vec<ItemVerdict<'a>>,
}

/// What becomes of one item.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ItemVerdict<'a> {
    /// The app is offered.
    Offered(OfferedApp<'a>),
    /// The manifest is passed on to the paired watch: its `platform-identifier` is that of watch apps.
    ForWatch {
        /// Place in `items`, from 0.
        index: usize,
    },
    /// The item is dropped.
    Dropped {
        /// Place in `items`, from 0.
        index: usize,
        /// Everything that speaks against it, at least one reason; a device stops at the first it meets.
        reasons: Vec<DropReason>,
    },
}

/// An app that a device offers to install.
#[derive(Clone, Debug, PartialEq)]
pub struct OfferedApp<'a> {
    /// Place in `items`, from 0.
    pub index: usize,
    /// Without the white space around it.
    pub bundle_identifier: &'a str,
    /// As the prompt shows it: without the white space around it, at most 500 UTF-16 code units.
    pub title: &'a str,
    /// As it stands, where it is text.
    pub bundle_version: Option<&'a str>,
    /// As it stands, where it is text.
    pub subtitle: Option<&'a str>,
    /// The first usable asset of each kind, the package among them.
    pub assets: Vec<TakenAsset<'a>>,
    /// Assets that are not used, though they are for every model.
    pub ignored: Vec<IgnoredAsset>,
}

impl<'a> OfferedApp<'a> {
    /// The asset of this kind.
    #[must_use]
    pub fn asset(&self, kind: AssetKind) -> Option<&TakenAsset<'a>> {
        self.assets.iter().find(|asset| asset.kind == kind)
    }
}

/// An asset that a device uses.
#[derive(Clone, Debug, PartialEq)]
pub struct TakenAsset<'a> {
    /// What it is for.
    pub kind: AssetKind,
    /// Where it stands: `items[0].assets[1]`.
    pub path: String,
    /// As it stands; has a host. Packages over `http` were accepted in practice (observed), so the scheme may be any.
    pub url: &'a str,
    /// How the download is checked.
    pub digest_check: DigestCheck<'a>,
}

/// An asset that a device does not use.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct IgnoredAsset {
    /// Where it stands: `items[0].assets[1]`.
    pub path: String,
    /// Why.
    pub why: WhyIgnored,
}

/// Why a device does not use an asset.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum WhyIgnored {
    /// `kind` is missing or no text, or the asset is no dictionary.
    NoKind,
    /// Nothing is known to use this kind.
    UnknownKind(String),
    /// `url` is missing or no text.
    NoUrl,
    /// `url` has no host.
    NoHost,
    /// An asset of this kind came before.
    Repeated(AssetKind),
    /// A thinned asset for this model takes its place.
    Thinned(AssetKind),
}

/// Why a device drops an item.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum DropReason {
    /// The item, or its `metadata`, is missing or no dictionary.
    MetadataMissing,
    /// Metadata `kind` is not `software`.
    KindNotSoftware {
        /// The text that stands there, if any.
        found: Option<String>,
    },
    /// `bundle-identifier` is missing, no text or blank.
    BundleIdentifierMissing,
    /// `title` is missing, no text or blank.
    TitleMissing,
    /// `platform-identifier` names another platform: error 752.
    OtherPlatform {
        /// The text that stands there.
        found: String,
    },
    /// There is no usable `software-package`.
    PackageMissing,
}

impl DropReason {
    /// The code in `ASDErrorDomain` that shows in the device's log, where it is known.
    #[must_use]
    pub fn code(&self) -> Option<u16> {
        matches!(self, Self::OtherPlatform { .. }).then_some(752)
    }
}

impl<'a> DeviceView<'a> {
    /// The apps that are offered, in order.
    pub fn offered(&self) -> impl Iterator<Item = &OfferedApp<'a>> {
        self.items.iter().filter_map(|item| match item {
            ItemVerdict::Offered(app) => Some(app),
            _ => None,
        })
    }

    /// What the device complains about when nothing is left to install: the first reason of the last item that was
    /// dropped. `None` when an app is offered, passed on to a watch, or there are no items.
    #[must_use]
    pub fn shown_reason(&self) -> Option<&DropReason> {
        let mut last = None;
        for item in &self.items {
            match item {
                ItemVerdict::Dropped { reasons, .. } => last = reasons.first(),
                _ => return None,
            }
        }
        last
    }
}

pub(super) fn view<'a>(document: &'a ManifestDocument, model: Option<&str>) -> DeviceView<'a> {
    let items = document.items().seen().unwrap_or_default();
    DeviceView { items: items.iter().map(|item| judge(item, model)).collect() }
}

fn judge<'a>(item: &ItemDocument<'a>, model: Option<&str>) -> ItemVerdict<'a> {
    const PHONE: &str = "com.apple.platform.iphoneos";
    const WATCH: &str = "com.apple.platform.watchos";
    let index = item.index();
    let Choice { taken: assets, ignored } = Choice::among(item, model);
    let has_package = assets.iter().any(|asset| asset.kind == AssetKind::SoftwarePackage);
    let package_reason = (!has_package).then_some(DropReason::PackageMissing);
    let Field::Seen(metadata) = item.metadata() else {
        let reasons = [DropReason::MetadataMissing].into_iter().chain(package_reason).collect();
        return ItemVerdict::Dropped { index, reasons };
    };

    let mut reasons = Vec::new();
    if metadata.kind() != Field::Seen("software") {
        reasons.push(DropReason::KindNotSoftware { found: metadata.kind().seen().map(str::to_owned) });
    }
    let trimmed = |field: Field<'a, &'a str>| field.seen().map(str::trim).filter(|text| !text.is_empty());
    let bundle_identifier = trimmed(metadata.bundle_identifier());
    if bundle_identifier.is_none() {
        reasons.push(DropReason::BundleIdentifierMissing);
    }
    let title = trimmed(metadata.title());
    if title.is_none() {
        reasons.push(DropReason::TitleMissing);
    }
    match metadata.platform_identifier().seen() {
        None | Some(PHONE) => {}
        Some(WATCH) => return ItemVerdict::ForWatch { index },
        Some(found) => reasons.push(DropReason::OtherPlatform { found: found.to_owned() }),
    }
    reasons.extend(package_reason);
    match (bundle_identifier, title) {
        (Some(bundle_identifier), Some(title)) if reasons.is_empty() => ItemVerdict::Offered(OfferedApp {
            index,
            bundle_identifier,
            title: cut_as_in_prompt(title),
            bundle_version: metadata.bundle_version().seen(),
            subtitle: metadata.subtitle().seen(),
            assets,
            ignored,
        }),
        _ => ItemVerdict::Dropped { index, reasons },
    }
}

/// The assets that are used: the first usable one of each kind, a thinned one for the model before a universal one.
///
/// That an unusable asset does not count as the first of its kind is assumed.
#[derive(Default)]
struct Choice<'a> {
    taken: Vec<TakenAsset<'a>>,
    ignored: Vec<IgnoredAsset>,
}

impl<'a> Choice<'a> {
    fn among(item: &ItemDocument<'a>, model: Option<&str>) -> Self {
        let mut choice = Self::default();
        let is_for_model = |asset: &AssetDocument<'_>| {
            let ids = asset.variant_ids().seen().unwrap_or_default();
            model.is_some_and(|model| ids.iter().filter_map(Value::as_str).any(|id| id == model))
        };
        for asset in item.thinned_assets().seen().unwrap_or_default() {
            if is_for_model(&asset) {
                choice.consider(&asset, 0);
            }
        }
        let thinned = choice.taken.len();
        for asset in item.assets().seen().unwrap_or_default() {
            choice.consider(&asset, thinned);
        }
        choice
    }

    /// Takes `asset` if it is usable and the first of its kind; the first `thinned` ones that were taken outrank it.
    fn consider(&mut self, asset: &AssetDocument<'a>, thinned: usize) {
        let path = asset.path();
        let why = match usable(asset) {
            Ok(asset) => match self.taken.iter().position(|other| other.kind == asset.kind) {
                None => return self.taken.push(asset),
                Some(place) if place < thinned => WhyIgnored::Thinned(asset.kind),
                Some(_) => WhyIgnored::Repeated(asset.kind),
            },
            Err(why) => why,
        };
        self.ignored.push(IgnoredAsset { path, why });
    }
}

fn usable<'a>(asset: &AssetDocument<'a>) -> Result<TakenAsset<'a>, WhyIgnored> {
    let kind = asset.kind().seen().ok_or(WhyIgnored::NoKind)?;
    let kind = AssetKind::find(kind).ok_or_else(|| WhyIgnored::UnknownKind(kind.to_owned()))?;
    let url = asset.url().seen().ok_or(WhyIgnored::NoUrl)?;
    if scheme_of(url).is_none() || !has_authority(url) {
        return Err(WhyIgnored::NoHost);
    }
    Ok(TakenAsset { kind, path: asset.path(), url, digest_check: asset.digest_check() })
}
