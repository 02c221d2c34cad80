//! What an entry holds, made while it is read.

use std::io::{self, Read, Write};
use std::sync::Arc;

use flate2::Compression;

/// The bytes of an entry before compression.
#[derive(Clone, Debug)]
pub enum Content {
    /// These bytes.
    Bytes(Arc<[u8]>),
    /// So many bytes of zero: what a bomb is made of.
    Zeros(u64),
    /// So many bytes no compressor can shorten, the same for the same seed.
    Noise {
        /// How many bytes.
        bytes: u64,
        /// Which of the streams.
        seed: u64,
    },
    /// So many bytes that deflate shortens to about half, as it does code; the same for the same seed.
    HalfNoise {
        /// How many bytes.
        bytes: u64,
        /// Which of the streams.
        seed: u64,
    },
}

impl Content {
    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Zeros(bytes) | Self::Noise { bytes, .. } | Self::HalfNoise { bytes, .. } => *bytes,
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How hard to deflate: noise repeats nothing, so to search it for repeats only takes time.
    pub(super) fn level(&self) -> Compression {
        match self {
            Self::Bytes(_) | Self::Zeros(_) => Compression::default(),
            Self::Noise { .. } | Self::HalfNoise { .. } => Compression::new(2),
        }
    }

    /// All of them, in memory.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.each_block(|block| bytes.extend(block));
        bytes
    }

    /// Hands the bytes over block by block.
    pub(crate) fn each_block(&self, mut take: impl FnMut(&[u8])) {
        let mut reader = self.reader();
        let mut buffer = [0; 16 * 1024];
        loop {
            match reader.read(&mut buffer).expect("contents are made in memory") {
                0 => return,
                read => take(&buffer[..read]),
            }
        }
    }

    /// The bytes from the first to the last.
    #[must_use]
    pub fn reader(&self) -> Box<dyn Read + '_> {
        match self {
            Self::Bytes(bytes) => Box::new(&bytes[..]),
            Self::Zeros(bytes) => Box::new(io::repeat(0).take(*bytes)),
            Self::Noise { bytes, seed } => Box::new(Noise::new(*seed, u64::MAX).take(*bytes)),
            Self::HalfNoise { bytes, seed } => {
                Box::new(Noise::new(*seed, 0x0f0f_0f0f_0f0f_0f0f).take(*bytes))
            }
        }
    }
}

impl<T: Into<Vec<u8>>> From<T> for Content {
    fn from(bytes: T) -> Self {
        Self::Bytes(bytes.into().into())
    }
}

/// An endless stream of `SplitMix64` words, some bits masked out.
struct Noise {
    state: u64,
    mask: u64,
    word: [u8; 8],
    /// Bytes of `word` already given out.
    used: usize,
}

impl Noise {
    fn new(seed: u64, mask: u64) -> Self {
        Self { state: seed, mask, word: [0; 8], used: 8 }
    }

    fn step(&mut self) {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        self.word = ((mixed ^ (mixed >> 31)) & self.mask).to_le_bytes();
        self.used = 0;
    }
}

impl Read for Noise {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = &self.word[self.used..];
        let first = left.len().min(buffer.len());
        buffer[..first].copy_from_slice(&left[..first]);
        self.used += first;
        for part in buffer[first..].chunks_mut(8) {
            self.step();
            part.copy_from_slice(&self.word[..part.len()]);
            self.used = part.len();
        }
        Ok(buffer.len())
    }
}

/// A writer that knows how much went through it.
pub(super) struct Counted<W> {
    inner: W,
    written: u64,
}

impl<W: Write> Counted<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, written: 0 }
    }

    pub(super) fn written(&self) -> u64 {
        self.written
    }
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = self.inner.write(bytes)?;
        self.written += taken as u64;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content: &Content) -> Vec<u8> {
        let mut bytes = Vec::new();
        content.reader().read_to_end(&mut bytes).unwrap();
        bytes
    }

    #[test]
    fn noise_repeats_for_a_seed_and_differs_between_seeds() {
        let noise = |seed| read(&Content::Noise { bytes: 1001, seed });
        assert_eq!(noise(1).len(), 1001);
        assert_eq!(noise(1), noise(1));
        assert_ne!(noise(1), noise(2));
    }

    #[test]
    fn noise_is_the_same_however_it_is_asked_for() {
        let content = Content::HalfNoise { bytes: 100, seed: 7 };
        let whole = read(&content);
        let mut reader = content.reader();
        for (start, length) in [(0, 1), (1, 7), (8, 3), (11, 16), (27, 0), (27, 73)] {
            let mut part = vec![0; length];
            reader.read_exact(&mut part).unwrap();
            assert_eq!(part, whole[start..start + length], "{length} bytes from {start}");
        }
    }

    #[test]
    fn every_content_is_as_long_as_it_says() {
        for content in [
            Content::from("abc"),
            Content::Zeros(70_000),
            Content::Noise { bytes: 9, seed: 0 },
            Content::HalfNoise { bytes: 17, seed: 0 },
        ] {
            assert_eq!(read(&content).len() as u64, content.len(), "{content:?}");
        }
    }
}
