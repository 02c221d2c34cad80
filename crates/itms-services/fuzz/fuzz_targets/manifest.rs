//! Any bytes as a manifest: read, weighed, and offered only when whole.

#![no_main]

use itms_services::bounded_plist::Limits;
use itms_services::{AssetKind, ManifestDocument};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(document) = ManifestDocument::read(bytes, &Limits::default()) else { return };
    let _ = document.keys();
    for model in [None, Some("iPhone15,2")] {
        for app in document.device_view(model).offered() {
            assert!(app.asset(AssetKind::SoftwarePackage).is_some());
            assert!(!app.title.is_empty() && app.title.encode_utf16().count() <= 500);
            assert!(!app.bundle_identifier.is_empty());
        }
    }
});
