use ipa::{CutPlace, Examined, FileKind, InspectError, Limits, Missing};
use testkit::app::AppPackage;
use testkit::zip::{self, Content, Descriptor, Entry, Habit, Zip64};

fn examine(bytes: &[u8]) -> Examined {
    Examined::of(&bytes.to_vec(), &Limits::default()).expect("memory does not fail")
}

#[test]
fn a_sound_package_is_told_whole() {
    let bytes = AppPackage::new("com.example.notes").extension("widget").build();
    let examined = examine(&bytes);
    assert_eq!((examined.kind, examined.size_bytes), (FileKind::Zip, bytes.len() as u64));
    assert!(examined.archive.unwrap().stream.known().is_some());
    assert_eq!(examined.package.unwrap().nested.len(), 1);
}

#[test]
fn the_archive_is_told_where_there_is_no_app() {
    let archive = |name: &str| zip::Archive::new().entries([Entry::file(name, "x"), Entry::file(name, "y")]);
    for name in ["Payload/a", "x/Payload/Demo.app/a", "a"] {
        let examined = examine(&archive(name).build());
        assert!(examined.package.is_err(), "{name}");
        assert_eq!(examined.archive.unwrap().duplicates.count, 1, "{name}");
    }
}

#[test]
fn what_is_no_archive_is_named() {
    for (bytes, kind) in [
        (&b""[..], FileKind::Empty),
        (b"<html>", FileKind::Html),
        (b"\x1f\x8b\x08\0\0", FileKind::Gzip),
        (b"no archive", FileKind::Text),
    ] {
        let examined = examine(bytes);
        assert_eq!((examined.kind, examined.archive.unwrap_err().cut), (kind, None));
    }
    let error = examine(b"<html>").package.unwrap_err().to_string();
    assert_eq!(
        error,
        "this is an HTML page, and no zip archive: it starts with the bytes 3c 68 74 6d, a zip with 50 4b 03 04"
    );
    let split = examine(b"PK\x07\x08PK\x03\x04").package.unwrap_err();
    assert!(matches!(split, InspectError::Archive(_)));
}

/// Cuts an archive at every byte, and compares where the cut is said to be and how much is said to be missing.
fn cut_everywhere(archive: &zip::Archive, what: &str) {
    let built = archive.build_with_layout();
    let (entries, central, end) = (&built.layout.entries, &built.layout.central, &built.layout.end);
    let size = built.bytes.len() as u64;
    for kept in 4..size {
        let what = format!("{what}, {kept} of {size} bytes");
        let examined = examine(&built.bytes[..usize::try_from(kept).unwrap()]);
        assert_eq!(examined.kind, FileKind::Zip, "{what}");
        let cut = examined.archive.unwrap_err().cut.expect(&what);
        assert_eq!(cut.size_bytes, kept, "{what}");
        // Three bytes of a signature tell nothing yet.
        let expected = if kept < central.start + 4 {
            CutPlace::Entries
        } else if kept < end.start + 4 {
            CutPlace::Directory
        } else {
            CutPlace::EndRecord
        };
        assert_eq!(cut.place, expected, "{what}");
        match cut.missing {
            Missing::Exactly(missing) => assert_eq!(missing, size - kept, "{what}"),
            Missing::AtLeast(missing) => assert!(missing > 0 && missing <= size - kept, "{what}: {missing}"),
        }
        if expected == CutPlace::Entries {
            let last = entries.iter().rev().find(|entry| entry.header.end <= kept);
            let found = cut.last_entry.map(|entry| (entry.name.into_bytes(), entry.offset));
            assert_eq!(found, last.map(|entry| (entry.name.clone(), entry.header.start)), "{what}");
        }
    }
}

#[test]
fn where_an_archive_is_cut_is_told() {
    let file = |name: &str| Entry::file(name, "deflate, deflate, deflate");
    for habit in [Habit::InfoZip, Habit::Xcode, Habit::Ditto] {
        let archive = zip::Archive::with_habit(habit).entries(["a", "bb", "ccc"].map(file));
        cut_everywhere(&archive, &format!("{habit:?}"));
    }
    let wide = file("a").descriptor(Descriptor::SignedZip64).zip64(Zip64::Always);
    cut_everywhere(&zip::Archive::new().entries([wide.clone(), wide]), "ZIP64 entries");
    let commented = zip::Archive::new().entry(file("a")).comment("a comment");
    let built = commented.build();
    let cut = examine(&built[..built.len() - 4]).archive.unwrap_err().cut.unwrap();
    assert_eq!((cut.place, cut.missing), (CutPlace::EndRecord, Missing::Exactly(4)));
}

#[test]
fn a_cut_within_a_large_entry_is_told_by_its_header() {
    let archive = zip::Archive::with_habit(Habit::InfoZip)
        .entry(Entry::file("small", "x"))
        .entry(Entry::file("large", Content::Noise { bytes: 3 << 20, seed: 1 }).stored());
    let built = archive.build_with_layout();
    let kept = usize::try_from(built.layout.entries[1].data.end - 100).unwrap();
    let cut = examine(&built.bytes[..kept]).archive.unwrap_err().cut.unwrap();
    assert_eq!(cut.last_entry.unwrap().name, "large");
    // The rest of the entry, and the least that follows it.
    assert_eq!(cut.missing, Missing::AtLeast(100 + 46 + 5 + 22));
}

#[test]
fn bytes_that_lack_before_the_end_are_counted() {
    let built = zip::Archive::with_habit(Habit::InfoZip)
        .entry(Entry::file("a", Content::Noise { bytes: 5000, seed: 1 }))
        .build();
    let mut holed = built.clone();
    holed.drain(1000..1700);
    for (bytes, missing) in [(&built[700..], 700), (&holed[..], 700)] {
        let examined = examine(bytes);
        let cut = examined.archive.unwrap_err().cut.unwrap();
        assert_eq!((cut.place, cut.missing), (CutPlace::BeforeTheEnd, Missing::Exactly(missing)));
    }
}
