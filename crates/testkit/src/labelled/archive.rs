use super::breakage::Change::{Archive as Changed, Bytes};
use super::{APP, Breakage, Neighbour};
use crate::app::AppPackage;
use crate::zip::{Archive, Descriptor, Entry, Habit, Listing, Zip64};

/// The same archive with one of the app's own files changed.
fn entry(mut archive: Archive, name: &str, change: impl FnOnce(Entry) -> Entry) -> Archive {
    let entries = archive.entries_mut();
    let name = format!("Payload/Notes.app/{name}");
    let place = entries.iter().position(|entry| entry.name() == name.as_bytes()).expect("it is there");
    let found = entries.remove(place);
    entries.insert(place, change(found));
    archive
}

/// Without its end, only its beginning tells that it is an archive.
const CUT: &[&str] = &["bytes", "start"];
/// Where entries overlap, nobody can say whose header lies.
const HEADERS: &str = "headers";

#[expect(clippy::too_many_lines, reason = "a table")]
pub(super) fn breakages() -> Vec<Breakage> {
    vec![
        Breakage::error(
            &["not-an-archive"],
            "a page instead of the package",
            &["bytes"],
            Bytes(|_| b"<!DOCTYPE html><title>Sign in</title>".to_vec()),
        ),
        Breakage::error(&["not-an-archive"], "nothing", &["bytes"], Bytes(|_| Vec::new())),
        Breakage::error(
            &["truncated-archive"],
            "the first half",
            CUT,
            Bytes(|mut bytes| {
                bytes.truncate(bytes.len() / 2);
                bytes
            }),
        ),
        Breakage::error(
            &["truncated-archive"],
            "all but the last byte",
            CUT,
            Bytes(|mut bytes| {
                bytes.pop();
                bytes
            }),
        ),
        Breakage::error(
            &["archive-damaged"],
            "a directory of nonsense",
            &["bytes"],
            Bytes(|mut bytes| {
                let is_listed = |part: &[u8]| part == b"PK\x01\x02";
                let directory = bytes.windows(4).position(is_listed).expect("there is a directory");
                bytes[directory] = 0;
                bytes
            }),
        ),
        Breakage::error(
            &["bytes-before-archive"],
            "a warning in front of the package",
            &["start"],
            Changed(|archive| archive.prefix("Warning: cannot modify header\n")),
        ),
        Breakage::error(
            &["encrypted-entry"],
            "a password",
            &["entries/secret.txt"],
            Changed(|archive| {
                archive.entry(Entry::file("Payload/Notes.app/secret.txt", "text").encrypted_flag())
            }),
        ),
        Breakage::error(
            &["encrypted-entry", "info-plist-unreadable"],
            "a password for the Info.plist",
            &["info"],
            Changed(|archive| entry(archive, "Info.plist", |entry| entry.payload([7; 400]).encrypted_flag())),
        )
        .in_the_app(),
        Breakage::error(
            &["unsupported-method"],
            "a text compressed by LZMA",
            &["entries/lzma.txt"],
            Changed(|archive| {
                archive.entry(
                    Entry::file("Payload/Notes.app/lzma.txt", "text").edit_both(|header| header.method = 14),
                )
            }),
        ),
        Breakage::error(
            &["unsupported-method", "profile-unreadable"],
            "a profile compressed by Zstandard",
            &["profile"],
            Changed(|archive| {
                entry(archive, "embedded.mobileprovision", |entry| {
                    entry.edit_both(|header| header.method = 93)
                })
            }),
        )
        .in_the_app(),
        Breakage::error(
            &["stored-with-descriptor"],
            "a stored entry that tells its size behind",
            &["entries/PkgInfo"],
            Changed(|archive| {
                entry(archive, "PkgInfo", |entry| entry.stored().descriptor(Descriptor::Signed))
            }),
        ),
        Breakage::error(
            &["directory-with-descriptor"],
            "a folder that tells a size behind",
            &["entries/Base.lproj"],
            Changed(|archive| {
                archive
                    .entry(Entry::directory("Payload/Notes.app/Base.lproj/").descriptor(Descriptor::Signed))
            }),
        ),
        Breakage::error(
            &["headers-disagree"],
            "another checksum in front",
            &["entries/checksum.txt", HEADERS],
            Changed(|archive| {
                archive.entry(
                    Entry::file("Payload/Notes.app/checksum.txt", "text")
                        .descriptor(Descriptor::None)
                        .edit_local(|header| header.crc32 ^= 1),
                )
            }),
        ),
        Breakage::error(
            &["overlapping-entries"],
            "an entry longer than its place",
            &["entries/de.lproj", HEADERS],
            Changed(|archive| {
                entry(archive, "de.lproj/InfoPlist.strings", |entry| {
                    entry.descriptor(Descriptor::None).edit_both(|header| header.compressed_size += 40)
                })
            }),
        ),
        Breakage::error(
            &["unsafe-name"],
            "a path upwards",
            &["entries/x"],
            Changed(|archive| archive.entry(Entry::file("Payload/Notes.app/../../x", "x"))),
        ),
        Breakage::error(
            &["link-leaves-bundle"],
            "a link to the device's own files",
            &["entries/etc"],
            Changed(|archive| archive.entry(Entry::symlink("Payload/Notes.app/etc", "/etc"))),
        ),
        Breakage::remark(
            &["stray-files-in-payload"],
            "what the Finder leaves",
            &["payload/stray"],
            Changed(|archive| archive.entry(Entry::file("Payload/.DS_Store", "x"))),
        ),
        Breakage::remark(
            &["duplicate-name"],
            "a file twice",
            &["entries/a.txt"],
            Changed(|archive| {
                archive
                    .entry(Entry::file("Payload/Notes.app/a.txt", "one"))
                    .entry(Entry::file("Payload/Notes.app/a.txt", "one"))
            }),
        ),
        Breakage::remark(
            &["needless-zip64"],
            "a small file in the large format",
            &["entries/long.txt"],
            Changed(|archive| {
                archive.entry(Entry::file("Payload/Notes.app/long.txt", "text").zip64(Zip64::Always))
            }),
        ),
        Breakage::remark(
            &["store-metadata-present"],
            "what the store adds",
            &["entries/iTunesMetadata"],
            Changed(|archive| archive.entry(Entry::file("iTunesMetadata.plist", "x"))),
        ),
        Breakage::remark(
            &["entry-not-listed"],
            "a deleted entry",
            &["entries/old.png"],
            Changed(|archive| {
                archive.entry(Entry::file("Payload/Notes.app/old.png", "x").listing(Listing::LocalOnly))
            }),
        ),
        Breakage::remark(
            &["gap-between-entries"],
            "room left for alignment",
            &["entries/aligned.txt"],
            Changed(|archive| {
                archive.entry(Entry::file("Payload/Notes.app/aligned.txt", "text").gap_before([0; 64]))
            }),
        ),
        // Last of all, since names change here that others add.
        Breakage::error(
            &["several-apps"],
            "two apps",
            &["payload"],
            Changed(|archive| archive.entry(Entry::file("Payload/Other.app/Info.plist", "x"))),
        ),
        Breakage::error(
            &["no-app-in-payload"],
            "Payload under another name",
            &["payload"],
            Changed(|mut archive| {
                let entries = std::mem::take(archive.entries_mut());
                archive.entries(
                    entries
                        .into_iter()
                        .map(|entry| entry.edit_both(|header| header.name[0].make_ascii_lowercase())),
                )
            }),
        ),
    ]
}

fn streamed_without_compression(mut archive: Archive) -> Archive {
    let (folders, files): (Vec<_>, Vec<_>) =
        std::mem::take(archive.entries_mut()).into_iter().partition(|entry| entry.name().ends_with(b"/"));
    let files = files.into_iter().map(|entry| entry.stored().descriptor(Descriptor::Signed));
    archive.entries(folders).entries(files)
}

pub(super) fn neighbours() -> Vec<Neighbour> {
    let notes = AppPackage::new(APP);
    let sound = notes.archive();
    let streamed = |entry: Entry| entry.deflated().descriptor(Descriptor::Signed);
    let mut rows = vec![
        Neighbour::clean("a sound package", notes.clone()),
        Neighbour::clean(
            "a deflated entry that tells its size behind",
            entry(sound.clone(), "Info.plist", streamed),
        ),
        Neighbour::clean(
            "a folder as folders are",
            sound.clone().entry(Entry::directory("Payload/Notes.app/Base.lproj/")),
        ),
        Neighbour::clean(
            "a link within the app",
            sound.clone().entry(Entry::symlink("Payload/Notes.app/link", "Info.plist")),
        ),
        Neighbour::error(
            &["stored-with-descriptor"],
            "packed into a pipe without compression, as archivers of Node and `zip -0 -` do",
            streamed_without_compression(sound.clone()),
        ),
        Neighbour::clean(
            "what Xcode puts beside the app",
            notes.clone().top_level(Entry::file("SwiftSupport/iphoneos/libswiftCore.dylib", "x")),
        ),
    ];
    rows.extend(
        Habit::ALL.map(|habit| Neighbour::clean("packed by a known tool", notes.clone().habit(habit))),
    );
    rows
}
