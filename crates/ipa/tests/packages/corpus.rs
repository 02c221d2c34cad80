//! Real packages, where they are at hand. They are of strangers: only what their list says is compared.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

use ipa::{
    Agreement, BlockCache, Depth, DeviceFamily, Fact, InspectError, Inspection, Limits, OsVersion, Package,
    Platform, Resources, Seal,
};
use signed_data::Authority;

#[expect(clippy::disallowed_methods, reason = "the place of the samples is the machine's to say")]
pub(super) fn folder() -> Option<PathBuf> {
    let beside = || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures");
    let folder = std::env::var_os("AIRSTAIR_CORPUS").map_or_else(beside, PathBuf::from).join("ipa");
    if folder.is_dir() {
        return Some(folder);
    }
    println!("SKIPPED: no real packages in {}; set AIRSTAIR_CORPUS to their folder", folder.display());
    None
}

/// The rows of the list: the file, and what it holds.
fn rows(folder: &Path) -> Vec<(PathBuf, Vec<String>)> {
    let list = fs::read_to_string(folder.join("SOURCES.md")).unwrap();
    list.lines()
        .filter_map(|line| {
            let cells: Vec<&str> = line.strip_prefix("| ")?.strip_suffix(" |")?.split(" | ").collect();
            let path = folder.join(cells.first()?);
            path.is_file().then(|| (path, cells.last().unwrap().split("; ").map(str::to_owned).collect()))
        })
        .collect()
}

fn part<'p>(parts: &'p [String], prefix: &str) -> Option<&'p str> {
    parts.iter().find_map(|part| part.strip_prefix(prefix))
}

fn compare(what: &Path, package: &Package, parts: &[String]) {
    let what = what.file_name().unwrap().display();
    let info = package.app.info.known().unwrap();
    assert_eq!(info.bundle_id.known().unwrap().as_str(), parts[0], "{what}");
    let versions = format!("{} ({})", info.version.known().unwrap(), info.build_number.known().unwrap());
    assert!(parts.contains(&versions), "{what}: {versions}");
    let minimum_os: OsVersion = part(parts, "min OS ").unwrap().parse().unwrap();
    assert_eq!(info.minimum_os.known(), Some(&minimum_os), "{what}");
    let families: Vec<u64> =
        info.device_families.known().unwrap().iter().map(|one: &DeviceFamily| one.code()).collect();
    assert_eq!(format!("{families:?}"), part(parts, "family ").unwrap(), "{what}");
    assert_eq!(info.xcode.known().map(String::as_str), part(parts, "Xcode "), "{what}");
    let platform = parts.iter().find_map(|part| part.parse::<Platform>().ok());
    assert_eq!(info.platforms().into_known(), platform.map(|platform| vec![platform]), "{what}");
    let title = part(parts, "name '").unwrap();
    let title = title.split("display '").nth(1).unwrap_or(title);
    assert_eq!(info.title(), title.strip_suffix('\''), "{what}");
    let entries = parts.iter().find_map(|part| part.split_once(" entries, top level ")).unwrap();
    assert_eq!(package.entries.to_string(), entries.0, "{what}");
    let nested: BTreeSet<&str> = package.nested.iter().map(ipa::Bundle::file_name).collect();
    let expected: BTreeSet<&str> =
        part(parts, "nested bundles: ").map(|names| names.split(", ").collect()).unwrap_or_default();
    let nested: BTreeSet<&str> = nested.into_iter().filter(|name| !name.ends_with(".framework")).collect();
    assert_eq!(nested, expected, "{what}");
    // One has a framework's folder with nothing in it.
    for bundle in package.bundles().filter(|bundle| !bundle.info.is_absent()) {
        let executable = bundle.executable.known();
        assert!(executable.is_some_and(|one| !one.slices.is_empty()), "{what}: {:?}", bundle.executable);
    }
}

#[test]
fn real_packages_hold_what_their_list_says() {
    let Some(folder) = folder() else {
        return;
    };
    let rows = rows(&folder);
    assert!(rows.len() > 10, "the list was not understood");
    let mut compared = 0;
    for (path, parts) in rows {
        let name = path.file_name().unwrap().display().to_string();
        let result = ipa::inspect(&File::open(&path).unwrap(), &Limits::default());
        let remote = ipa::inspect(&BlockCache::new(File::open(&path).unwrap()), &Limits::default());
        // Not shown where they differ: both name strangers.
        assert!(format!("{result:?}") == format!("{remote:?}"), "{name}: read through a cache");
        match (name.split("__").next().unwrap(), result) {
            ("wrapped-dir", Err(InspectError::Wrapped { .. }))
            | ("corrupt-text" | "corrupt-zero-bytes", Err(InspectError::Archive(_)))
            | ("corrupt-empty-payload", Err(InspectError::NoApp { .. })) => {}
            ("corrupt-no-infoplist-swiftsupport", Ok(package)) => {
                assert!(package.app.info.is_absent(), "{name}");
                assert_eq!(package.surroundings.companions, [ipa::Companion::SwiftSupport], "{name}");
            }
            (kind, Ok(package)) if !kind.starts_with("corrupt") && !kind.starts_with("wrapped") => {
                compare(&path, &package, &parts);
                compared += 1;
            }
            (_, other) => panic!("{name}: {:?}", other.map(|package| package.entries)),
        }
    }
    assert!(compared >= 10, "{compared} compared");
}

/// What a real signature says, against what was found in it with `openssl` and Python.
#[test]
fn real_signatures_hold_and_chain_to_apple() {
    let Some(folder) = folder() else {
        return;
    };
    let limits = Limits::default();
    let mut signatures = 0;
    for (path, _) in rows(&folder) {
        let name = path.file_name().unwrap().display().to_string();
        let file = File::open(&path).unwrap();
        let Ok(archive) = ipa::Archive::open(&file, &limits) else { continue };
        let Ok(package) = Inspection::new(Depth::Deep).of(&archive, &limits) else { continue };
        for bundle in package.bundles().filter(|bundle| bundle.info.known().is_some()) {
            let what = format!("{name}: {}", bundle.file_name());
            let Some(executable) = bundle.executable.known() else { continue };
            let resources = bundle.resources.known().expect(&what);
            assert!(resources.sealed > 0, "{what}");
            let sealed = resources.sealed;
            assert_eq!(*resources, Resources { sealed, ..Resources::default() }, "{what}");
            for slice in &executable.slices {
                let pages = slice.pages.known().expect(&what);
                assert!(pages.compared > 0 && pages.changed.is_empty(), "{what}: {pages:?}");
                let signature = slice.signature.known().expect(&what);
                let signer = signature.signer.known().expect(&what);
                assert_eq!(signer.signature, Ok(()), "{what}");
                let chain = signer.chain.known().expect(&what);
                // One is signed by a certificate that somebody made.
                let is_apples = chain.first().issuer().organization() == Some("Apple Inc.");
                assert_eq!(chain.authority == Authority::Apple, is_apples, "{what}");
                let signed_at = *signer.signed_at.known().expect(&what);
                assert_eq!(chain.not_valid_at(signed_at), None, "{what}");
                let team = signature.strongest().team.known().map(String::as_str);
                assert!(!is_apples || chain.first().subject().organizational_unit() == team, "{what}");
                assert!(signature.code_hashes != Fact::Known(Agreement::Different), "{what}");
                assert!(signature.entitlements_agreement() != Fact::Known(Agreement::Different), "{what}");
                let profile = bundle.profile.known().expect(&what);
                let listed = profile.readable_certificates().any(|one| one == chain.first());
                assert!(listed, "{what}");
                assert!(profile.der.known().is_none_or(|der| der.differing.is_empty()), "{what}");
                for seals in &signature.seals {
                    let intact = Fact::Known(Seal::Intact);
                    assert_eq!((&seals.info_plist, &seals.resources), (&intact, &intact), "{what}");
                    assert_eq!((&seals.requirements, &seals.entitlements), (&intact, &intact), "{what}");
                    assert!(
                        matches!(seals.der_entitlements, Fact::Absent | Fact::Known(Seal::Intact)),
                        "{what}"
                    );
                }
                signatures += 1;
            }
        }
    }
    assert!(signatures >= 10, "{signatures} compared");
}

#[test]
fn every_entry_of_real_packages_has_its_checksum() {
    let Some(folder) = folder() else {
        return;
    };
    for (path, _) in rows(&folder) {
        let file = File::open(&path).unwrap();
        let Ok(archive) = ipa::Archive::open(&file, &Limits::default()) else {
            continue;
        };
        for entry in archive.entries() {
            let read = archive.read(&entry, 64 << 20);
            assert!(read.is_ok(), "entry at {}: {}", entry.header_offset(), read.unwrap_err());
            archive.local_header(&entry).unwrap();
        }
    }
}
