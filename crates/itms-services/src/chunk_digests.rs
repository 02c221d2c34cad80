use std::num::NonZeroU64;

use md5::Md5;
use sha2::{Digest, Sha256};

/// Digests a package while it streams past: SHA-256 of the whole and of each chunk, on request MD5 of each chunk.
///
/// A manifest may carry these so that the installer checks the package chunk by chunk
/// (`sha256s` with `sha256-size`, `md5s` with `md5-size`; documented by Apple, *Manifest URL*).
///
/// How the updates are cut does not matter; memory grows by 32 bytes (48 with MD5) for each full chunk.
///
/// ```
/// use itms_services::ChunkDigests;
///
/// let mut digests = ChunkDigests::new(ChunkDigests::DEFAULT_CHUNK_BYTES);
/// digests.update(b"PK");
/// digests.update(b"\x03\x04");
/// let digests = digests.finish();
/// assert_eq!(digests.size_bytes, 4);
/// assert_eq!(digests.chunk_bytes.get(), 4); // capped to the file
/// assert_eq!(digests.sha256_chunks, [digests.sha256]);
/// ```
#[derive(Clone, Debug)]
pub struct ChunkDigests {
    chunk_bytes: NonZeroU64,
    /// Room left in the chunk that is being filled; never 0 between two updates.
    room: u64,
    size_bytes: u64,
    whole: Sha256,
    sha256: Sha256,
    sha256_chunks: Vec<[u8; 32]>,
    md5: Option<Md5Chunks>,
}

#[derive(Clone, Debug, Default)]
struct Md5Chunks {
    current: Md5,
    done: Vec<[u8; 16]>,
}

impl ChunkDigests {
    /// 10 MiB, the chunk size that device management servers use (observed).
    pub const DEFAULT_CHUNK_BYTES: NonZeroU64 = NonZeroU64::new(10_485_760).expect("10 MiB is not zero");

    /// Starts with no bytes; chunks are `chunk_bytes` long, the last one is the remainder.
    #[must_use]
    pub fn new(chunk_bytes: NonZeroU64) -> Self {
        Self {
            chunk_bytes,
            room: chunk_bytes.get(),
            size_bytes: 0,
            whole: Sha256::new(),
            sha256: Sha256::new(),
            sha256_chunks: Vec::new(),
            md5: None,
        }
    }

    /// The same with MD5 of each chunk beside SHA-256, for readers that know nothing else. Devices prefer SHA-256.
    #[must_use]
    pub fn with_md5(chunk_bytes: NonZeroU64) -> Self {
        Self { md5: Some(Md5Chunks::default()), ..Self::new(chunk_bytes) }
    }

    /// Takes the next bytes of the package, any number of them.
    pub fn update(&mut self, bytes: &[u8]) {
        self.whole.update(bytes);
        self.size_bytes += bytes.len() as u64;
        let mut rest = bytes;
        while !rest.is_empty() {
            let taken = usize::try_from(self.room).map_or(rest.len(), |room| room.min(rest.len()));
            let (now, later) = rest.split_at(taken);
            self.sha256.update(now);
            if let Some(md5) = &mut self.md5 {
                md5.current.update(now);
            }
            self.room -= taken as u64;
            if self.room == 0 {
                self.close_chunk();
            }
            rest = later;
        }
    }

    /// The digests of everything taken so far.
    #[must_use]
    pub fn finish(mut self) -> PackageDigests {
        if self.room < self.chunk_bytes.get() || self.sha256_chunks.is_empty() {
            self.close_chunk();
        }
        let size = NonZeroU64::new(self.size_bytes).unwrap_or(NonZeroU64::MIN);
        PackageDigests {
            size_bytes: self.size_bytes,
            sha256: self.whole.finalize().into(),
            chunk_bytes: self.chunk_bytes.min(size),
            sha256_chunks: self.sha256_chunks,
            md5_chunks: self.md5.map(|md5| md5.done),
        }
    }

    fn close_chunk(&mut self) {
        self.sha256_chunks.push(self.sha256.finalize_reset().into());
        if let Some(md5) = &mut self.md5 {
            md5.done.push(md5.current.finalize_reset().into());
        }
        self.room = self.chunk_bytes.get();
    }
}

/// What [`ChunkDigests`] found out about one package.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct PackageDigests {
    /// Length of the package in bytes.
    pub size_bytes: u64,
    /// SHA-256 of the whole package.
    pub sha256: [u8; 32],
    /// Length of each chunk but the last in bytes; never more than the package itself (1 for an empty one).
    pub chunk_bytes: NonZeroU64,
    /// SHA-256 of each chunk in order; at least one.
    pub sha256_chunks: Vec<[u8; 32]>,
    /// MD5 of each chunk in order, when it was asked for.
    pub md5_chunks: Option<Vec<[u8; 16]>>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn chunks_of(n: u64) -> NonZeroU64 {
        NonZeroU64::new(n).unwrap()
    }

    #[test]
    fn known_answers_hold() {
        let mut digests = ChunkDigests::with_md5(chunks_of(3));
        digests.update(b"abcabc");
        let found = digests.finish();
        let sha256_abc = [
            0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23,
            0xb0, 0x03, 0x61, 0xa3, 0x96, 0x17, 0x7a, 0x9c, 0xb4, 0x10, 0xff, 0x61, 0xf2, 0x00, 0x15, 0xad,
        ];
        let md5_abc = 0x9001_5098_3cd2_4fb0_d696_3f7d_28e1_7f72_u128.to_be_bytes();
        assert_eq!(found.sha256_chunks, [sha256_abc, sha256_abc]);
        assert_eq!(found.md5_chunks, Some(vec![md5_abc, md5_abc]));
    }

    #[test]
    fn chunk_counts_and_sizes_at_the_edges() {
        for (size, chunk, count, chunk_bytes, why) in [
            (0, 4, 1, 1, "an empty package has one digest"),
            (1, 4, 1, 1, "the chunk is capped to the file"),
            (3, 4, 1, 3, "one byte short of a chunk"),
            (4, 4, 1, 4, "exactly one chunk"),
            (5, 4, 2, 4, "one byte more"),
            (8, 4, 2, 4, "two full chunks and no empty third"),
            (3, 1, 3, 1, "the smallest chunk"),
            (3, u64::MAX, 1, 3, "the largest chunk"),
        ] {
            let mut digests = ChunkDigests::with_md5(chunks_of(chunk));
            digests.update(&vec![7; size]);
            let found = digests.finish();
            assert_eq!(found.sha256_chunks.len(), count, "{why}");
            assert_eq!(found.md5_chunks.unwrap().len(), count, "{why}");
            assert_eq!(found.chunk_bytes.get(), chunk_bytes, "{why}");
            assert_eq!(found.size_bytes, size as u64, "{why}");
        }
    }

    proptest! {
        #[test]
        fn equal_to_digesting_slices_however_updates_are_cut(
            pieces in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 0..12),
            chunk in 1_u64..64,
        ) {
            let whole = pieces.concat();
            let mut digests = ChunkDigests::with_md5(chunks_of(chunk));
            for piece in &pieces {
                digests.update(piece);
            }
            let found = digests.finish();
            let slices: Vec<&[u8]> = if whole.is_empty() {
                vec![&whole]
            } else {
                whole.chunks(usize::try_from(chunk).unwrap()).collect()
            };
            let sha256: Vec<[u8; 32]> = slices.iter().map(|slice| Sha256::digest(slice).into()).collect();
            let md5: Vec<[u8; 16]> = slices.iter().map(|slice| Md5::digest(slice).into()).collect();
            let expected_whole: [u8; 32] = Sha256::digest(&whole).into();
            prop_assert_eq!(found.sha256, expected_whole);
            prop_assert_eq!(found.sha256_chunks, sha256);
            prop_assert_eq!(found.md5_chunks, Some(md5));
        }
    }
}
