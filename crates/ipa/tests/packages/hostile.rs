use std::io::{self, Read};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use ipa::{Archive, ArchiveError, Examined, Limits, ReadAt};
use proptest::prelude::*;
use testkit::app::AppPackage;
use testkit::plist::{StringsFormat, strings_file};
use testkit::zip::hostile::{bomb, cases, overlapping};
use testkit::zip::{self, Entry};

/// Reads all that can be read, and bounds what that takes.
fn read_all(bytes: &Vec<u8>) {
    let limits = Limits { total_bytes: 1 << 30, entry_bytes: 1 << 20, ..Limits::default() };
    let counted = Counted { bytes, read: AtomicU64::new(0) };
    if let Ok(archive) = Archive::open(&counted, &limits) {
        for entry in archive.entries().take(100) {
            let _ = entry.name_fault();
            let _ = archive.local_header(&entry);
            if let Ok(reader) = archive.reader(&entry) {
                let content = reader.take(2 << 20).read_to_end(&mut Vec::new());
                assert!(content.is_err() || content.unwrap() as u64 <= entry.size());
            }
        }
        assert!(archive.children("").count() <= archive.entries().len());
    }
    counted.read.store(0, Ordering::Relaxed);
    let examined = Examined::of(&counted, &limits).unwrap();
    assert_eq!(examined.archive.is_err(), matches!(examined.package, Err(ipa::InspectError::Archive(_))));
    // Every file once, whole, with its header, and the directory; a window around each header.
    let windows = examined.archive.map_or(0, |walk| (40 << 10) * walk.entries as u64);
    let most = 4 * bytes.len() as u64 + (4 << 20) + windows;
    let read = counted.read.load(Ordering::Relaxed);
    assert!(read <= most, "{read} bytes read, {most} are the most");
}

struct Counted<'b> {
    bytes: &'b Vec<u8>,
    read: AtomicU64,
}

impl ReadAt for Counted<'_> {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let count = self.bytes.read_at(offset, buf)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// A sound package with something of everything.
static PACKAGE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    AppPackage::new("com.example.notes")
        .extension("widget")
        .watch_app("watch")
        .framework("core")
        .file(
            "fr.lproj/InfoPlist.strings",
            strings_file(&[("CFBundleDisplayName", "Carnet")], StringsFormat::OldStyleUtf16),
        )
        .build()
});

#[test]
fn hostile_archives_are_read_or_refused() {
    for case in cases() {
        println!("{}", case.what);
        read_all(&case.bytes);
    }
}

#[test]
fn files_that_are_bombs_are_refused() {
    let info = |entry: Entry| {
        let bytes = zip::Archive::new().entry(entry).build();
        ipa::inspect(&bytes, &Limits::default()).unwrap().app.info
    };
    let fact = info(bomb("Payload/Demo.app/Info.plist", 64 << 20));
    assert!(matches!(fact, ipa::Fact::Unreadable(reason) if reason.contains("67108864 bytes")));
    let lying = bomb("Payload/Demo.app/Info.plist", 64 << 20).edit_both(|header| header.size = 1000);
    assert!(matches!(info(lying), ipa::Fact::Unreadable(reason) if reason.contains("says 1000")));
}

#[test]
fn entries_that_share_their_bytes_are_read_no_more_than_the_budget() {
    let bytes = overlapping(100, 1 << 20).build();
    read_all(&bytes);
}

#[test]
fn many_hostile_bundles_end_as_soon_as_few() {
    // Each a fat executable whose far slice inflates from next to nothing.
    let far = testkit::macho::fat(&[
        testkit::macho::MachO::executable(testkit::macho::Arch::Armv7).padded_to(1 << 20),
        testkit::macho::MachO::executable(testkit::macho::Arch::Arm64),
    ]);
    let package = (0..10).fold(AppPackage::new("com.example.notes"), |package, number| {
        let bundle = testkit::app::Bundle::new(
            testkit::app::BundleKind::Framework,
            &format!("com.example.notes.f{number}"),
            &format!("F{number}"),
        );
        package.nested(bundle.executable_bytes(far.clone()))
    });
    let bytes = package.build();
    let limits = Limits { inspected_bytes: 2 << 20, ..Limits::default() };
    let found = ipa::inspect(&bytes, &limits).unwrap();
    let measured = found
        .nested
        .iter()
        .filter_map(|bundle| bundle.executable.known())
        .filter(|executable| executable.slices[1].uuid.known().is_some())
        .count();
    assert!((1..=2).contains(&measured), "{measured} far slices were inflated");
}

proptest! {
    #[test]
    fn a_package_with_bytes_changed_makes_nothing_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
    ) {
        let mut bytes = PACKAGE.clone();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        read_all(&bytes);
    }

    #[test]
    fn a_package_with_its_end_changed_makes_nothing_panic(
        changes in prop::collection::vec((0_usize..6000, prop::sample::select(vec![0, 1, 0x50, 0x7f, 0x80, 0xff])), 1..12),
    ) {
        let mut bytes = PACKAGE.clone();
        let length = bytes.len();
        for (back, byte) in changes {
            bytes[length - 1 - back % length] = byte;
        }
        read_all(&bytes);
    }

    #[test]
    fn a_package_cut_anywhere_makes_nothing_panic(length: prop::sample::Index) {
        let length = length.index(PACKAGE.len());
        read_all(&PACKAGE[..length].to_vec());
    }

    #[test]
    fn a_package_with_parts_moved_makes_nothing_panic(
        from: prop::sample::Index,
        to: prop::sample::Index,
        count in 0_usize..500,
    ) {
        let mut bytes = PACKAGE.clone();
        let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
        let part = bytes[from..(from + count).min(bytes.len())].to_vec();
        bytes.splice(to..to, part);
        read_all(&bytes);
    }

    #[test]
    fn no_bytes_make_it_panic(bytes: Vec<u8>, end in prop::collection::vec(any::<u8>(), 18)) {
        read_all(&bytes);
        read_all(&[bytes.as_slice(), b"PK\x05\x06", &end].concat());
    }
}

/// Fails from some read on, as a network does.
struct Failing<'b> {
    bytes: &'b [u8],
    left: AtomicU64,
}

impl ReadAt for Failing<'_> {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        if self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_err() {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        self.bytes.read_at(offset, buf)
    }
}

#[test]
fn a_source_that_fails_is_no_fact_about_the_package() {
    for reads in 0.. {
        let source = Failing { bytes: &PACKAGE, left: AtomicU64::new(reads) };
        match Examined::of(&source, &Limits::default()) {
            Err(ArchiveError::Read { source, .. }) => {
                assert_eq!(source.kind(), io::ErrorKind::ConnectionReset, "after {reads} reads");
            }
            Ok(examined) => {
                assert!(reads > 10, "after {reads} reads");
                let package = examined.package.unwrap();
                assert!(package.bundles().all(|bundle| bundle.executable.known().is_some()));
                break;
            }
            Err(other) => panic!("after {reads} reads: {other}"),
        }
    }
}

#[test]
fn damaged_files_are_paid_for_too() {
    // Each inflates to all of its content before its checksum turns out to be wrong.
    let damaged = |number: u32| {
        Entry::file(format!("Payload/Notes.app/PlugIns/E{number}.appex/Info.plist"), vec![b' '; 1 << 20])
            .deflated()
            .edit_both(|header| header.crc32 ^= 1)
    };
    let archive = AppPackage::new("com.example.notes").archive().entries((0..20).map(damaged));
    let limits = Limits { inspected_bytes: 5 << 20, ..Limits::default() };
    let found = ipa::inspect(&archive.build(), &limits).unwrap();
    let read = found.nested.iter().filter(|bundle| matches!(bundle.info, ipa::Fact::Unreadable(_))).count();
    assert!((4..=5).contains(&read), "{read} of {} were read", found.nested.len());
}
