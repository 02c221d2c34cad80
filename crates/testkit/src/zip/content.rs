//! What an entry holds, made while it is read.

use std::io::{self, Read, Write};
use std::sync::Arc;

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
}

impl Content {
    /// How many bytes there are.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Zeros(bytes) | Self::Noise { bytes, .. } => *bytes,
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes from the first to the last.
    #[must_use]
    pub fn reader(&self) -> Box<dyn Read + '_> {
        match self {
            Self::Bytes(bytes) => Box::new(&bytes[..]),
            Self::Zeros(bytes) => Box::new(io::repeat(0).take(*bytes)),
            Self::Noise { bytes, seed } => {
                Box::new(Noise { state: *seed, word: [0; 8], used: 8 }.take(*bytes))
            }
        }
    }
}

impl<T: Into<Vec<u8>>> From<T> for Content {
    fn from(bytes: T) -> Self {
        Self::Bytes(bytes.into().into())
    }
}

/// An endless stream of `SplitMix64` words.
struct Noise {
    state: u64,
    word: [u8; 8],
    used: usize,
}

impl Read for Noise {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        for byte in buffer.iter_mut() {
            if self.used == self.word.len() {
                self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mut mixed = self.state;
                mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
                self.word = (mixed ^ (mixed >> 31)).to_le_bytes();
                self.used = 0;
            }
            *byte = self.word[self.used];
            self.used += 1;
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
    fn every_content_is_as_long_as_it_says() {
        for content in [Content::from("abc"), Content::Zeros(70_000), Content::Noise { bytes: 9, seed: 0 }] {
            assert_eq!(read(&content).len() as u64, content.len(), "{content:?}");
        }
    }
}
