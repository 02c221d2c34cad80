use std::io::Read;

use ipa::{Archive, ArchiveError, Child, Limits, Method, NameFault};
use testkit::zip::{self, Content, Descriptor, Entry, Habit, Zip64};

fn names(archive: &Archive<'_>, folder: &str) -> Vec<String> {
    archive
        .children(folder)
        .map(|child| match child {
            Child::File(name) => name.to_owned(),
            Child::Folder(name) => format!("{name}/"),
        })
        .collect()
}

#[test]
fn archives_of_every_tool_are_read() {
    for habit in Habit::ALL {
        let text = "the content of a file, long enough to deflate, deflate, deflate";
        let bytes = zip::Archive::with_habit(habit)
            .entries([
                Entry::directory("Payload/"),
                Entry::file("Payload/a", text),
                Entry::file("Payload/empty", ""),
                Entry::file("Payload/noise", Content::Noise { bytes: 300_000, seed: 1 }),
                Entry::symlink("Payload/link", "a"),
            ])
            .build();
        let archive = Archive::open(&bytes, &Limits::default()).unwrap();
        assert_eq!(names(&archive, ""), ["Payload/"], "{habit:?}");
        assert_eq!(names(&archive, "Payload"), ["a", "empty", "link", "noise"], "{habit:?}");
        let read = |name| archive.read(&archive.find(name).unwrap(), 1 << 20).unwrap();
        assert_eq!(read("Payload/a"), text.as_bytes(), "{habit:?}");
        assert_eq!(read("Payload/empty"), b"", "{habit:?}");
        let mut noise = Vec::new();
        Content::Noise { bytes: 300_000, seed: 1 }.reader().read_to_end(&mut noise).unwrap();
        assert_eq!(read("Payload/noise"), noise, "{habit:?}");
        for entry in archive.entries() {
            let header = archive.local_header(&entry).unwrap();
            assert_eq!(header.name_bytes, entry.name_bytes(), "{habit:?}, {}", entry.name());
            assert_eq!(header.method, entry.method(), "{habit:?}, {}", entry.name());
            assert!(header.content_offset + entry.compressed_size() <= archive.directory_offset());
            let descriptor = archive.data_descriptor(&entry, &header).unwrap();
            assert_eq!(descriptor.is_some(), entry.has_data_descriptor(), "{habit:?}, {}", entry.name());
        }
        assert_eq!((archive.leading_bytes(), archive.trailing_bytes()), (0, 0), "{habit:?}");
    }
}

#[test]
fn what_the_directory_says_is_kept() {
    let bytes = zip::Archive::with_habit(Habit::PythonZipfile)
        .entry(Entry::file("a", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa").deflated())
        .entry(Entry::executable("b", "b").stored())
        .entry(Entry::symlink("c", "a"))
        .build();
    let archive = Archive::open(&bytes, &Limits::default()).unwrap();
    let [first, second, third] = archive.entries().collect::<Vec<_>>()[..] else {
        panic!("three entries");
    };
    assert_eq!((first.method(), first.size(), first.header_offset()), (Method::Deflated, 30, 0));
    assert!(first.compressed_size() < 30);
    assert_eq!((second.method(), second.size(), second.compressed_size()), (Method::Stored, 1, 1));
    assert_eq!(second.unix_mode().map(|mode| mode & 0o777), Some(0o755));
    assert_eq!([first, second, third].map(|entry| entry.is_symlink()), [false, false, true]);
    assert_eq!(archive.declared_entries(), 3);
}

#[test]
fn zip64_numbers_are_read_where_the_others_are_saturated() {
    let bytes = zip::Archive::new()
        .entry(Entry::file("a", "first"))
        .entry(Entry::file("b", "second").zip64(Zip64::Always))
        .zip64_end(Zip64::Always)
        .build();
    let archive = Archive::open(&bytes, &Limits::default()).unwrap();
    assert!(archive.is_zip64());
    let entry = archive.find("b").unwrap();
    assert!(entry.is_zip64());
    assert_eq!(archive.read(&entry, 100).unwrap(), b"second");
    assert!(!archive.find("a").unwrap().is_zip64());
}

#[test]
fn bytes_around_the_archive_are_passed_over_and_told() {
    let file = || Entry::file("a", "content");
    for (archive, leading, trailing, why) in [
        (zip::Archive::new().entry(file()).comment("PK\u{5}\u{6} in a comment"), 0, 0, "a comment"),
        (zip::Archive::new().entry(file()).comment(vec![b'c'; 65_535]), 0, 0, "the longest comment"),
        (zip::Archive::new().entry(file()).after_end(*b"garbage"), 0, 7, "bytes at the end"),
        (zip::Archive::new().entry(file()).before_central(*b"a gap"), 0, 0, "a gap before the directory"),
    ] {
        let bytes = archive.build();
        let archive = Archive::open(&bytes, &Limits::default()).unwrap();
        assert_eq!((archive.leading_bytes(), archive.trailing_bytes()), (leading, trailing), "{why}");
        assert_eq!(archive.read(&archive.find("a").unwrap(), 100).unwrap(), b"content", "{why}");
    }
    // Offsets that count from behind the bytes in front, as of an archive that something was put before.
    let mut bytes = b"#!/bin/sh\n".to_vec();
    bytes.extend(zip::Archive::new().entry(file()).build());
    let archive = Archive::open(&bytes, &Limits::default()).unwrap();
    assert_eq!(archive.leading_bytes(), 10);
    assert_eq!(archive.read(&archive.find("a").unwrap(), 100).unwrap(), b"content");
}

#[test]
fn files_that_are_no_archives_are_named_for_what_they_are() {
    let whole = zip::Archive::new().entry(Entry::file("a", "content")).build();
    for (bytes, expected) in [
        (Vec::new(), "the file is empty"),
        (
            b"PK".to_vec(),
            "this is text, and no zip archive: it starts with the bytes 50 4b, a zip with 50 4b 03 04",
        ),
        (
            b"not an ipa".to_vec(),
            "this is text, and no zip archive: it starts with the bytes 6e 6f 74 20, a zip with 50 4b 03 04",
        ),
        (
            whole[..40].to_vec(),
            "the archive is cut off: its 40 bytes start like a zip but hold no end record; transfer it again",
        ),
    ] {
        assert_eq!(Archive::open(&bytes, &Limits::default()).unwrap_err().to_string(), expected);
    }
}

#[test]
fn names_are_found_whichever_way_they_are_written() {
    let decomposed = "Payload/Cafe\u{301}.app/Cafe\u{301}";
    let bytes = zip::Archive::new()
        .entry(Entry::file(decomposed, "x"))
        .entry(Entry::file(*b"Payload/na\x8bve", "y").edit_both(|header| header.flags &= !0x800))
        .entry(Entry::file(*b"Payload/\xff", "z").utf8_flag())
        .build();
    let archive = Archive::open(&bytes, &Limits::default()).unwrap();
    for (name, expected) in [
        (decomposed, true),
        ("Payload/Cafe\u{301}.app/Caf\u{e9}", true),
        ("Payload/Cafe\u{301}.app/Cafe", false),
        ("Payload/naïve", true),
        ("Payload/nai\u{308}ve", true),
        ("Payload/naive", false),
    ] {
        assert_eq!(archive.find(name).is_some(), expected, "{name:?}");
    }
    let faults: Vec<_> = archive.entries().filter_map(|entry| entry.name_fault()).collect();
    assert_eq!(faults, [NameFault::NotUtf8]);
    assert_eq!(archive.find("Payload/naïve").unwrap().name_bytes(), b"Payload/na\x8bve");
}

#[test]
fn folders_list_what_lies_directly_in_them() {
    let bytes = zip::Archive::new()
        .entries(
            ["a", "a-b", "a/x", "a/y/z", "a0", "b/", "c/d", "/abs", "é/ü"].map(|name| Entry::file(name, "")),
        )
        .build();
    let archive = Archive::open(&bytes, &Limits::default()).unwrap();
    for (folder, expected) in [
        ("", vec!["/", "a", "a-b", "a/", "a0", "b/", "c/", "é/"]),
        ("a", vec!["x", "y/"]),
        ("a/y", vec!["z"]),
        ("b", vec![]),
        ("é", vec!["ü"]),
        ("nowhere", vec![]),
    ] {
        assert_eq!(names(&archive, folder), expected, "{folder:?}");
    }
}

#[test]
fn the_last_of_several_entries_of_one_name_is_found() {
    let bytes = zip::Archive::new().entry(Entry::file("a", "one")).entry(Entry::file("a", "two")).build();
    let archive = Archive::open(&bytes, &Limits::default()).unwrap();
    assert_eq!(archive.read(&archive.find("a").unwrap(), 10).unwrap(), b"two");
}

#[test]
fn every_limit_is_kept_to_the_byte() {
    let bytes = zip::Archive::new()
        .entry(Entry::file("four", "1234"))
        .entry(Entry::file("fivefive", "12345"))
        .build();
    let default = Limits::default;
    for (limits, expected) in [
        (Limits { entries: 2, ..default() }, None),
        (Limits { entries: 1, ..default() }, Some("the archive has more than 1 entries")),
        (Limits { name_bytes: 8, ..default() }, None),
        (Limits { name_bytes: 7, ..default() }, Some("an entry's name has 8 bytes, 7 bytes are the most")),
        (Limits { total_bytes: 9, ..default() }, None),
        (
            Limits { total_bytes: 8, ..default() },
            Some("the archive says it holds 9 bytes in all, 8 bytes are the most"),
        ),
    ] {
        let found = Archive::open(&bytes, &limits).err().map(|error| error.to_string());
        assert_eq!(found.as_deref(), expected);
    }
    let limits = Limits { directory_bytes: 50, ..default() };
    assert!(matches!(Archive::open(&bytes, &limits), Err(ArchiveError::DirectoryBytes { limit: 50, .. })));
    let limits = Limits { entry_bytes: 4, ..default() };
    let archive = Archive::open(&bytes, &limits).unwrap();
    assert!(archive.read(&archive.find("four").unwrap(), 4).is_ok());
    for (name, limit_bytes) in [("four", 3), ("fivefive", 100)] {
        let error = archive.read(&archive.find(name).unwrap(), limit_bytes).unwrap_err();
        assert!(matches!(error, ArchiveError::EntryBytes { .. }), "{name}: {error}");
    }
}

#[test]
fn bombs_are_refused_for_what_really_comes_out() {
    let bytes = zip::Archive::new().entry(zip::hostile::bomb("bomb", 64 << 20)).build();
    let archive = Archive::open(&bytes, &Limits::default()).unwrap();
    let entry = archive.find("bomb").unwrap();
    let error = archive.read(&entry, u64::MAX).unwrap_err();
    assert_eq!(error.to_string(), "\"bomb\" inflates to more than 250 times its compressed size");
    let mut reader = archive.reader(&entry).unwrap();
    assert!(matches!(reader.skip(64 << 20), Err(ArchiveError::Ratio { .. })));
    assert!(reader.given_bytes() < 9 << 20);
}

#[test]
fn content_is_passed_over_as_it_is_read() {
    let content: Vec<u8> = (0..200_000_u32).map(|number| (number % 251) as u8).collect();
    for entry in [Entry::file("a", content.clone()).stored(), Entry::file("a", content.clone()).deflated()] {
        let bytes = zip::Archive::with_habit(Habit::PythonZipfile).entry(entry).build();
        let archive = Archive::open(&bytes, &Limits::default()).unwrap();
        let mut reader = archive.reader(&archive.find("a").unwrap()).unwrap();
        for (passed, place) in [(0, 0), (10, 11), (100_000, 100_012), (99_986, 199_999)] {
            reader.skip(passed).unwrap();
            let mut byte = [0];
            assert_eq!(reader.read(&mut byte).unwrap(), 1);
            assert_eq!(byte[0], content[place], "at {place}");
        }
        assert_eq!(reader.read(&mut [0]).unwrap(), 0);
        assert!(matches!(reader.skip(1), Err(ArchiveError::Size { .. })));
    }
}

#[test]
fn the_stream_can_be_walked_from_header_to_header() {
    for (descriptor, zip64) in [
        (Descriptor::None, Zip64::WhereNeeded),
        (Descriptor::None, Zip64::Always),
        (Descriptor::Signed, Zip64::WhereNeeded),
        (Descriptor::Unsigned, Zip64::WhereNeeded),
        (Descriptor::SignedZip64, Zip64::Always),
        (Descriptor::UnsignedZip64, Zip64::Always),
    ] {
        let file = |name: &str| {
            Entry::file(name, "deflate, deflate, deflate").deflated().descriptor(descriptor).zip64(zip64)
        };
        let bytes = zip::Archive::new().entry(file("a")).entry(file("b")).entry(file("c")).build();
        let archive = Archive::open(&bytes, &Limits::default()).unwrap();
        let mut place = 0;
        for entry in archive.entries() {
            let what = format!("{descriptor:?}, {zip64:?}, {}", entry.name());
            let header = archive.local_header(&entry).unwrap();
            assert_eq!(header.offset, place, "{what}");
            assert_eq!(header.zip64, zip64 == Zip64::Always, "{what}");
            if descriptor == Descriptor::None {
                assert_eq!(
                    (header.size, header.compressed_size),
                    (entry.size(), entry.compressed_size()),
                    "{what}"
                );
            }
            let behind = archive.data_descriptor(&entry, &header).unwrap();
            assert_eq!(behind.is_some(), entry.has_data_descriptor(), "{what}");
            place = header.content_offset + entry.compressed_size();
            place += behind.map_or(0, |behind| u64::from(behind.size_bytes));
        }
        assert_eq!(place, archive.directory_offset(), "{descriptor:?}, {zip64:?}");
    }
}
