//! Archives that lie, escape, explode or stop short.

use super::{Archive, Content, Descriptor, End, Entry, Habit, Header, Listing, Zip64};
use crate::Case;

/// A deflated file of `inflated_bytes` zeros: about a thousandth of that in the archive.
pub fn bomb(name: &str, inflated_bytes: u64) -> Entry {
    Entry::file(name, Content::Zeros(inflated_bytes)).deflated()
}

/// `entries` names in the central directory, all of which point at the same data.
///
/// At most as many bytes as one entry and the directory, but `entries` times the content.
pub fn overlapping(entries: u32, inflated_bytes: u64) -> Archive {
    let kernel = || bomb("Payload/kernel", inflated_bytes).descriptor(Descriptor::None);
    let rest = (1..entries).map(move |index| {
        let name = format!("Payload/{index}").into_bytes();
        kernel().listing(Listing::CentralOnly).edit_central(move |header| {
            header.offset = 0;
            header.name.clone_from(&name);
        })
    });
    let first = bomb("Payload/kernel", inflated_bytes).descriptor(Descriptor::None);
    Archive::new().entry(first).entries(rest)
}

/// Names that leave the folder they are unpacked to, or try.
pub const ESCAPING_NAMES: [&str; 10] = [
    "../escape",
    "Payload/../../escape",
    "Payload/..",
    "/etc/escape",
    "Payload//escape",
    "Payload/./escape",
    "Payload\\escape",
    "C:\\escape",
    "Payload/nul\0byte",
    "",
];

/// Links that lead out of the folder they are unpacked to: name and target.
pub const ESCAPING_LINKS: [(&str, &str); 3] =
    [("Payload/a", "/etc/passwd"), ("Payload/b", "../../escape"), ("Payload/c/d", "../../../e")];

/// Names that stay where they belong, but hurt whoever prints them as they are.
pub const ODD_NAMES: [&[u8]; 6] = [
    b"Payload/\x1b[31mred\x1b[0m",
    b"Payload/line\nbreak",
    b"Payload/\xff\xfe not UTF-8",
    "Payload/\u{202e}gpj.exe".as_bytes(),
    b"Payload/<script>alert(1)</script>",
    b"Payload/\"; rm -rf \"$HOME",
];

/// Archives that no reader may take for sound, each with the one thing that is wrong.
#[must_use]
pub fn cases() -> Vec<Case> {
    let mut cases = contradictions();
    cases.extend(wrong_values());
    cases.extend(wrong_ends());
    cases.extend(cut_short());
    cases.extend(
        ESCAPING_NAMES.map(|name| Case::new(format!("the name {name:?}"), one(Entry::file(name, "x")))),
    );
    cases.extend(ESCAPING_LINKS.map(|(name, target)| {
        Case::new(format!("a link from {name:?} to {target:?}"), one(Entry::symlink(name, target)))
    }));
    cases
}

fn file() -> Entry {
    Entry::file("Payload/a", "the content of a file, long enough to deflate, deflate, deflate")
}

fn plain() -> Archive {
    Archive::with_habit(Habit::PythonZipfile)
}

fn one(entry: Entry) -> Vec<u8> {
    plain().entry(entry).build()
}

/// The stream and the directory tell different stories, or tell one as iOS does not take it.
fn contradictions() -> Vec<Case> {
    let local = |edit: fn(&mut Header)| one(file().edit_local(edit));
    let central = |edit: fn(&mut Header)| one(file().edit_central(edit));
    let hidden = Entry::file("Payload/hidden", "x").listing(Listing::LocalOnly);
    vec![
        Case::new("stored with a descriptor", one(file().stored().descriptor(Descriptor::Signed))),
        Case::new(
            "a directory with a descriptor",
            one(Entry::directory("Payload/").descriptor(Descriptor::Signed)),
        ),
        Case::new("the local name differs", local(|header| header.name = b"Payload/b".to_vec())),
        Case::new("the local method differs", local(|header| header.method = 0)),
        Case::new("the local flags differ", local(|header| header.flags ^= 0x800)),
        Case::new("the local CRC-32 differs", local(|header| header.crc32 ^= 1)),
        Case::new("the local size differs", local(|header| header.size += 1)),
        Case::new("the local compressed size differs", local(|header| header.compressed_size += 1)),
        Case::new("bytes before the first header", plain().prefix(*b"#!/bin/sh\n").entry(file()).build()),
        Case::new("the same name twice", plain().entry(file()).entry(file()).build()),
        Case::new("two entries share their data", overlapping(2, 1000).build()),
        Case::new("an entry only the stream has", plain().entry(file()).entry(hidden).build()),
        Case::new("an entry that points behind the end", central(|header| header.offset = 1 << 30)),
        Case::new("an entry that points into data", central(|header| header.offset = 5)),
    ]
}

/// Stream and directory agree on something that is not so, or not allowed.
fn wrong_values() -> Vec<Case> {
    let both = |edit: fn(&mut Header)| one(file().edit_both(edit));
    vec![
        Case::new("both CRC-32 are wrong", both(|header| header.crc32 ^= 1)),
        Case::new("both sizes are too small", both(|header| header.size -= 1)),
        Case::new("both sizes are too large", both(|header| header.size += 1)),
        Case::new("the data are 4 EiB by the headers", both(|header| header.compressed_size = 1 << 62)),
        Case::new("the content is 4 EiB by the headers", both(|header| header.size = 1 << 62)),
        Case::new(
            "all ones, with no Zip64 field",
            both(|header| {
                header.zip64 = Zip64::Omitted;
                header.size = u64::MAX;
            }),
        ),
        Case::new("the method is bzip2", both(|header| header.method = 12)),
        Case::new("encrypted", one(file().encrypted_flag())),
        Case::new("the data are no deflate", one(file().payload([0xff; 40]))),
        Case::new("the data stop early", one(file().payload([0x4b]))),
    ]
}

/// The end record is wrong about the rest.
fn wrong_ends() -> Vec<Case> {
    let end = |edit: fn(&mut End)| plain().entry(file()).edit_end(edit).build();
    let zip64 = |edit: fn(&mut End)| plain().entry(file()).zip64_end(Zip64::Always).edit_end(edit).build();
    let count = |end: &mut End, entries: u64| {
        end.entries = entries;
        end.entries_here = entries;
    };
    vec![
        Case::new("more entries counted than there are", end(|end| end.entries += 5)),
        Case::new(
            "65,534 entries counted",
            plain().entry(file()).edit_end(move |end| count(end, 65_534)).build(),
        ),
        Case::new(
            "2^60 entries counted",
            plain().entry(file()).zip64_end(Zip64::Always).edit_end(move |end| count(end, 1 << 60)).build(),
        ),
        Case::new("a directory larger than the archive", end(|end| end.central_size = 1 << 31)),
        Case::new("a directory behind the end", end(|end| end.central_offset = 1 << 31)),
        Case::new("a Zip64 locator that points nowhere", zip64(|end| end.locator_shift = 1 << 40)),
        Case::new("split over disks", end(|end| end.disk = 1)),
        Case::new("a comment that runs past the end", end(|end| end.comment_length = 100)),
    ]
}

/// What is left of an archive whose upload broke off, or of none.
fn cut_short() -> Vec<Case> {
    let built = plain().entry(file()).build_with_layout();
    let cut = |keep: u64| built.bytes.iter().copied().zip(0..keep).map(|(byte, _)| byte).collect::<Vec<u8>>();
    vec![
        Case::new("cut inside the end record", cut(built.layout.end.end - 1)),
        Case::new("cut before the end record", cut(built.layout.end.start)),
        Case::new("cut inside the central directory", cut(built.layout.central.start + 10)),
        Case::new("cut inside the data", cut(built.layout.entries[0].data.start + 5)),
        Case::new("cut inside the first header", cut(10)),
        Case::new("nothing at all", Vec::new()),
        Case::new("text", b"<!DOCTYPE html><title>Sign in</title>".to_vec()),
    ]
}
