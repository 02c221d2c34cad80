use testkit::app::AppPackage;
use testkit::icon::Icon as Picture;
use testkit::plist::texts;

use super::*;
use crate::{Archive, inspect_archive};

/// The icon of a package's app.
fn icon_of(bytes: &[u8]) -> Icon {
    icon_within(bytes, &Limits::default())
}

fn icon_within(bytes: &[u8], limits: &Limits) -> Icon {
    let archive = Archive::open(&bytes, limits).unwrap();
    let package = inspect_archive(&archive, limits).unwrap();
    find(&archive, &package.app, limits)
}

fn package() -> AppPackage {
    AppPackage::new("com.example.demo").without_icon()
}

fn unnamed() -> AppPackage {
    package().without_info("CFBundleIcons").without_info("CFBundleIcons~ipad")
}

fn naming(names: &[&str]) -> AppPackage {
    unnamed().info("CFBundleIconFiles", texts(names.iter().copied()))
}

#[test]
fn the_largest_readable_square_file_wins() {
    let crushed = |pixels| Picture::new(pixels).crushed();
    for (what, package, expected) in [
        (
            "the highest scale",
            naming(&["AppIcon60x60"])
                .file("AppIcon60x60@2x.png", crushed(120))
                .file("AppIcon60x60@3x.png", crushed(180))
                .file("AppIcon60x60~ipad.png", crushed(60)),
            Some(("AppIcon60x60@3x.png", 180)),
        ),
        (
            "a name with scale and extension",
            naming(&["Icon-72@2x.png"]).file("Icon-72@2x.png", crushed(144)),
            Some(("Icon-72@2x.png", 144)),
        ),
        (
            "the next, when the largest is broken",
            naming(&["AppIcon"]).file("AppIcon@3x.png", "no picture").file("AppIcon@2x.png", crushed(114)),
            Some(("AppIcon@2x.png", 114)),
        ),
        (
            "not one of another name or folder",
            naming(&["AppIcon"]).file("Other@3x.png", crushed(180)).file("Sub/AppIcon@3x.png", crushed(180)),
            None,
        ),
        (
            "the name of old, when none is given",
            unnamed().file("Icon.png", Picture::new(57).png()),
            Some(("Icon.png", 57)),
        ),
        ("nothing", package(), None),
    ] {
        let icon = icon_of(&package.build());
        let found = match icon.source() {
            IconSource::Loose(name) => Some((name.as_str(), icon.pixels())),
            _ => None,
        };
        assert_eq!(found, expected, "{what}");
    }
}

#[test]
fn a_file_beyond_the_limits_is_passed_over() {
    let bytes = naming(&["AppIcon"]).file("AppIcon@2x.png", Picture::new(114).png()).build();
    for (limits, source) in [
        (Limits { icon_pixels: 114 * 114, ..Limits::default() }, IconSource::Loose("AppIcon@2x.png".into())),
        (Limits { icon_pixels: 114 * 114 - 1, ..Limits::default() }, IconSource::Drawn),
        (Limits { icon_bytes: 100, ..Limits::default() }, IconSource::Drawn),
    ] {
        assert_eq!(icon_within(&bytes, &limits).source(), &source, "{limits:?}");
    }
}

#[test]
fn without_files_the_catalogue_is_asked() {
    let catalog = asset_catalog::made::one_icon(60);
    let bytes = package().file("Assets.car", catalog.clone()).build();
    let icon = icon_of(&bytes);
    assert_eq!((icon.source(), icon.pixels()), (&IconSource::AssetCatalog("AppIcon".into()), 60));
    let limits = Limits { asset_catalog_bytes: catalog.len() as u64 - 1, ..Limits::default() };
    assert_eq!(icon_within(&bytes, &limits).source(), &IconSource::Drawn);
}

#[test]
fn no_picture_of_any_bad_sort_stops_it() {
    for case in testkit::icon::hostile::cases() {
        let bytes = naming(&["AppIcon"])
            .file("AppIcon.png", case.bytes.clone())
            .file("Assets.car", case.bytes)
            .build();
        let icon = icon_of(&bytes);
        assert!(!icon.png().is_empty(), "{}", case.what);
    }
}

#[test]
fn icons_are_written_in_the_sizes_of_a_manifest() {
    let icon =
        icon_of(&naming(&["AppIcon"]).file("AppIcon.png", Picture::new(120).fading().crushed()).build());
    for (asked, side) in [(57, 57), (512, 512), (120, 120), (0, 1), (1_000_000, 1024)] {
        let resized = cgbi::decode(&icon.resized(asked), &Limits::default()).unwrap();
        assert_eq!((resized.width(), resized.height()), (side, side), "{asked} asked");
    }
    assert_eq!(icon.resized(120), icon.png());
    assert_eq!(icon.resized(57), icon.resized(57));
}
