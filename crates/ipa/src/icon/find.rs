use std::cmp::Reverse;

use super::file_name::FileName;
use super::{Icon, IconSource, Raster, asset_catalog, cgbi, drawn};
use crate::{Archive, Bundle, Child, Entry, InfoPlist, Limits};

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

fn loose(archive: &Archive<'_>, bundle: &Bundle, limits: &Limits) -> Option<Icon> {
    let said: Vec<&str> =
        bundle.info.known().into_iter().flat_map(|info| &info.icons.files).map(|name| base(name)).collect();
    let names = if said.is_empty() { vec![UNSAID_FILE] } else { said };
    let mut candidates: Vec<(FileName<'_>, &str, Entry<'_>)> = archive
        .children(&bundle.path)
        .filter_map(|child| {
            let Child::File(name) = child else { return None };
            let parts = FileName::read(name);
            if !parts.is_png || !names.contains(&parts.base) {
                return None;
            }
            let entry = archive.find(&format!("{}/{name}", bundle.path))?;
            (entry.size() <= limits.icon_bytes).then_some((parts, name, entry))
        })
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
