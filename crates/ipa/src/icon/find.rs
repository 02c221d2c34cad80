use std::cmp::Reverse;

use super::file_name::FileName;
use super::{Icon, IconSource, Raster, asset_catalog, cgbi, drawn};
use crate::{Archive, Bundle, Child, Entry, Fact, InfoPlist, Limits, Seen};

/// How many icon files are opened before the catalogue is tried. The first is the one in nearly every app.
const OPENED_FILES: usize = 4;

/// What an app calls its icon without saying so: iPhone OS looked for this file.
const UNSAID_FILE: &str = "Icon";

/// What asset catalogues call the icon unless someone renames it.
const USUAL_ASSET: &str = "AppIcon";

/// Finds the icon of a bundle: the largest square PNG of the names its `Info.plist` gives, else the one in its asset
/// catalogue, else one that is drawn. It never fails.
///
/// Which file is largest is guessed from the file names, so that one file is read and not all. At most four
/// files and one catalogue are opened, none beyond [`Limits::icon_bytes`] and [`Limits::asset_catalog_bytes`].
#[must_use]
pub fn find(archive: &Archive<'_>, bundle: &Bundle, limits: &Limits) -> Icon {
    loose(archive, bundle, limits)
        .or_else(|| cataloged(archive, bundle, limits))
        .unwrap_or_else(|| draw(bundle))
}

/// Where a bundle's icon may be, by the archive's directory alone; nothing is opened.
///
/// Which names are asked for is in [`InfoPlist::icons`].
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct IconFiles {
    /// PNG files in the bundle of the names that its `Info.plist` gives, or of `Icon` where it gives none.
    pub loose: Seen<String>,
    /// The size of its `Assets.car`, where there is one.
    pub asset_catalog_bytes: Option<u64>,
}

/// The files that may hold the icon of the bundle at `path`; absent where there is none.
pub(crate) fn files(archive: &Archive<'_>, path: &str, info: &Fact<InfoPlist>) -> Fact<IconFiles> {
    let mut files = IconFiles::default();
    for (_, name, _) in loose_files(archive, path, info.known()) {
        files.loose.add(|| name.to_owned());
    }
    files.asset_catalog_bytes = archive.find(&format!("{path}/Assets.car")).map(|entry| entry.size());
    if files.loose.is_empty() && files.asset_catalog_bytes.is_none() {
        return match info {
            // Files of other names than the usual one may be meant.
            Fact::Unreadable(_) | Fact::NotMeasured(_) => info.clone().and_then(|_| Fact::Absent),
            Fact::Known(_) | Fact::Absent => Fact::Absent,
        };
    }
    Fact::Known(files)
}

/// The PNG files in the bundle at `path` of the names that `info` gives.
fn loose_files<'a>(
    archive: &'a Archive<'_>,
    path: &str,
    info: Option<&InfoPlist>,
) -> impl Iterator<Item = (FileName<'a>, &'a str, Entry<'a>)> {
    let said: Vec<String> =
        info.into_iter().flat_map(|info| &info.icons.files).map(|name| base(name).to_owned()).collect();
    let names = if said.is_empty() { vec![UNSAID_FILE.to_owned()] } else { said };
    let path = path.to_owned();
    archive.children(&path.clone()).filter_map(move |child| {
        let Child::File(name) = child else { return None };
        let parts = FileName::read(name);
        if !parts.is_png || !names.iter().any(|said| said == parts.base) {
            return None;
        }
        Some((parts, name, archive.find(&format!("{path}/{name}"))?))
    })
}

fn loose(archive: &Archive<'_>, bundle: &Bundle, limits: &Limits) -> Option<Icon> {
    let mut candidates: Vec<(FileName<'_>, &str, Entry<'_>)> =
        loose_files(archive, &bundle.path, bundle.info.known())
            .filter(|(_, _, entry)| entry.size() <= limits.icon_bytes)
            .collect();
    candidates.sort_by_key(|(parts, _, entry)| Reverse((parts.guessed_pixels(), entry.size())));
    candidates.into_iter().take(OPENED_FILES).find_map(|(_, name, entry)| {
        let bytes = archive.read(&entry, limits.icon_bytes).ok()?;
        let raster = cgbi::decode(&bytes, limits).ok().filter(Raster::is_square)?;
        Some(Icon { source: IconSource::Loose(name.to_owned()), raster })
    })
}

fn base(name: &str) -> &str {
    FileName::read(name).base
}

fn cataloged(archive: &Archive<'_>, bundle: &Bundle, limits: &Limits) -> Option<Icon> {
    let entry = archive.find(&format!("{}/Assets.car", bundle.path))?;
    let bytes = archive.read(&entry, limits.asset_catalog_bytes).ok()?;
    let said = bundle.info.known().into_iter().flat_map(|info| &info.icons.assets).map(String::as_str);
    let names: Vec<&str> = said.chain([USUAL_ASSET]).collect();
    let found = asset_catalog::find(&bytes, &names, limits).ok()?;
    Some(Icon { source: IconSource::AssetCatalog(found.name), raster: found.raster })
}

fn draw(bundle: &Bundle) -> Icon {
    let info = bundle.info.known();
    let said = |name: fn(&InfoPlist) -> Option<&String>| info.and_then(name).map(String::as_str);
    let folder = bundle.path.rsplit('/').next().unwrap_or_default();
    let title = said(|info| info.display_name.known())
        .or_else(|| said(|info| info.name.known()))
        .unwrap_or_else(|| folder.split('.').next().unwrap_or_default());
    let bundle_id = info.and_then(|info| info.bundle_id.known()).map_or(folder, |id| id.as_str());
    Icon { source: IconSource::Drawn, raster: drawn::draw(title, bundle_id) }
}
