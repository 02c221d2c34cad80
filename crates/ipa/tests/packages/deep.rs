//! Every file and every page of code against what was signed.

use ipa::{Archive, CodePages, Depth, Fact, Inspection, Limits, Package, Progress, Resources, Seen};
use testkit::app::{AppPackage, Bundle, BundleKind};
use testkit::codesign::{CodeDigest, CodeSignature};
use testkit::macho::{Arch, MachO};
use testkit::plist::{Dictionary, Format, Value, code_resources, encode};
use testkit::zip::{Content, Entry, Habit};

fn package() -> AppPackage {
    AppPackage::new("com.example.notes")
}

fn inspected(bytes: &[u8], limits: &Limits) -> Package {
    let archive = Archive::open(&bytes, limits).expect("the archive is sound");
    Inspection::new(Depth::Deep).of(&archive, limits).expect("there is an app")
}

fn inspect(package: &AppPackage) -> Package {
    inspected(&package.build(), &Limits::default())
}

/// What is told of the app's files, but for how many there are.
fn resources(package: &AppPackage) -> Resources {
    let found = inspect(package).app.resources.into_known().expect("files are sealed");
    Resources { sealed: 0, ..found }
}

fn pages(package: &AppPackage) -> CodePages {
    let executable = inspect(package).app.executable.into_known().expect("there is an executable");
    executable.slices[0].pages.clone().into_known().expect("pages are compared")
}

fn names(names: &[&str]) -> Seen<String> {
    Seen { count: names.len(), first: names.iter().map(|name| (*name).to_owned()).collect() }
}

#[test]
fn a_sound_package_is_what_was_signed_down_to_the_last_file() {
    let made = package().extension("widget").watch_app("watch").app_clip("Clip").framework("Kit");
    for habit in Habit::ALL {
        let package = inspect(&made.clone().habit(habit));
        for bundle in package.bundles() {
            let found = bundle.resources.known().unwrap();
            // A framework's Info.plist is all it has here, and sealed by its signature.
            let is_framework = bundle.kind == ipa::BundleKind::Framework;
            assert_eq!(found.sealed == 0, is_framework, "{habit:?} {}", bundle.path);
            let expected = Resources { sealed: found.sealed, ..Resources::default() };
            assert_eq!(*found, expected, "{habit:?} {}", bundle.path);
            for slice in &bundle.executable.known().unwrap().slices {
                let pages = slice.pages.known().unwrap();
                assert!(pages.compared >= 8, "{pages:?}");
                assert_eq!(pages.changed.count, 0, "{habit:?} {}", bundle.path);
            }
        }
    }
}

#[test]
fn what_is_other_than_sealed_is_named() {
    for (package, expected, why) in [
        (package(), Resources::default(), "sound"),
        (
            package().file("config.json", "{}").file_after_signing("config.json", "[]"),
            Resources { changed: names(&["config.json"]), ..Resources::default() },
            "changed",
        ),
        (
            package().file_after_signing("config.json", "{}"),
            Resources { added: names(&["config.json"]), ..Resources::default() },
            "added",
        ),
        (
            package().bundle(|app| app.without_file_after_signing("embedded.mobileprovision")),
            Resources { missing: names(&["embedded.mobileprovision"]), ..Resources::default() },
            "missing",
        ),
        (
            package().bundle(|app| app.without_file_after_signing("fr.lproj/InfoPlist.strings")),
            Resources::default(),
            "optional",
        ),
        (
            package().file_after_signing("Assets/.DS_Store", "x").file_after_signing("PkgInfo", "x"),
            Resources::default(),
            "left out by rules, Info.plist too, which the CodeDirectory seals itself",
        ),
        (
            package().extension("widget").file_after_signing("PlugIns/widget.appex/Info.plist", "x"),
            Resources { changed: names(&["PlugIns/widget.appex/Info.plist"]), ..Resources::default() },
            "changed in a bundle inside",
        ),
        (
            (0..25).fold(package(), |package, index| package.file_after_signing(&format!("{index:02}"), "x")),
            Resources {
                added: Seen { count: 25, first: (0..20).map(|index| format!("{index:02}")).collect() },
                ..Resources::default()
            },
            "more than are named",
        ),
    ] {
        assert_eq!(resources(&package), expected, "{why}");
    }
}

#[test]
fn a_damaged_file_is_told_and_the_rest_compared() {
    let damaged = |spoil: fn(Entry) -> Entry| {
        let mut archive = package().file("config.json", "{}").file("other.json", "{}").archive();
        for entry in archive.entries_mut() {
            if entry.name().ends_with(b"config.json") {
                *entry = spoil(std::mem::replace(entry, Entry::directory("x/")));
            }
        }
        let found = inspected(&archive.build(), &Limits::default()).app.resources.into_known().unwrap();
        Resources { sealed: 0, ..found }
    };
    let expected = Resources { unchecked: names(&["config.json"]), ..Resources::default() };
    assert_eq!(damaged(|entry| entry.edit_central(|header| header.crc32 ^= 1)), expected);
    let link = damaged(|entry| Entry::symlink(String::from_utf8_lossy(entry.name()).into_owned(), "{}"));
    assert_eq!(link, Resources { changed: names(&["config.json"]), ..Resources::default() });
}

#[test]
fn pages_of_code_are_compared_in_whatever_way_they_are_digested() {
    assert!(pages(&package()).changed.is_empty());
    let longer = |package: AppPackage| package.executable(|macho| macho.padded_to(300_000));
    for digest in [CodeDigest::Sha1, CodeDigest::Sha256Truncated, CodeDigest::Sha384] {
        let found = pages(&longer(package()).signature(move |signature| signature.digests([digest])));
        assert!(found.compared > 70 && found.changed.is_empty(), "{digest:?}: {found:?}");
    }
    let both = pages(&longer(package()).signature(CodeSignature::sha1_and_sha256));
    assert!(both.compared > 70 && both.changed.is_empty(), "{both:?}");
    let large = pages(&longer(package()).signature(|signature| signature.page_bits(14)));
    assert!((18..30).contains(&large.compared) && large.changed.is_empty(), "{large:?}");
    let whole = pages(&longer(package()).signature(|signature| signature.page_bits(0)));
    assert_eq!((whole.compared, whole.changed.count), (1, 0));

    // The last page's digest is another than the page has.
    for bits in [12, 14] {
        let spoiled = package().signature(move |signature| {
            signature.page_bits(bits).edit_directory(|bytes| *bytes.last_mut().expect("it has pages") ^= 1)
        });
        let found = pages(&spoiled);
        assert_eq!(found.changed, Seen { count: 1, first: vec![found.compared - 1] }, "{bits}");
    }
    // Fewer bytes of code than lie before the signature: what lies between is not signed.
    let short = package().signature(|signature| {
        signature.edit_directory(|bytes| bytes[32..36].copy_from_slice(&4096_u32.to_be_bytes()))
    });
    let found = pages(&short);
    assert_eq!(
        (found.compared, found.changed.count),
        (9, 8),
        "one page is signed, digests of nine are there"
    );
    let beyond = package().signature(|signature| {
        signature.edit_directory(|bytes| bytes[32..36].copy_from_slice(&0x10_0000_u32.to_be_bytes()))
    });
    let slice = inspect(&beyond).app.executable.into_known().unwrap().slices.remove(0);
    assert!(matches!(slice.pages, Fact::Unreadable(reason) if reason.contains("for 1048576 bytes of code")));
}

#[test]
fn each_slice_is_compared_by_its_own_signature() {
    let slices = package().bundle(|app| {
        app.slice(MachO::executable(Arch::Armv7)).signature(|signature| signature.digests([CodeDigest::Sha1]))
    });
    let executable = inspect(&slices).app.executable.into_known().unwrap();
    assert_eq!(executable.slices.len(), 2);
    for slice in &executable.slices {
        assert_eq!(slice.pages.known().map(|pages| pages.changed.count), Some(0), "{}", slice.cpu);
    }
}

#[test]
fn nested_code_may_be_sealed_by_its_signature() {
    let plain = package().framework("Kit");
    let kit = inspect(&plain).nested[0].signature().into_known().unwrap().strongest().code_hash.0;
    let sealed = |code: [u8; 20]| {
        let list = |pairs: Vec<(&str, Value)>| -> Value {
            let pairs = pairs.into_iter().map(|(key, value)| (key.to_owned(), value));
            Value::Dictionary(pairs.collect::<Dictionary>())
        };
        let nested = list(vec![
            ("cdhash", Value::Data(code.to_vec())),
            ("requirement", "identifier \"com.example.notes.Kit\"".into()),
        ]);
        let everything = list(vec![
            ("files2", list(vec![("Frameworks/Kit.framework", nested)])),
            ("rules2", list(vec![("^Frameworks/", true.into())])),
        ]);
        plain.clone().file("_CodeSignature/CodeResources", encode(&everything, Format::Binary))
    };
    assert_eq!(resources(&sealed(kit)), Resources::default());
    let other = resources(&sealed([7; 20]));
    assert_eq!(other, Resources { changed: names(&["Frameworks/Kit.framework"]), ..Resources::default() });
}

#[test]
fn links_are_sealed_by_where_they_lead() {
    let list = |target: &str| {
        let link: Dictionary = [("symlink".to_owned(), Value::from(target))].into_iter().collect();
        let files: Dictionary = [("link".to_owned(), Value::Dictionary(link))].into_iter().collect();
        let all: Dictionary = [("files2".to_owned(), Value::Dictionary(files))].into_iter().collect();
        encode(&Value::Dictionary(all), Format::Xml)
    };
    for (target, changed) in [("config.json", &[][..]), ("elsewhere", &["link"])] {
        let made = package().file("_CodeSignature/CodeResources", list(target));
        let archive = made.archive().entry(Entry::symlink("Payload/Notes.app/link", "config.json"));
        let found = inspected(&archive.build(), &Limits::default()).app.resources.into_known().unwrap();
        assert_eq!(found, Resources { sealed: 1, changed: names(changed), ..Resources::default() });
    }
}

#[test]
fn the_older_list_counts_where_there_is_no_newer() {
    let older = |content: &str| {
        let content = Content::from(content);
        let all = code_resources([("config.json", &content)]);
        let mut all = plist_dictionary(&all);
        all.remove("files2");
        all.remove("rules2");
        package()
            .file("config.json", "{}")
            .file("_CodeSignature/CodeResources", encode(&Value::Dictionary(all), Format::Xml))
    };
    assert_eq!(resources(&older("{}")).changed, names(&[]));
    assert_eq!(resources(&older("[]")).changed, names(&["config.json"]));
}

fn plist_dictionary(bytes: &[u8]) -> Dictionary {
    Value::from_reader_xml(bytes).unwrap().into_dictionary().unwrap()
}

#[test]
fn a_bundle_without_a_list_says_so() {
    let none = inspect(&package().unsigned());
    assert_eq!(none.app.resources, Fact::Absent);
    let odd = inspect(&package().file_after_signing("_CodeSignature/CodeResources", "{"));
    assert!(matches!(odd.app.resources, Fact::Unreadable(_)));
    let few = inspected(&package().build(), &Limits { sealed_files: 3, ..Limits::default() });
    assert_eq!(few.app.resources, Fact::NotMeasured("more than 3 files are sealed in all".to_owned()));
    let outline = ipa::inspect(&package().build(), &Limits::default()).unwrap();
    assert!(matches!(outline.app.resources, Fact::NotMeasured(_)));
}

#[test]
fn progress_goes_on_to_the_end() {
    let made = package()
        .file("large.bin", Content::HalfNoise { bytes: 3 << 20, seed: 7 })
        .executable(|macho| macho.padded_to(1 << 20))
        .nested(Bundle::new(BundleKind::Framework, "com.example.notes.Kit", "Kit"));
    let bytes = made.build();
    let limits = Limits::default();
    let archive = Archive::open(&bytes, &limits).unwrap();
    let mut seen: Vec<Progress> = Vec::new();
    let package =
        Inspection::new(Depth::Deep).watched(&archive, &limits, &mut |progress| seen.push(progress)).unwrap();
    assert_eq!(package.app.resources.known().unwrap().changed.count, 0);
    assert!(seen.is_sorted_by_key(|progress| progress.done_bytes));
    let last = seen.last().unwrap();
    assert!(last.done_bytes <= last.total_bytes && last.done_bytes > 4 << 20, "{last:?}");
    assert!(seen.iter().all(|progress| progress.total_bytes == last.total_bytes));
}
