use std::collections::HashMap;
use std::io;
use std::sync::{Mutex, PoisonError};

use crate::ReadAt;

/// Keeps blocks of a source where each read is dear: an object in a store, a web address.
///
/// A read that needs blocks which lie side by side fetches them at once. The first read, when it is one of the end of
/// the source, as an archive's is, takes more of the end, where the central directory lies. What is kept is bounded;
/// what was used longest ago goes first.
///
/// ```
/// use ipa::{BlockCache, ReadAt};
///
/// let source = BlockCache::new(vec![7; 1_000_000]);
/// let mut buf = [0; 3];
/// source.read_exact_at(500_000, &mut buf)?;
/// assert_eq!(buf, [7; 3]);
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct BlockCache<R> {
    source: R,
    source_bytes: u64,
    size: CacheSize,
    blocks: Mutex<Blocks>,
}

/// How much a [`BlockCache`] reads and keeps.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CacheSize {
    /// The bytes of a block; at least 1.
    pub block_bytes: usize,
    /// How many blocks are kept; at least 1.
    pub blocks: usize,
    /// The most bytes fetched by one read, at least a block.
    pub read_bytes: usize,
    /// How many bytes of the end the first read takes.
    pub tail_bytes: u64,
}

/// 128 KiB blocks, 48 of them (6 MiB), 1 MiB a read, 256 KiB of the end.
impl Default for CacheSize {
    fn default() -> Self {
        Self { block_bytes: 128 << 10, blocks: 48, read_bytes: 1 << 20, tail_bytes: 256 << 10 }
    }
}

#[derive(Debug, Default)]
struct Blocks {
    kept: HashMap<u64, Block>,
    /// Counts uses, to tell which block was used longest ago.
    uses: u64,
}

#[derive(Debug)]
struct Block {
    bytes: Box<[u8]>,
    used: u64,
}

impl<R: ReadAt> BlockCache<R> {
    /// A cache of the default size.
    pub fn new(source: R) -> Self {
        Self::with_size(source, CacheSize::default())
    }

    /// A cache of this size; what is below the least is taken as the least.
    pub fn with_size(source: R, size: CacheSize) -> Self {
        let block_bytes = size.block_bytes.max(1);
        let size = CacheSize {
            block_bytes,
            blocks: size.blocks.max(1),
            read_bytes: size.read_bytes.max(block_bytes),
            tail_bytes: size.tail_bytes,
        };
        Self { source_bytes: source.len(), source, size, blocks: Mutex::default() }
    }

    /// Fetches `first` and as many of the blocks up to `last` as are missing in a row.
    fn fetch(&self, blocks: &mut Blocks, first: u64, last: u64) -> io::Result<()> {
        let block_bytes = self.size.block_bytes as u64;
        let most = (self.size.read_bytes / self.size.block_bytes).min(self.size.blocks).max(1) as u64;
        let last = (first..=last)
            .take_while(|number| !blocks.kept.contains_key(number))
            .take(usize::try_from(most).unwrap_or(usize::MAX))
            .last()
            .unwrap_or(first);
        let start = first * block_bytes;
        let end = ((last + 1) * block_bytes).min(self.source_bytes);
        let mut bytes = vec![0; usize::try_from(end - start).map_err(io::Error::other)?];
        self.source.read_exact_at(start, &mut bytes)?;
        while blocks.kept.len() as u64 + (last - first) >= self.size.blocks as u64 {
            let Some(oldest) =
                blocks.kept.iter().min_by_key(|(_, block)| block.used).map(|(number, _)| *number)
            else {
                break;
            };
            blocks.kept.remove(&oldest);
        }
        let used = blocks.uses;
        for (number, bytes) in (first..).zip(bytes.chunks(self.size.block_bytes)) {
            blocks.kept.insert(number, Block { bytes: bytes.into(), used });
        }
        Ok(())
    }
}

impl<R: ReadAt> ReadAt for BlockCache<R> {
    fn len(&self) -> u64 {
        self.source_bytes
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        let count = usize::try_from(self.source_bytes.saturating_sub(offset))
            .map_or(buf.len(), |rest| rest.min(buf.len()));
        let Some(last_byte) = count.checked_sub(1).map(|more| offset + more as u64) else {
            return Ok(0);
        };
        let block_bytes = self.size.block_bytes as u64;
        let (first, last) = (offset / block_bytes, last_byte / block_bytes);

        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        blocks.uses += 1;
        if !blocks.kept.contains_key(&first) {
            let tail = self.source_bytes.saturating_sub(self.size.tail_bytes);
            let last_block = (self.source_bytes - 1) / block_bytes;
            if blocks.uses == 1 && offset >= tail {
                self.fetch(&mut blocks, tail / block_bytes, last_block)?;
            }
            if !blocks.kept.contains_key(&first) {
                self.fetch(&mut blocks, first, last)?;
            }
        }
        let uses = blocks.uses;
        let mut filled = 0;
        for number in first..=last {
            let Some(block) = blocks.kept.get_mut(&number) else {
                break;
            };
            block.used = uses;
            let skipped =
                if number == first { usize::try_from(offset % block_bytes).unwrap_or(0) } else { 0 };
            let part = block.bytes.get(skipped..).unwrap_or_default();
            let taken = part.len().min(count - filled);
            buf[filled..filled + taken].copy_from_slice(&part[..taken]);
            filled += taken;
        }
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A source that notes what is asked of it.
    #[derive(Default)]
    struct Noted {
        bytes: Vec<u8>,
        reads: Mutex<Vec<(u64, usize)>>,
    }

    impl ReadAt for Noted {
        fn len(&self) -> u64 {
            self.bytes.len() as u64
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
            self.reads.lock().unwrap().push((offset, buf.len()));
            self.bytes.read_at(offset, buf)
        }
    }

    fn cache(bytes: u8, size: CacheSize) -> BlockCache<Noted> {
        BlockCache::with_size(Noted { bytes: (0..bytes).collect(), ..Noted::default() }, size)
    }

    const SMALL: CacheSize = CacheSize { block_bytes: 10, blocks: 4, read_bytes: 30, tail_bytes: 0 };

    #[test]
    fn neighbouring_misses_are_fetched_at_once_and_hits_not_at_all() {
        let cache = cache(95, SMALL);
        let mut buf = [0; 25];
        for (offset, expected_reads, why) in [
            (12_usize, vec![(10, 30)], "three blocks are missing"),
            (11, vec![], "all are there"),
            (32, vec![(40, 20)], "the first is there, two are missing"),
            (70, vec![(70, 25)], "the last block is short"),
        ] {
            cache.source.reads.lock().unwrap().clear();
            cache.read_exact_at(offset as u64, &mut buf).unwrap();
            assert_eq!(buf, cache.source.bytes[offset..][..25], "{why}");
            assert_eq!(*cache.source.reads.lock().unwrap(), expected_reads, "{why}");
            assert!(cache.blocks.lock().unwrap().kept.len() <= SMALL.blocks, "{why}");
        }
    }

    #[test]
    fn the_first_read_of_the_end_takes_more_of_it() {
        let cache = cache(95, CacheSize { tail_bytes: 25, ..SMALL });
        let mut buf = [0; 4];
        cache.read_exact_at(91, &mut buf).unwrap();
        cache.read_exact_at(72, &mut buf).unwrap();
        assert_eq!(buf, [72, 73, 74, 75]);
        assert_eq!(*cache.source.reads.lock().unwrap(), [(70, 25)]);
    }

    #[test]
    fn reads_larger_than_the_cache_still_come_through() {
        let cache = cache(95, CacheSize { blocks: 2, ..SMALL });
        let mut all = [0; 95];
        cache.read_exact_at(0, &mut all).unwrap();
        assert!(all.iter().copied().eq(0..95));
        assert_eq!(cache.read_at(95, &mut all).unwrap(), 0);
        assert_eq!(cache.read_at(u64::MAX, &mut all).unwrap(), 0);
    }

    proptest::proptest! {
        #[test]
        fn a_cache_reads_as_its_source_does(
            block_bytes in 0_usize..20,
            blocks in 0_usize..5,
            read_bytes in 0_usize..50,
            tail_bytes in 0_u64..60,
            reads in proptest::collection::vec((0_u64..100, 0_usize..60), 1..20),
        ) {
            let cache = cache(95, CacheSize { block_bytes, blocks, read_bytes, tail_bytes });
            for (offset, count) in reads {
                let mut expected = vec![0; count];
                let length = cache.source.bytes.read_at(offset, &mut expected).unwrap();
                let mut found = vec![0; length];
                cache.read_exact_at(offset, &mut found).unwrap();
                proptest::prop_assert_eq!(&found, &expected[..length]);
            }
        }
    }
}
