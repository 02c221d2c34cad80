use md5::Md5;
use sha2::{Digest, Sha256};

use super::{DigestAlgorithm, DigestCheck};
use crate::hex::lower_hex;

/// Compares a package with the digests that a manifest has of it, while it streams past.
///
/// How the updates are cut does not matter, and memory does not grow.
///
/// ```
/// use itms_services::{DigestAlgorithm, DigestCheck, DigestComparison, DigestDifference};
///
/// let check = DigestCheck::Chunks {
///     algorithm: DigestAlgorithm::Md5,
///     chunk_bytes: 3,
///     digests: vec!["900150983cd24fb0d6963f7d28e17f72", "900150983cd24fb0d6963f7d28e17f72"],
/// };
/// let mut comparison = DigestComparison::new(&check).expect("there are digests");
/// comparison.update(b"abcabd");
/// let difference = DigestDifference::Chunk { place: 1, start: 3, end: 6 };
/// assert_eq!(comparison.finish(), Some(difference));
/// ```
#[derive(Clone, Debug)]
pub struct DigestComparison<'a> {
    expected: Vec<&'a str>,
    /// `None` where one digest is of the whole.
    chunk_bytes: Option<u64>,
    hasher: Hasher,
    /// The chunk that is being filled, where it begins, and how much of it has come.
    place: usize,
    start: u64,
    filled: u64,
    difference: Option<DigestDifference>,
}

/// Where a package is another than a manifest's digests are of.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum DigestDifference {
    /// A chunk has another digest; it is the first that does. Where one digest is of the whole, that is the chunk.
    Chunk {
        /// Its place, from 0.
        place: usize,
        /// Its first byte, from 0.
        start: u64,
        /// The byte behind its last.
        end: u64,
    },
    /// All chunks that have a digest are right, and more bytes come behind them.
    Longer {
        /// The bytes that have digests.
        covered_bytes: u64,
    },
    /// All chunks that are there are right, and there are digests of more.
    Shorter {
        /// How many are there.
        chunks: usize,
    },
}

#[derive(Clone, Debug)]
enum Hasher {
    Md5(Md5),
    Sha256(Sha256),
}

impl<'a> DigestComparison<'a> {
    /// A comparison with what a device would check; `None` where it would check nothing.
    #[must_use]
    pub fn new(check: &DigestCheck<'a>) -> Option<Self> {
        let (algorithm, chunk_bytes, expected) = match check {
            DigestCheck::Whole { algorithm, digest } => (algorithm, None, vec![*digest]),
            DigestCheck::Chunks { algorithm, chunk_bytes, digests } => {
                (algorithm, Some(*chunk_bytes), digests.clone())
            }
            DigestCheck::None | DigestCheck::Ignored { .. } => return None,
        };
        let hasher = match algorithm {
            DigestAlgorithm::Md5 => Hasher::Md5(Md5::new()),
            DigestAlgorithm::Sha256 => Hasher::Sha256(Sha256::new()),
        };
        Some(Self { expected, chunk_bytes, hasher, place: 0, start: 0, filled: 0, difference: None })
    }

    /// Takes the next bytes of the package, any number of them.
    pub fn update(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while !rest.is_empty() && self.difference.is_none() {
            if self.place == self.expected.len() {
                self.difference = Some(DigestDifference::Longer { covered_bytes: self.start });
                return;
            }
            let room = self.chunk_bytes.map_or(u64::MAX, |chunk_bytes| chunk_bytes - self.filled);
            let taken = usize::try_from(room).map_or(rest.len(), |room| room.min(rest.len()));
            let (now, later) = rest.split_at(taken);
            self.hasher.update(now);
            self.filled += taken as u64;
            if self.chunk_bytes == Some(self.filled) {
                self.close();
            }
            rest = later;
        }
    }

    /// Whether a difference was found already, so that what comes does not matter.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        self.difference.is_some()
    }

    /// What differs first, if anything does.
    #[must_use]
    pub fn finish(mut self) -> Option<DigestDifference> {
        let is_open = self.filled > 0 || (self.place == 0 && self.chunk_bytes.is_none());
        if self.difference.is_none() && is_open {
            self.close();
        }
        let is_short = self.place < self.expected.len();
        self.difference.or_else(|| is_short.then_some(DigestDifference::Shorter { chunks: self.place }))
    }

    fn close(&mut self) {
        let end = self.start + self.filled;
        if !self.expected[self.place].eq_ignore_ascii_case(&self.hasher.finish()) {
            self.difference = Some(DigestDifference::Chunk { place: self.place, start: self.start, end });
        }
        self.place += 1;
        self.start = end;
        self.filled = 0;
    }
}

impl Hasher {
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Md5(md5) => md5.update(bytes),
            Self::Sha256(sha256) => sha256.update(bytes),
        }
    }

    /// The digest so far in hexadecimal digits; what comes is digested anew.
    fn finish(&mut self) -> String {
        match self {
            Self::Md5(md5) => lower_hex(&md5.finalize_reset()),
            Self::Sha256(sha256) => lower_hex(&sha256.finalize_reset()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU64;

    use proptest::prelude::*;

    use super::*;
    use crate::ChunkDigests;

    fn difference(check: &DigestCheck<'_>, pieces: &[&[u8]]) -> Option<DigestDifference> {
        let mut comparison = DigestComparison::new(check).unwrap();
        for piece in pieces {
            comparison.update(piece);
        }
        comparison.finish()
    }

    #[test]
    fn one_digest_is_of_the_whole() {
        let abc = "900150983CD24FB0D6963F7D28E17F72";
        let check = DigestCheck::Whole { algorithm: DigestAlgorithm::Md5, digest: abc };
        assert_eq!(difference(&check, &[b"a", b"bc"]), None);
        let whole = |end| Some(DigestDifference::Chunk { place: 0, start: 0, end });
        assert_eq!(difference(&check, &[b"abcd"]), whole(4));
        assert_eq!(difference(&check, &[]), whole(0));
        assert!(DigestComparison::new(&DigestCheck::None).is_none());
    }

    #[test]
    fn a_digest_that_is_none_by_its_form_fits_nothing() {
        for digest in ["", "900150983cd24fb0d6963f7d28e17f7", "900150983cd24fb0d6963f7d28e17f72 "] {
            let check = DigestCheck::Whole { algorithm: DigestAlgorithm::Md5, digest };
            assert!(difference(&check, &[b"abc"]).is_some(), "{digest:?}");
        }
    }

    proptest! {
        #[test]
        fn what_was_digested_is_the_same_and_one_other_byte_is_found_in_its_chunk(
            package in proptest::collection::vec(any::<u8>(), 2..200),
            chunk in 1_u64..64,
            cut in any::<prop::sample::Index>(),
            changed in any::<prop::sample::Index>(),
        ) {
            let mut digests = ChunkDigests::new(NonZeroU64::new(chunk).unwrap());
            digests.update(&package);
            let made: Vec<String> = digests.finish().sha256_chunks.iter().map(|one| lower_hex(one)).collect();
            let check = |count: usize| DigestCheck::Chunks {
                algorithm: DigestAlgorithm::Sha256,
                chunk_bytes: chunk,
                digests: made[..count].iter().map(String::as_str).collect(),
            };
            let all = check(made.len());
            let (one, other) = package.split_at(cut.index(package.len()));
            prop_assert_eq!(difference(&all, &[one, other]), None);

            let place = changed.index(package.len());
            let mut spoiled = package.clone();
            spoiled[place] ^= 1;
            let (one, other) = spoiled.split_at(cut.index(package.len()));
            let start = place as u64 / chunk * chunk;
            let end = (start + chunk).min(package.len() as u64);
            let chunk_place = usize::try_from(start / chunk).unwrap();
            prop_assert_eq!(
                difference(&all, &[one, other]),
                Some(DigestDifference::Chunk { place: chunk_place, start, end })
            );

            // One digest less than there are chunks, and one chunk less than there are digests.
            let covered_bytes = (made.len() as u64 - 1) * chunk;
            let few = check(made.len() - 1);
            prop_assert_eq!(difference(&few, &[&package]), Some(DigestDifference::Longer { covered_bytes }));
            let part = &package[..usize::try_from(covered_bytes).unwrap()];
            let chunks = made.len() - 1;
            prop_assert_eq!(difference(&all, &[part]), Some(DigestDifference::Shorter { chunks }));
        }
    }
}
