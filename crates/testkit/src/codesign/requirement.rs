//! Requirements: what another copy of the code must be signed like, to count as the same.

use super::{blob, size, words};
use crate::der;

/// The requirements that Xcode writes: this identifier, Apple's root, a leaf of this name, an authority for developers.
#[must_use]
pub fn requirements(identifier: &str, leaf_name: &str) -> Vec<u8> {
    const AND: u32 = 6;
    let marker = der::oid("1.2.840.113635.100.6.2.1");
    let expression = [
        // An expression: the identifier, …
        words(&[1, AND, 2]),
        counted(identifier.as_bytes()),
        // … Apple's root, …
        words(&[AND, 15]),
        // … a field of the leaf that equals, …
        words(&[AND, 11, 0]),
        counted(b"subject.CN"),
        words(&[1]),
        counted(leaf_name.as_bytes()),
        // … an extension of its issuer that exists.
        words(&[14, 1]),
        counted(der::content(&marker)),
        words(&[0]),
    ];
    let requirement = blob(0xfade_0c00, &expression.concat());
    // One requirement: the designated one, 3, behind the index.
    blob(0xfade_0c01, &[words(&[1, 3, 20]), requirement].concat())
}

/// Length, bytes, zeros up to a word.
fn counted(bytes: &[u8]) -> Vec<u8> {
    let mut out = words(&[size(bytes.len())]);
    out.extend(bytes);
    out.resize(out.len().next_multiple_of(4), 0);
    out
}
