//! Whatever the bytes, a package is inspected or refused.
#![no_main]

use ipa::{BlockCache, CacheSize, Limits};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits { inspected_bytes: 4 << 20, ..Limits::default() };
    let direct = ipa::inspect(&bytes, &limits);
    let size = CacheSize { block_bytes: 64, blocks: 8, read_bytes: 256, tail_bytes: 128 };
    let cached = ipa::inspect(&BlockCache::with_size(bytes, size), &limits);
    assert_eq!(direct.is_ok(), cached.is_ok());
});
