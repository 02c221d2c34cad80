//! Icons of real packages, where they are at hand: `AIRSTAIR_CORPUS`, or `../shared/fixtures` beside the workspace.

use std::path::{Path, PathBuf};

use ipa::icon::{IconSource, asset_catalog, cgbi, find};
use ipa::{Archive, Limits, inspect_archive};

#[expect(clippy::disallowed_methods, reason = "where the real packages lie is the tester's to say")]
#[expect(clippy::print_stdout, reason = "a skipped test has to say so")]
fn file(path: &str) -> Option<Vec<u8>> {
    let corpus = std::env::var_os("AIRSTAIR_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures"),
        PathBuf::from,
    );
    let bytes = std::fs::read(corpus.join(path)).ok();
    if bytes.is_none() {
        println!("SKIPPED: no {path} in {}; name a folder by AIRSTAIR_CORPUS", corpus.display());
    }
    bytes
}

#[test]
fn real_crushed_icons_are_read() {
    for (name, pixels) in [
        ("cgbi-120-idot__AppIcon60x60@2x.png", 120),
        ("cgbi-152-idot__AppIcon76x76@2x~ipad.png", 152),
        ("cgbi-29__AppIcon29x29~ipad.png", 29),
        ("cgbi-57-iccp__icon.png", 57),
        ("fruta-120__AppIcon60x60@2x.png", 120),
        ("plain-control__PhoneAppIcon-60@2x.png", 120),
    ] {
        let Some(bytes) = file(&format!("icons/{name}")) else { continue };
        let raster = cgbi::decode(&bytes, &Limits::default()).unwrap();
        assert_eq!((raster.width(), raster.height()), (pixels, pixels), "{name}");
        let again = cgbi::decode(&raster.to_png(), &Limits::default()).unwrap();
        assert_eq!(again, raster, "{name}, written and read again");
    }
}

#[test]
fn real_catalogues_give_their_icon() {
    for (name, pixels) in [
        ("xcode12-appicon__Assets.car", Some(180)),
        ("xcode14-appicon__Assets.car", Some(180)),
        ("xcode12-no-appicon__Assets.car", None),
        ("xcode7-small__Assets.car", None),
        ("xcode8__Assets.car", None),
    ] {
        let Some(bytes) = file(&format!("assets-car/{name}")) else { continue };
        let found = asset_catalog::find(&bytes, &["AppIcon"], &Limits::default());
        assert_eq!(found.ok().map(|icon| icon.raster.width()), pixels, "{name}");
    }
}

/// The same icon lies in the package crushed and, larger, in the catalogue as part of an atlas: one is the other's
/// proof, down to colours and the right way up.
#[test]
fn catalogue_and_crushed_file_show_the_same_picture() {
    let (Some(catalog), Some(crushed)) =
        (file("assets-car/xcode14-appicon__Assets.car"), file("icons/cgbi-120-idot__AppIcon60x60@2x.png"))
    else {
        return;
    };
    let limits = Limits { icon_pixels: 120 * 120, ..Limits::default() };
    let from_catalog = asset_catalog::find(&catalog, &["AppIcon"], &limits).unwrap().raster;
    let from_file = cgbi::decode(&crushed, &limits).unwrap();
    let differences = from_catalog.rgba().iter().zip(from_file.rgba()).map(|(a, b)| a.abs_diff(*b));
    assert_eq!(differences.max(), Some(0));
}

#[test]
fn real_packages_give_an_icon() {
    for (name, source, pixels) in [
        ("adhoc-old-icon-png__bitbar-ios-sample.ipa", IconSource::Loose("icon.png".into()), 57),
        ("appstore-ipad-only-cgbi__ipad.ipa", IconSource::Loose("AppIcon83.5x83.5@2x~ipad.png".into()), 167),
        ("dev-icon-only-in-car__ipa.ipa", IconSource::AssetCatalog("AppIcon".into()), 180),
        ("dev-iphone-only-noicon__iphone.ipa", IconSource::Drawn, 512),
        (
            "dev-reactnative-xcode14-derprofile__BitBarSampleApp.ipa",
            IconSource::Loose("AppIcon76x76@2x~ipad.png".into()),
            152,
        ),
    ] {
        let Some(bytes) = file(&format!("ipa/{name}")) else { continue };
        let limits = Limits::default();
        let archive = Archive::open(&bytes, &limits).unwrap();
        let package = inspect_archive(&archive, &limits).unwrap();
        let icon = find(&archive, &package.app, &limits);
        assert_eq!((icon.source(), icon.pixels()), (&source, pixels), "{name}");
    }
}
