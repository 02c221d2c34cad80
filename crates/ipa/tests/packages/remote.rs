use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use ipa::{BlockCache, Limits, ReadAt};
use testkit::app::AppPackage;
use testkit::zip::{Content, Entry};

const PAGE_BYTES: usize = 4096;

/// A large archive of which only what is not zero is kept, and which counts what is read of it.
#[derive(Default)]
struct Sparse {
    pages: BTreeMap<u64, Box<[u8]>>,
    last: Vec<u8>,
    written: u64,
    reads: AtomicU64,
    read_bytes: AtomicU64,
}

impl Sparse {
    fn keep(&mut self) {
        if self.last != [0; PAGE_BYTES][..self.last.len()] {
            let page = (self.written - 1) / PAGE_BYTES as u64;
            self.pages.insert(page, self.last.as_slice().into());
        }
        self.last.clear();
    }
}

impl Write for Sparse {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let taken = buf.len().min(PAGE_BYTES - self.last.len());
        self.last.extend_from_slice(&buf[..taken]);
        self.written += taken as u64;
        if self.last.len() == PAGE_BYTES {
            self.keep();
        }
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if !self.last.is_empty() {
            self.keep();
        }
        Ok(())
    }
}

impl ReadAt for Sparse {
    fn len(&self) -> u64 {
        self.written
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let count = usize::try_from(self.written.saturating_sub(offset)).unwrap().min(buf.len());
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.read_bytes.fetch_add(count as u64, Ordering::Relaxed);
        buf[..count].fill(0);
        let mut done = 0;
        while done < count {
            let place = offset + done as u64;
            let within = usize::try_from(place % PAGE_BYTES as u64).unwrap();
            let part = (PAGE_BYTES - within).min(count - done);
            if let Some(page) = self.pages.get(&(place / PAGE_BYTES as u64)) {
                buf[done..done + part].copy_from_slice(&page[within..within + part]);
            }
            done += part;
        }
        Ok(count)
    }
}

/// An app of 5,000 files and 1 GiB, its own files scattered among the others as in real packages.
fn large_package() -> Sparse {
    let initials: Vec<char> = ('A'..='Z').chain('a'..='z').collect();
    let textures = (0..5000).map(|number| {
        let initial = initials[number % initials.len()];
        let name = format!("Payload/Notes.app/{initial}-texture-of-some-length-{number:04}.bin");
        Entry::file(name, Content::Zeros(216_000)).stored()
    });
    let package = AppPackage::new("com.example.notes").extension("widget").framework("core");
    let mut archive = package.archive().entries(textures);
    archive.entries_mut().sort_by(|one, other| one.name().cmp(other.name()));
    let mut sparse = Sparse::default();
    archive.write_to(&mut sparse).unwrap();
    assert!(sparse.written > 1 << 30);
    sparse
}

#[test]
fn a_large_remote_package_is_inspected_by_few_requests() {
    let sparse = large_package();
    let source = BlockCache::new(&sparse);
    let found = ipa::inspect(&source, &Limits::remote()).unwrap();
    assert!(found.entries > 5000);
    for bundle in found.bundles() {
        assert!(bundle.info.known().is_some(), "{}: {:?}", bundle.path, bundle.info);
        assert!(bundle.executable.known().is_some(), "{}: {:?}", bundle.path, bundle.executable);
        assert!(bundle.profile.known().is_some() || bundle.profile.is_absent(), "{}", bundle.path);
    }
    let (reads, bytes) = (sparse.reads.into_inner(), sparse.read_bytes.into_inner());
    assert!(reads <= 10, "{reads} requests");
    assert!(bytes <= sparse.written / 100, "{bytes} bytes of {}", sparse.written);
}
