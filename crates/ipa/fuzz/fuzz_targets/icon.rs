//! Whatever the bytes, an image or a catalogue of images is decoded or refused, and what is decoded can be written.
#![no_main]

use ipa::Limits;
use ipa::icon::{asset_catalog, cgbi};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { icon_pixels: 1 << 18, ..Limits::default() };
    let decoded = if bytes.starts_with(b"BOMStore") {
        asset_catalog::find(bytes, &["AppIcon"], &limits).map(|icon| icon.raster)
    } else {
        cgbi::decode(bytes, &limits)
    };
    if let Ok(raster) = decoded {
        assert!(u64::from(raster.width()) * u64::from(raster.height()) <= limits.icon_pixels);
        assert_eq!(cgbi::decode(&raster.to_png(), &limits), Ok(raster));
    }
});
