use std::fs::File;

use ipa::{
    Archive, ArchiveWalk, DescriptorFault, Difference, Duplicate, EntryPlace, Fact, Gap, GapContent,
    HiddenEntry, Likeness, Limits, LinkEnd, NameFault, Seen, Stream,
};
use testkit::zip::{self, Content, Descriptor, Entry, Habit, Header, Listing, Zip64};

const TEXT: &str = "the content of a file, long enough to deflate, deflate, deflate";

fn file(name: &str) -> Entry {
    Entry::file(name, TEXT).deflated()
}

fn plain(entries: impl IntoIterator<Item = Entry>) -> zip::Archive {
    zip::Archive::with_habit(Habit::PythonZipfile).entries(entries)
}

fn walk(archive: &zip::Archive) -> ArchiveWalk {
    walk_bytes(&archive.build(), &Limits::default())
}

fn walk_bytes(bytes: &[u8], limits: &Limits) -> ArchiveWalk {
    Archive::open(&bytes, limits).unwrap().walk().unwrap()
}

fn stream(walk: &ArchiveWalk) -> &Stream {
    walk.stream.known().expect("the headers were walked")
}

/// What a walk found, in words, for comparing.
fn oddities(walk: &ArchiveWalk) -> Vec<String> {
    fn told<T: std::fmt::Debug>(what: &str, seen: &Seen<T>) -> Option<String> {
        assert!(seen.first.len() == seen.count.min(Seen::<T>::KEPT), "{what}");
        (!seen.is_empty()).then(|| format!("{what} {}", seen.count))
    }
    let number = |what: &str, bytes: u64| (bytes > 0).then(|| format!("{what} {bytes}"));
    let mut found = vec![
        number("leading", walk.leading_bytes),
        number("trailing", walk.trailing_bytes),
        walk.needless_zip64_end.then(|| "zip64 end".to_owned()),
        told("zip64", &walk.needless_zip64),
        told("stored with descriptor", &walk.stored_with_descriptor),
        told("folder with descriptor", &walk.folders_with_descriptor),
        told("method", &walk.other_methods),
        told("encrypted", &walk.encrypted),
        told("overlap", &walk.overlaps),
        told("cut off", &walk.cut_off),
        told("duplicate", &walk.duplicates),
        told("name", &walk.faulty_names),
    ];
    if let Fact::Known(stream) = &walk.stream {
        found.extend([
            told("no header", &stream.missing_headers),
            told("disagreement", &stream.disagreements),
            told("descriptor", &stream.descriptors),
            told("hidden", &stream.hidden_entries),
            told("gap", &stream.gaps),
        ]);
    }
    if let Fact::Known(links) = &walk.links {
        found.push(told("astray", &links.astray));
    }
    found.into_iter().flatten().collect()
}

#[test]
fn archives_of_every_tool_show_nothing_odd() {
    for habit in Habit::ALL {
        let archive = zip::Archive::with_habit(habit).comment("a comment").entries([
            Entry::directory("Payload/"),
            Entry::directory("Payload/Demo.app/"),
            Entry::file("Payload/Demo.app/a", TEXT),
            Entry::file("Payload/Demo.app/empty", ""),
            Entry::file("Payload/Demo.app/noise", Content::Noise { bytes: 300_000, seed: 1 }),
            Entry::symlink("Payload/Demo.app/link", "a"),
            Entry::file("Payload/Demo.app/é", TEXT),
        ]);
        let walk = walk(&archive);
        assert_eq!(oddities(&walk), Vec::<String>::new(), "{habit:?}");
        // Java knows no links.
        let links = walk.links.known().map_or(0, |links| links.all.count);
        assert_eq!((walk.entries, links), (7, usize::from(habit != Habit::Jar)), "{habit:?}");
    }
}

#[test]
fn every_form_of_descriptor_is_told() {
    let (is_unsigned, is_wide) = (Some(DescriptorFault::Unsigned), Some(DescriptorFault::OtherWidth));
    for (descriptor, zip64, expected) in [
        (Descriptor::Signed, Zip64::WhereNeeded, None),
        (Descriptor::Unsigned, Zip64::WhereNeeded, is_unsigned),
        (Descriptor::SignedZip64, Zip64::Always, None),
        (Descriptor::SignedZip64, Zip64::WhereNeeded, is_wide),
        (Descriptor::Signed, Zip64::Always, is_wide),
        (Descriptor::UnsignedZip64, Zip64::Always, is_unsigned),
        (Descriptor::Promised, Zip64::WhereNeeded, Some(DescriptorFault::Missing)),
    ] {
        let archive = plain(["a", "b"].map(|name| file(name).descriptor(descriptor).zip64(zip64)));
        let built = archive.build_with_layout();
        let walk = walk_bytes(&built.bytes, &Limits::default());
        let what = format!("{descriptor:?}, {zip64:?}");
        assert_eq!(walk.needless_zip64.count, if zip64 == Zip64::Always { 2 } else { 0 }, "{what}");
        let stream = stream(&walk);
        assert!(stream.gaps.is_empty() && stream.disagreements.is_empty(), "{what}");
        let found: Vec<_> = stream.descriptors.first.iter().map(|odd| odd.fault).collect();
        assert_eq!(found, expected.map_or(vec![], |fault| vec![fault; 2]), "{what}");
        if let Some(odd) = stream.descriptors.first.get(1) {
            assert_eq!(
                (odd.entry.name.as_str(), odd.offset),
                ("b", built.layout.entries[1].data.end),
                "{what}"
            );
        }
    }
    let lying = file("a").descriptor(Descriptor::Signed).edit_central(|header| header.size += 1);
    let walk = walk(&plain([lying]));
    let [odd] = &stream(&walk).descriptors.first[..] else { panic!("one descriptor") };
    assert!(
        matches!(odd.fault, DescriptorFault::Differs { size, .. } if size == TEXT.len() as u64),
        "{odd:?}"
    );
}

#[test]
fn each_oddity_is_told_by_itself() {
    let edit = |name: &str, edit: fn(&mut Header)| plain([file(name).edit_both(edit)]);
    for (archive, expected, why) in [
        (
            plain([Entry::file("a", TEXT).stored().descriptor(Descriptor::Signed)]),
            &["stored with descriptor 1"][..],
            "a stored entry whose size is told behind it",
        ),
        (
            plain([Entry::directory("a/").descriptor(Descriptor::Signed)]),
            &["folder with descriptor 1"],
            "a folder with a descriptor",
        ),
        (edit("a", |header| header.method = 12), &["method 1"], "another method"),
        (plain([file("a").encrypted_flag()]), &["encrypted 1"], "an encrypted entry"),
        (plain([file("a").zip64(Zip64::Always)]), &["zip64 1"], "a field for large entries"),
        (plain([file("a")]).zip64_end(Zip64::Always), &["zip64 end"], "an end for large archives"),
        (plain([file("a")]).prefix(*b"#!/bin/sh\n"), &["leading 10", "gap 1"], "bytes in front"),
        (plain([file("a")]).after_end(*b"1234"), &["trailing 4"], "bytes at the end"),
        (plain([file("a"), file("b").gap_before([0; 7])]), &["gap 1"], "bytes between"),
        (plain([file("a")]).before_central(*b"1234"), &["gap 1"], "bytes before the directory"),
        (plain([file("a"), file("a")]), &["duplicate 1"], "one name twice"),
        (plain([file("../a")]), &["name 1"], "a name that leads out"),
        (
            plain([file("a"), file("b").edit_central(|header| header.offset = 5)]),
            // What it leaves behind is an entry that the directory does not list.
            &["overlap 1", "no header 1", "hidden 1", "gap 1"],
            "a place within another entry",
        ),
        (
            plain([file("a"), file("b").edit_central(|header| header.offset = 1 << 30)]),
            &["cut off 1", "no header 1", "hidden 1", "gap 1"],
            "a place behind the end",
        ),
        (
            plain([file("a").edit_both(|header| header.compressed_size += 9)]),
            &["cut off 1"],
            "content that runs into the directory",
        ),
        (
            plain([file("a"), file("b").listing(Listing::LocalOnly)]),
            &["hidden 1", "gap 1"],
            "an entry only the stream has",
        ),
    ] {
        assert_eq!(oddities(&walk(&archive)), expected, "{why}");
    }
}

#[test]
fn both_values_are_told_where_headers_disagree() {
    let local = |edit: fn(&mut Header)| {
        let walk = walk(&plain([file("a"), file("b").edit_local(edit)]));
        let found = &stream(&walk).disagreements;
        assert_eq!((found.count, found.first.len()), (1, 1));
        assert_eq!(found.first[0].entry.name, "b");
        found.first[0].difference.clone()
    };
    let central = walk(&plain([file("b")]));
    assert!(stream(&central).disagreements.is_empty());
    let built = plain([file("b")]).build();
    let archive = Archive::open(&built, &Limits::default()).unwrap();
    let entry = archive.find("b").unwrap();
    let (crc32, packed, size) = (entry.crc32(), entry.compressed_size(), entry.size());
    for (found, expected) in [
        (
            local(|header| header.name = b"c".to_vec()),
            Difference::Name { local: "c".to_owned(), central: "b".to_owned() },
        ),
        (local(|header| header.method = 0), Difference::Method { local: 0, central: 8 }),
        (local(|header| header.flags |= 0x800), Difference::Flags { local: 0x800, central: 0 }),
        (local(|header| header.crc32 ^= 1), Difference::Crc32 { local: crc32 ^ 1, central: crc32 }),
        (
            local(|header| header.compressed_size += 1),
            Difference::CompressedSize { local: packed + 1, central: packed },
        ),
        (local(|header| header.size = 1), Difference::Size { local: 1, central: size }),
    ] {
        assert_eq!(found, expected);
    }
    // With bit 3 the numbers follow the content, and what stands before is not compared.
    let streamed = file("a").descriptor(Descriptor::Signed).edit_local(|header| header.size = 7);
    assert_eq!(oddities(&walk(&plain([streamed]))), Vec::<String>::new());
}

#[test]
fn no_byte_of_a_local_header_changes_unseen() {
    let streamed = |name: &str| file(name).descriptor(Descriptor::Signed);
    let built = plain([file("a"), streamed("b"), Entry::file("c", "c").stored()]).build_with_layout();
    for entry in &built.layout.entries {
        let start = usize::try_from(entry.header.start).unwrap();
        let has_sizes = entry.name != b"b";
        for place in 0..31 {
            // The version, the time; and what a descriptor tells in their place.
            if matches!(place, 4 | 5 | 10..14) || !has_sizes && (14..26).contains(&place) {
                continue;
            }
            for bit in 0..8 {
                let mut bytes = built.bytes.clone();
                bytes[start + place] ^= 1 << bit;
                let odd = oddities(&walk_bytes(&bytes, &Limits::default()));
                assert!(!odd.is_empty(), "{:?}, byte {place}, bit {bit}", entry.name);
            }
        }
    }
}

#[test]
fn what_lies_in_a_gap_is_told() {
    let hidden = |name: &str| file(name).listing(Listing::LocalOnly);
    for (archive, content, names, why) in [
        (plain([file("a"), file("b").gap_before([0; 9000])]), GapContent::Zeros, vec![], "zeros"),
        (
            plain([file("a"), file("b").gap_before(*b"ab")]),
            GapContent::Other { start: *b"ab\0\0" },
            vec![],
            "anything",
        ),
        (
            plain([file("a"), file("b").gap_before(*b"PK\x07\x08descriptor!!")]),
            GapContent::Descriptor,
            vec![],
            "a descriptor that no flag announces",
        ),
        (
            plain([file("a"), hidden("x"), hidden("y"), file("b")]),
            GapContent::Entry,
            vec!["x", "y"],
            "two entries",
        ),
        (
            plain([file("a"), hidden("x").descriptor(Descriptor::Signed), hidden("y"), file("b")]),
            GapContent::Entry,
            vec!["x"],
            "an entry whose end nothing tells",
        ),
        (plain([hidden("x"), file("a")]), GapContent::Entry, vec!["x"], "an entry at the very start"),
    ] {
        let built = archive.build_with_layout();
        let walk = walk_bytes(&built.bytes, &Limits::default());
        let found = &stream(&walk).gaps.first[..];
        assert!(matches!(found, [Gap { content: found, .. }] if *found == content), "{why}: {found:?}");
        let hidden = &stream(&walk).hidden_entries.first;
        assert_eq!(hidden.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), names, "{why}");
        if let Some(HiddenEntry { offset, compressed_size, .. }) = hidden.first() {
            let place = built.layout.entries.iter().find(|place| place.name == b"x").unwrap();
            assert_eq!(*offset, place.header.start, "{why}");
            let told = compressed_size.unwrap_or(place.data.end - place.data.start);
            assert_eq!(told, place.data.end - place.data.start, "{why}");
        }
    }
}

#[test]
fn entries_that_share_bytes_are_told_with_the_one_they_lie_in() {
    let walk = walk(&zip::hostile::overlapping(100, 1 << 20));
    assert_eq!((walk.overlaps.count, walk.overlaps.first.len()), (99, 20));
    let first = &walk.overlaps.first[0];
    assert_eq!((first.within.name.as_str(), first.within.offset), ("Payload/kernel", 0));
    assert!(first.shared_bytes > 1000);
    // All but the first have another name than the header they share.
    assert_eq!(stream(&walk).disagreements.count, 99);
}

#[test]
fn names_that_are_alike_are_told_with_how() {
    let composed = "Payload/Caf\u{e9}";
    let decomposed = "Payload/Cafe\u{301}";
    let capital = "Payload/CAF\u{c9}";
    for (names, expected) in [
        (&["a", "b", "a-b", "a/b", "ab"][..], &[][..]),
        (&["a", "a"], &[Likeness::Exact]),
        (&["a", "a", "a"], &[Likeness::Exact, Likeness::Exact]),
        (&["a", "a/"], &[Likeness::FileAndFolder]),
        (&["a/b", "A/b"], &[Likeness::CaseFolded]),
        (&["a", "A", "a"], &[Likeness::CaseFolded, Likeness::Exact]),
        (&[composed, decomposed], &[Likeness::Canonical]),
        (&[composed, capital], &[Likeness::CaseFolded]),
        (&[decomposed, capital], &[Likeness::CaseFolded]),
        (&["\u{212a}elvin", "kelvin"], &[Likeness::CaseFolded]),
    ] {
        let walk = walk(&plain(names.iter().map(|name| file(name))));
        let found: Vec<Likeness> = walk.duplicates.first.iter().map(|one| one.likeness).collect();
        assert_eq!(found, expected, "{names:?}");
    }
    let walk = walk(&plain([file("a"), file("b"), file("a")]));
    let [Duplicate { first, second, .. }] = &walk.duplicates.first[..] else { panic!("one") };
    assert_eq!(first, &EntryPlace { name: "a".to_owned(), offset: 0 });
    assert!(second.offset > first.offset);
}

#[test]
fn names_that_are_no_paths_are_told_with_what_is_wrong() {
    let walk = walk(&plain([file("ok"), file("/abs"), file("a\\b")]));
    let found: Vec<_> =
        walk.faulty_names.first.iter().map(|one| (one.entry.name.as_str(), one.fault)).collect();
    assert_eq!(found, [("/abs", NameFault::Absolute), ("a\\b", NameFault::Backslash)]);
}

#[test]
fn links_are_followed_by_their_letters() {
    let app = "Payload/Demo.app";
    let archive = plain([
        file("Payload/Demo.app/a"),
        file("Payload/Demo.app/Frameworks/F.framework/Versions/A/F"),
        file("Symbols/s"),
    ]);
    let others = [
        ("Frameworks/F.framework/Versions/Current", "A"),
        ("x/up", ".."),
        ("loop1", "loop2"),
        ("loop2", "./loop1"),
        ("out", "../../Symbols"),
    ]
    .map(|(name, target)| Entry::symlink(format!("{app}/{name}"), target));
    for (name, target, expected) in [
        ("l", "a", LinkEnd::Inside),
        ("l", "./Frameworks//F.framework/../../a", LinkEnd::Inside),
        ("l", "Frameworks/F.framework/Versions/Current/F", LinkEnd::Inside),
        ("l", ".", LinkEnd::Inside),
        ("x/l", "up/a", LinkEnd::Inside),
        ("x/l", "nothing", LinkEnd::Missing),
        ("l", "..", LinkEnd::Outside),
        ("l", "../Demo.app/a", LinkEnd::Outside),
        ("l", "../../../../etc/passwd", LinkEnd::Outside),
        ("l", "../Demo.app2", LinkEnd::Outside),
        ("x/l", "up/../a", LinkEnd::Outside),
        ("l", "out/s", LinkEnd::Outside),
        ("l", "/etc/passwd", LinkEnd::Absolute),
        ("l", "loop1", LinkEnd::Endless),
        ("l", "l", LinkEnd::Endless),
    ] {
        let link = Entry::symlink(format!("{app}/{name}"), target);
        let walk = walk(&archive.clone().entries(others.clone()).entry(link));
        let links = walk.links.known().unwrap();
        let found = links.all.first.iter().find(|one| one.entry.name == format!("{app}/{name}")).unwrap();
        let there = found.target.known().unwrap();
        assert_eq!((there.path.as_str(), there.end), (target, expected), "{name} -> {target}");
        let is_astray = links.astray.first.contains(found);
        assert_eq!(is_astray, !matches!(expected, LinkEnd::Inside | LinkEnd::Missing), "{name} -> {target}");
    }
    // Outside an app the archive is the bound.
    for (target, expected) in [("../Payload", LinkEnd::Inside), ("../..", LinkEnd::Outside)] {
        let walk = walk(&archive.clone().entry(Entry::symlink("Symbols/l", target)));
        assert_eq!(
            walk.links.known().unwrap().all.first[0].target.known().unwrap().end,
            expected,
            "{target}"
        );
    }
}

#[test]
fn odd_links_are_told() {
    let link = Entry::symlink("Payload/Demo.app/l", "a");
    let beneath = walk(&plain([file("Payload/Demo.app/a"), link.clone(), file("Payload/Demo.app/l/b")]));
    let found = &beneath.links.known().unwrap().astray.first;
    assert!(found.len() == 1 && found[0].has_entries_beneath);
    for (link, expected) in [
        (Entry::symlink("l", "x".repeat(1025)), "1025 bytes"),
        (Entry::symlink("l", ""), "empty"),
        (Entry::symlink("l", *b"\xff"), "not UTF-8"),
    ] {
        let walk = walk(&plain([link]));
        let links = walk.links.known().unwrap();
        let Fact::Unreadable(reason) = &links.astray.first[0].target else { panic!("{expected}") };
        assert!(reason.contains(expected), "{reason}");
    }
    let many = plain((0..30).map(|number| Entry::symlink(format!("l{number}"), "a")));
    let limits = Limits { followed_links: 29, ..Limits::default() };
    assert!(matches!(walk_bytes(&many.build(), &limits).links, Fact::NotMeasured(_)));
    assert_eq!(walk_bytes(&many.build(), &Limits::default()).links.known().unwrap().all.first.len(), 20);
}

#[test]
fn of_a_remote_package_the_directory_alone_is_told() {
    let archive = plain([
        Entry::file("a", TEXT).stored().descriptor(Descriptor::Signed),
        file("b").encrypted_flag(),
        file("b").edit_central(|header| header.offset = 3),
        Entry::symlink("c", "a"),
    ]);
    let walk = walk_bytes(&archive.build(), &Limits::remote());
    assert_eq!(oddities(&walk), ["stored with descriptor 1", "encrypted 1", "overlap 1", "duplicate 1"]);
    assert_eq!(walk.stream, Fact::NotMeasured("the limits leave the local headers out".to_owned()));
    assert!(matches!(walk.links, Fact::NotMeasured(_)));
    // Nothing is taken for an overlap or a cut that only the headers can tell.
    let sound = zip::Archive::new().entries([file("a"), file("b")]).build();
    assert_eq!(oddities(&walk_bytes(&sound, &Limits::remote())), Vec::<String>::new());

    // The only entry is said to lie far behind the directory: no more than all before that is before it (found by fuzzing).
    let beyond = plain([file("a").edit_central(|header| header.offset = 1 << 30)]);
    let walk = walk_bytes(&beyond.build(), &Limits::remote());
    assert_eq!(walk.leading_bytes, walk.directory_offset);
}

#[test]
fn hostile_archives_are_walked_to_their_end() {
    for case in zip::hostile::cases() {
        for limits in [Limits::default(), Limits::remote()] {
            if let Ok(archive) = Archive::open(&case.bytes, &limits) {
                oddities(&archive.walk().unwrap());
            }
        }
    }
}

#[test]
fn real_packages_are_walked() {
    let Some(folder) = super::corpus::folder() else { return };
    for file in std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_none_or(|extension| extension != "ipa") {
            continue;
        }
        let source = File::open(&file).unwrap();
        let Ok(archive) = Archive::open(&source, &Limits::default()) else { continue };
        let walk = archive.walk().unwrap();
        // One that was packed anew announces descriptors and has none; all else is as every tool writes it.
        let odd: Vec<String> =
            oddities(&walk).into_iter().filter(|odd| !odd.starts_with("descriptor")).collect();
        assert_eq!(odd, Vec::<String>::new(), "{}", file.display());
    }
}
