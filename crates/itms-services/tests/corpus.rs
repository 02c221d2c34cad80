//! Real manifests, where they are at hand: `AIRSTAIR_CORPUS`, or `../shared/fixtures` beside the workspace.

use std::path::{Path, PathBuf};

use itms_services::bounded_plist::Limits;
use itms_services::{KeyStanding, ManifestDocument};

fn corpus() -> PathBuf {
    #[expect(clippy::disallowed_methods, reason = "tests find the samples by it")]
    let named = std::env::var_os("AIRSTAIR_CORPUS");
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    named.map_or_else(|| root.join("../shared/fixtures"), PathBuf::from)
}

#[test]
fn real_manifests_are_read_and_weighed() {
    let folder = corpus().join("manifest");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("SKIPPED: no samples at {}", folder.display());
        return;
    };
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "plist"));
    paths.sort();
    assert!(!paths.is_empty(), "the folder is there but holds no samples");
    for path in paths {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let bytes = std::fs::read(&path).unwrap();
        let document = ManifestDocument::read(&bytes, &Limits::default()).unwrap();
        let unknown = document.keys().into_iter().find(|key| {
            matches!(key.standing, KeyStanding::Unknown | KeyStanding::Removed) || key.is_of_other_kind()
        });
        assert_eq!(unknown, None, "{name}");
        let view = document.device_view(None);
        assert_eq!(view.items.len(), 1, "{name}");
        // Templates carry a placeholder instead of the package's URL.
        let is_template = bytes.windows(7).any(|window| window == b"__URL__");
        assert_eq!(view.offered().count(), usize::from(!is_template), "{name}");
    }
}
