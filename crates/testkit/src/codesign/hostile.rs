//! Code signatures that lie about themselves.

use time::macros::utc_datetime;

use super::{CodeSignature, Sealed};
use crate::Case;
use crate::pki::{Chain, LeafKind};

/// Signatures a reader must refuse or read without harm.
#[must_use]
pub fn cases() -> Vec<Case> {
    let now = utc_datetime!(2026-06-01 0:00);
    let chain = Chain::new("A1B2C3D4E5", LeafKind::Distribution, now);
    let sound = CodeSignature::new("com.example.notes", "A1B2C3D4E5", &chain, now)
        .entitlement("get-task-allow", true);
    let built = sound.super_blob(&[7; 10_000], &Sealed::default());
    let patched = |at: usize, value: u32| {
        let mut bytes = built.clone();
        bytes[at..at + 4].copy_from_slice(&value.to_be_bytes());
        bytes
    };
    // The first blob is the CodeDirectory, behind the index of five.
    let directory = 12 + 8 * 5;
    let mut cases = vec![
        Case::new("nothing at all", Vec::new()),
        Case::new("the magic number alone", &built[..4]),
        Case::new("cut inside the index", &built[..20]),
        Case::new("cut inside the CodeDirectory", &built[..directory + 30]),
        Case::new("another magic number", patched(0, 0xfade_0c01)),
        Case::new("longer than it is", patched(4, u32::MAX)),
        Case::new("shorter than its index", patched(4, 12)),
        Case::new("2^32 - 1 blobs", patched(8, u32::MAX)),
        Case::new("no blobs", patched(8, 0)),
        Case::new("a blob behind the end", patched(16, u32::MAX - 2)),
        Case::new("a blob that is the whole", patched(16, 0)),
        Case::new("two blobs in one slot", patched(20, 0)),
    ];
    for (what, at) in [
        ("a CodeDirectory of 4 GiB", 4),
        ("a CodeDirectory of version 2^32 - 1", 8),
        ("digests behind the end", 16),
        ("an identifier behind the end", 20),
        ("2^32 - 1 special slots", 24),
        ("2^32 - 1 pages", 28),
        ("4 GiB of code", 32),
        ("digests of 255 bytes of kind 255, pages of 2^255 bytes", 36),
        ("a scatter behind the end", 44),
        ("a team behind the end", 48),
    ] {
        cases.push(Case::new(what, patched(directory + at, u32::MAX)));
    }
    cases.push(Case::new("a CodeDirectory of no length", patched(directory + 4, 0)));
    cases.push(Case::new("digests before the CodeDirectory", patched(directory + 16, 1)));
    cases.push(Case::new("entitlements in DER that nest without end", {
        let deep = (0..5000).fold(vec![0x30, 0], |inner: Vec<u8>, _| crate::der::tlv(0x30, &inner));
        sound.der_entitlements_bytes(deep).super_blob(&[7; 100], &Sealed::default())
    }));
    cases
}
