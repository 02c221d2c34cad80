use std::{
    fmt, io,
    ops::Range,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use futures_core::Stream;

use crate::DepotError;

/// A stored blob, opened for reading.
///
/// It stays readable for as long as it is held, even when the blob is deleted meanwhile (on disk; object storage may
/// break the stream off with an error).
#[derive(Clone)]
pub struct Blob {
    size_bytes: u64,
    source: Arc<dyn Source>,
}

/// The most a stream gives at once. Larger pieces are no faster, and a client that takes nothing holds two of them.
pub(crate) const PIECE_BYTES: usize = 128 * 1024;

/// What a backend brings to be read as a [`Blob`].
pub(crate) trait Source: Send + Sync {
    /// Streams bytes that are known to lie within the blob.
    fn stream(&self, range: Range<u64>) -> BlobStream;
}

impl Blob {
    pub(crate) fn new(size_bytes: u64, source: impl Source + 'static) -> Self {
        Self { size_bytes, source: Arc::new(source) }
    }

    /// Size in bytes.
    #[must_use]
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// Streams `range`: its first byte up to but not including its end. An empty range gives an empty stream.
    ///
    /// # Errors
    ///
    /// [`DepotError::Range`] when the range is turned around or reaches past the end.
    pub fn stream(&self, range: Range<u64>) -> Result<BlobStream, DepotError> {
        let Range { start, end } = range;
        if start > end || end > self.size_bytes {
            return Err(DepotError::Range { start, end, size_bytes: self.size_bytes });
        }
        Ok(self.source.stream(range))
    }
}

impl fmt::Debug for Blob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Blob").field("size_bytes", &self.size_bytes).finish_non_exhaustive()
    }
}

/// The bytes of one range, in order, in pieces of at most 128 KiB; none is empty.
///
/// Nothing is read before it is asked for: a client that takes nothing costs two pieces of memory at most and no
/// thread. After an error the stream is at its end. The pieces together are exactly the range, or there is an error.
pub struct BlobStream(Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>);

impl BlobStream {
    pub(crate) fn new(stream: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Self {
        Self(Box::pin(stream))
    }
}

impl Stream for BlobStream {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.as_mut().poll_next(context)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.0.size_hint()
    }
}

impl fmt::Debug for BlobStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobStream").finish_non_exhaustive()
    }
}
