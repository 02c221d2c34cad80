//! Whatever the bytes, an archive is opened or refused, and each of its entries is read or refused.
#![no_main]

use std::io::Read;

use ipa::{Archive, Limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { entry_bytes: 1 << 20, ..Limits::default() };
    let Ok(archive) = Archive::open(&bytes, &limits) else { return };
    for entry in archive.entries().take(64) {
        let _ = entry.name_fault();
        assert!(archive.find(entry.name()).is_some());
        if let Ok(header) = archive.local_header(&entry) {
            let _ = archive.data_descriptor(&entry, &header);
        }
        if let Ok(mut reader) = archive.reader(&entry) {
            let read = reader.read_to_end(&mut Vec::new());
            assert!(read.is_err() || read.is_ok_and(|count| count as u64 == entry.size()));
        }
    }
    assert!(archive.children("").count() <= archive.entries().len());
});
