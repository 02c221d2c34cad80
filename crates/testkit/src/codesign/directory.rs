//! The CodeDirectory: digests of an executable's pages, and of all that is sealed with it.

use super::{size, slot_digest, words};
use crate::pki::Digest;

/// How a CodeDirectory digests.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum CodeDigest {
    /// 1: what iOS 10 and older read.
    Sha1,
    /// 2: what everything newer reads.
    Sha256,
    /// 3: SHA-256, of which only the first 20 bytes are kept.
    Sha256Truncated,
    /// 4.
    Sha384,
}

impl CodeDigest {
    /// The number of its kind.
    fn number(self) -> u8 {
        match self {
            Self::Sha1 => 1,
            Self::Sha256 => 2,
            Self::Sha256Truncated => 3,
            Self::Sha384 => 4,
        }
    }

    /// The algorithm behind it.
    #[must_use]
    pub fn algorithm(self) -> Digest {
        match self {
            Self::Sha1 => Digest::Sha1,
            Self::Sha256 | Self::Sha256Truncated => Digest::Sha256,
            Self::Sha384 => Digest::Sha384,
        }
    }

    pub(super) fn bytes(self) -> usize {
        match self {
            Self::Sha1 | Self::Sha256Truncated => 20,
            Self::Sha256 => 32,
            Self::Sha384 => 48,
        }
    }

    pub(super) fn of(self, bytes: &[u8]) -> Vec<u8> {
        let mut digest = self.algorithm().of(bytes);
        digest.truncate(self.bytes());
        digest
    }

    /// What a CodeDirectory of this digest is known by: 20 bytes, whatever the digest.
    #[must_use]
    pub fn code_hash(self, directory: &[u8]) -> Vec<u8> {
        let mut digest = self.of(directory);
        digest.truncate(20);
        digest
    }
}

/// A CodeDirectory to be written.
pub(super) struct Directory<'a> {
    pub(super) digest: CodeDigest,
    pub(super) version: u32,
    pub(super) flags: u32,
    pub(super) page_bits: u8,
    pub(super) identifier: &'a str,
    pub(super) team: Option<&'a str>,
    /// What is sealed, by slot.
    pub(super) special: &'a [(u32, &'a [u8])],
}

impl Directory<'_> {
    pub(super) fn bytes(&self, code: &[u8]) -> Vec<u8> {
        let header = match self.version {
            0x2_0400.. => 88,
            0x2_0300.. => 64,
            0x2_0200.. => 52,
            0x2_0100.. => 48,
            _ => 44,
        };
        let mut names = self.identifier.as_bytes().to_vec();
        names.push(0);
        let team_offset = match self.team {
            Some(team) if header >= 52 => {
                let offset = header + names.len();
                names.extend(team.as_bytes());
                names.push(0);
                size(offset)
            }
            _ => 0,
        };
        let count = self.special.iter().map(|(slot, _)| *slot).max().unwrap_or(0);
        let special = (1..=count).rev().flat_map(|slot| {
            let sealed = self.special.iter().find(|(other, _)| *other == slot);
            slot_digest(self.digest, sealed.map(|(_, bytes)| *bytes))
        });
        let special: Vec<u8> = special.collect();
        let page_bytes = if self.page_bits == 0 { code.len().max(1) } else { 1 << self.page_bits };
        let pages: Vec<u8> = code.chunks(page_bytes).flat_map(|page| self.digest.of(page)).collect();
        let hashes = header + names.len() + special.len();
        let mut out = words(&[
            0xfade_0c02,
            size(hashes + pages.len()),
            self.version,
            self.flags,
            size(hashes),
            size(header),
            count,
            size(code.len().div_ceil(page_bytes)),
            size(code.len()),
        ]);
        out.extend([size(self.digest.bytes()).to_be_bytes()[3], self.digest.number(), 0, self.page_bits]);
        // A spare word, no scatter, the team, a spare word, no code beyond 4 GiB.
        out.extend(words(&[0, 0, team_offset, 0, 0, 0]));
        // The text segment is what runs; 1 marks a main binary.
        out.extend([0, code.len() as u64, 1].iter().flat_map(|value: &u64| value.to_be_bytes()));
        out.truncate(header);
        [out, names, special, pages].concat()
    }
}
