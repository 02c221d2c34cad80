//! Executables that are none, or say of themselves what cannot be.

use super::{Arch, MachO, command, fat, size, words};
use crate::Case;

/// Files a reader must refuse, or read without harm.
#[must_use]
pub fn cases() -> Vec<Case> {
    let thin = MachO::executable(Arch::Arm64).build();
    let both = fat(&[MachO::executable(Arch::Armv7), MachO::executable(Arch::Arm64)]);
    let patched = |bytes: &[u8], at: usize, value: [u8; 4]| {
        let mut bytes = bytes.to_vec();
        bytes[at..at + 4].copy_from_slice(&value);
        bytes
    };
    let little = |value: u32| value.to_le_bytes();
    let big = |value: u32| value.to_be_bytes();
    let with = |bytes: Vec<u8>| MachO::executable(Arch::Arm64).raw_command(bytes).build();
    vec![
        Case::new("nothing at all", Vec::new()),
        Case::new("three bytes", &thin[..3]),
        Case::new("the magic number alone", &thin[..4]),
        Case::new("cut inside the header", &thin[..20]),
        Case::new("cut inside the load commands", &thin[..100]),
        Case::new("2^32 - 1 load commands", patched(&thin, 16, little(u32::MAX))),
        Case::new("load commands longer than the file", patched(&thin, 20, little(u32::MAX))),
        Case::new("a load command of no length", patched(&thin, 36, little(0))),
        Case::new("a load command of seven bytes", patched(&thin, 36, little(7))),
        Case::new("a load command of 4 GiB", patched(&thin, 36, little(u32::MAX))),
        Case::new("a UUID of four bytes", with(command(0x1b, &[1, 2, 3, 4], 4))),
        Case::new("a build version without its numbers", with(command(0x32, &[], 8))),
        Case::new(
            "a build version with 2^32 - 1 tools",
            with(command(0x32, &words(&[2, 0, 0, u32::MAX]), 8)),
        ),
        Case::new("a signature behind the end", with(command(0x1d, &words(&[u32::MAX - 8, 16]), 8))),
        Case::new("a signature of 4 GiB", with(command(0x1d, &words(&[0, u32::MAX]), 8))),
        Case::new("a segment with 2^32 - 1 sections", patched(&thin, 32 + 64, little(u32::MAX))),
        Case::new("2^32 - 1 slices", patched(&both, 4, big(u32::MAX))),
        Case::new("no slices", patched(&both, 4, big(0))),
        Case::new("a slice that is the whole file", {
            let itself = patched(&both, 16, big(0));
            patched(&itself, 20, big(size(both.len())))
        }),
        Case::new("a slice behind the end", patched(&both, 16, big(u32::MAX))),
        Case::new("a slice longer than the file", patched(&both, 20, big(u32::MAX))),
        Case::new("two slices for the same bytes", patched(&both, 36, big(0x4000))),
        Case::new(
            "a Java class, whose magic number is that of fat files",
            b"\xca\xfe\xba\xbe\x00\x00\x00\x41\x00\x10".to_vec(),
        ),
        Case::new("a script", b"#!/bin/sh\nexit 0\n".to_vec()),
    ]
}
