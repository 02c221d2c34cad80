use std::io;
use std::sync::Arc;

use ipa::ReadAt;
use object_store::ObjectStoreExt as _;
use tokio::runtime::Handle;

use super::{Bucket, failure::Purpose};
use crate::BlobKey;

/// An object, read by ranges: one request for each read, so it wants a cache before it. Blocks, on the runtime it was
/// opened on.
pub(super) struct ObjectReader {
    bucket: Arc<Bucket>,
    key: BlobKey,
    size_bytes: u64,
    runtime: Handle,
}

impl ObjectReader {
    pub(super) fn new(bucket: Arc<Bucket>, key: BlobKey, size_bytes: u64, runtime: Handle) -> Self {
        Self { bucket, key, size_bytes, runtime }
    }
}

impl ReadAt for ObjectReader {
    fn len(&self) -> u64 {
        self.size_bytes
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let end = offset.saturating_add(buffer.len() as u64).min(self.size_bytes);
        if offset >= end {
            return Ok(0);
        }
        let place = self.bucket.place(self.key);
        let bytes = self.runtime.block_on(self.bucket.store.get_range(&place, offset..end));
        let heard = self.bucket.health.heard(Purpose::Reading, "looking into a package", bytes);
        let bytes = heard.map_err(io::Error::other)?;
        buffer.get_mut(..bytes.len()).ok_or(io::ErrorKind::InvalidData)?.copy_from_slice(&bytes);
        Ok(bytes.len())
    }
}
