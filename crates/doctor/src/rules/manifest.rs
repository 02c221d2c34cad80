pub(super) mod bundle_identifier_mismatch;
pub(super) mod bundle_identifier_missing;
pub(super) mod bundle_version_mismatch;
pub(super) mod chunk_size_missing;
pub(super) mod digest_mismatch;
pub(super) mod icon_not_an_image;
pub(super) mod icon_unreachable;
pub(super) mod items_missing;
pub(super) mod kind_not_software;
pub(super) mod no_software_package;
pub(super) mod package_url_invalid;
pub(super) mod package_url_not_absolute;
pub(super) mod package_url_not_https;
pub(super) mod placeholder_left;
pub(super) mod platform_identifier_wrong;
pub(super) mod removed_key;
pub(super) mod several_items;
pub(super) mod title_missing;

use ipa::{Examined, Fact, InfoPlist};
use itms_services::{
    AssetDocument, AssetKind, DropReason, ItemDocument, ItemVerdict, ManifestDocument, MetadataDocument,
};

use crate::rule::{Checked, Fault, NotJudged, found_all, measured};
use crate::{Evidence, EvidencePlace, Facts, Severity};

/// A key of the manifest: `items[0].metadata.title`.
fn key(path: impl std::fmt::Display) -> Evidence {
    Evidence::at(EvidencePlace::KeyPath, path)
}

/// An address without its query, where tokens live.
fn shown_url(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or(url)
}

/// What `judge` says of every item. An item at fault beside one that is offered hides only itself.
fn each_item(manifest: &ManifestDocument, judge: impl Fn(&ItemDocument<'_>) -> Option<Fault>) -> Checked {
    let items = manifest.items().seen().unwrap_or_default();
    let is_offered = manifest.device_view(None).offered().next().is_some();
    let faults = items.iter().filter_map(judge);
    found_all(faults.map(|fault| if is_offered { fault.lighter(Severity::Warning) } else { fault }))
}

/// What `judge` says of the reasons for which a device drops items; `key_path` is the key at fault within the item.
fn each_dropped(
    manifest: &ManifestDocument,
    facts: &Facts<'_>,
    key_path: &str,
    judge: impl Fn(&DropReason) -> Option<String>,
) -> Checked {
    let view = manifest.device_view(facts.device.model.as_deref());
    let is_offered = view.offered().next().is_some();
    let mut faults = Vec::new();
    for item in &view.items {
        let ItemVerdict::Dropped { index, reasons } = item else { continue };
        let told = reasons.iter().filter_map(&judge);
        faults.extend(told.map(|message| {
            let fault = Fault::new(message).at(key(format_args!("items[{index}].{key_path}")));
            if is_offered { fault.lighter(Severity::Warning) } else { fault }
        }));
    }
    found_all(faults)
}

/// What `judge` says of every asset of a kind that devices use.
fn each_asset(
    manifest: &ManifestDocument,
    judge: impl Fn(&AssetDocument<'_>, AssetKind) -> Option<Fault>,
) -> Checked {
    let mut faults = Vec::new();
    for item in manifest.items().seen().unwrap_or_default() {
        let lists = [item.assets(), item.thinned_assets()];
        for asset in lists.into_iter().flat_map(|list| list.seen().unwrap_or_default()) {
            let kind = asset.kind().seen().and_then(|kind| kind.parse::<AssetKind>().ok());
            faults.extend(kind.and_then(|kind| judge(&asset, kind)));
        }
    }
    found_all(faults)
}

/// What the items say of their apps: those that a device offers, or, where it drops all, every one it drops, since that
/// is what counts once they are mended.
fn metadata_that_counts<'a>(
    manifest: &'a ManifestDocument,
    facts: &Facts<'_>,
) -> Vec<(usize, MetadataDocument<'a>)> {
    let view = manifest.device_view(facts.device.model.as_deref());
    let is_offered = view.offered().next().is_some();
    let counts = |item: &ItemDocument<'_>| {
        view.items.iter().any(|verdict| match verdict {
            ItemVerdict::Offered(app) => app.index == item.index(),
            ItemVerdict::Dropped { index, .. } => !is_offered && *index == item.index(),
            _ => false,
        })
    };
    let items = manifest.items().seen().unwrap_or_default().into_iter().filter(counts);
    items.filter_map(|item| Some((item.index(), item.metadata().seen()?))).collect()
}

/// The app's identifier as an item tells it.
fn identifier(metadata: MetadataDocument<'_>) -> Option<&str> {
    metadata.bundle_identifier().seen().map(str::trim).filter(|told| !told.is_empty())
}

/// The `Info.plist` of the app in the package that the manifest leads to.
fn app_info<'a>(facts: &Facts<'a>) -> Result<&'a InfoPlist, NotJudged> {
    match &facts.package {
        Fact::Known(Examined { package: Ok(package), .. }) => measured(&package.app.info),
        Fact::NotMeasured(reason) => Err(NotJudged::NotMeasured(reason.clone())),
        Fact::Known(_) | Fact::Absent | Fact::Unreadable(_) => Err(NotJudged::NotMine),
    }
}
