//! Pictures a decoder must refuse without using up time or memory.

use super::{Icon, SIGNATURE, apple_mark, assemble, chunk, header, raw_deflate, zlib};
use crate::Case;

/// A picture that says it is `width` by `height` pixels, and holds one.
#[must_use]
pub fn huge_dimensions(width: u32, height: u32) -> Vec<u8> {
    assemble(&[header(width, height, 6), chunk(*b"IDAT", &zlib(&[0, 1, 2, 3, 255]))])
}

/// A picture of a few pixels whose data inflate to `bytes` zeros.
#[must_use]
pub fn bomb(bytes: usize) -> Vec<u8> {
    assemble(&[header(4, 4, 6), chunk(*b"IDAT", &zlib(&vec![0; bytes]))])
}

/// The same, crushed.
#[must_use]
pub fn crushed_bomb(bytes: usize) -> Vec<u8> {
    assemble(&[apple_mark(), header(4, 4, 6), chunk(*b"IDAT", &raw_deflate(&vec![0; bytes]))])
}

/// Pictures of every bad sort.
#[must_use]
pub fn cases() -> Vec<Case> {
    let plain = Icon::new(57).png();
    let crushed = Icon::new(57).crushed();
    let cut = |bytes: &[u8], keep: usize| bytes[..keep].to_vec();
    let mut long_chunk = plain.clone();
    long_chunk[8..12].copy_from_slice(&[0xff; 4]);
    vec![
        Case::new("nothing at all", Vec::new()),
        Case::new("the signature alone", SIGNATURE),
        Case::new("cut inside the header", cut(&plain, 20)),
        Case::new("cut inside the data", cut(&plain, plain.len() / 2)),
        Case::new("crushed, cut inside the data", cut(&crushed, crushed.len() / 2)),
        Case::new("a first chunk of 4 GiB", long_chunk),
        Case::new("2^31 - 1 pixels on each side", huge_dimensions(0x7fff_ffff, 0x7fff_ffff)),
        Case::new("65,535 pixels on each side", huge_dimensions(65_535, 65_535)),
        Case::new("no pixels", huge_dimensions(0, 0)),
        Case::new("16 MiB of data for 4 by 4 pixels", bomb(16 << 20)),
        Case::new("crushed, 16 MiB of data for 4 by 4 pixels", crushed_bomb(16 << 20)),
        Case::new("crushed, without data", assemble(&[apple_mark(), header(4, 4, 6)])),
        Case::new(
            "a colour type that does not exist",
            assemble(&[header(4, 4, 5), chunk(*b"IDAT", &zlib(&[0; 68]))]),
        ),
        Case::new("text", b"this is no picture".to_vec()),
    ]
}
