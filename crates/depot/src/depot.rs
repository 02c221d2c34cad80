use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use ipa::ReadAt;
use time::UtcDateTime;
use url::Url;

use crate::{Blob, BlobKey, DepotError};

/// Keeps blobs: immutable bytes under a key.
///
/// A blob comes into being in one step, when its writer finishes: before, nobody can open, list or delete it; after,
/// it survives the death of the process and the loss of power. What was begun and never finished is swept up by
/// [`sweep`](Depot::sweep).
#[async_trait]
pub trait Depot: Send + Sync {
    /// Begins a blob.
    ///
    /// # Errors
    ///
    /// [`DepotError::Exists`] when the key is stored already. Keys are random and used once: two writers that work on
    /// one key at the same moment are told apart on disk (the second gets [`DepotError::Exists`]), but not on object
    /// storage (the last to finish wins).
    async fn create(&self, key: BlobKey) -> Result<Box<dyn BlobWriter>, DepotError>;

    /// Opens a blob to serve it by ranges.
    ///
    /// # Errors
    ///
    /// [`DepotError::NotFound`] when there is none.
    async fn open(&self, key: BlobKey) -> Result<Blob, DepotError>;

    /// Where anybody can fetch a blob from the storage itself with `GET` for so long, or `None` when blobs are fetched
    /// through this depot alone. Whether the blob is there is not looked at.
    ///
    /// # Errors
    ///
    /// [`DepotError::Io`] when the address can't be signed.
    async fn presigned(&self, key: BlobKey, lasts: Duration) -> Result<Option<Url>, DepotError>;

    /// Opens a blob for positioned, blocking reads: inspect with it inside `spawn_blocking` only.
    ///
    /// # Errors
    ///
    /// [`DepotError::NotFound`] when there is none.
    async fn reader(&self, key: BlobKey) -> Result<Arc<dyn ReadAt>, DepotError>;

    /// Whether each read of a [`reader`](Depot::reader) may ask another machine, so that there should be few.
    fn is_far(&self) -> bool {
        false
    }

    /// Deletes a blob. Deleting what is not there is no error: a garbage collector that was interrupted starts again.
    ///
    /// # Errors
    ///
    /// [`DepotError::ReadOnly`] and [`DepotError::Io`].
    async fn delete(&self, key: BlobKey) -> Result<(), DepotError>;

    /// Up to `limit` blobs that come after `after` in the storage's own order (which is not the order of keys), from
    /// the start when there is no `after`. An empty answer is the end. A blob that stands during the whole walk is
    /// listed exactly once; `after` need not be stored any more.
    ///
    /// # Errors
    ///
    /// [`DepotError::Io`] when the storage cannot be read.
    async fn list(&self, after: Option<BlobKey>, limit: usize) -> Result<Vec<ListedBlob>, DepotError>;

    /// Removes what writers left behind that were last heard of before `before`: after a crash, a kill, a power loss.
    /// A writer that still works is never disturbed on disk; on object storage choose `before` earlier than the
    /// longest upload.
    ///
    /// # Errors
    ///
    /// [`DepotError::ReadOnly`] and [`DepotError::Io`]; what could be removed is removed.
    async fn sweep(&self, before: UtcDateTime) -> Result<Swept, DepotError>;

    /// Bytes that can still be stored, or `None` where the storage has no such bound.
    ///
    /// # Errors
    ///
    /// [`DepotError::Io`] when the storage does not say.
    async fn free_bytes(&self) -> Result<Option<u64>, DepotError>;

    /// Stores and removes a few bytes, to learn at start-up what the first upload would learn.
    ///
    /// # Errors
    ///
    /// [`DepotError::NoSpace`], [`DepotError::ReadOnly`] and [`DepotError::Io`].
    async fn check(&self) -> Result<(), DepotError>;
}

/// Takes the bytes of one new blob.
///
/// Memory is bounded: [`write`](BlobWriter::write) waits while earlier bytes are on their way to the storage. Dropping
/// a writer aborts it: what was written is removed, as far as that can be done without waiting; what stays is found by
/// [`Depot::sweep`].
#[async_trait]
pub trait BlobWriter: Send {
    /// Adds bytes at the end. Bytes may be reported as failed by a later call. Dropping the future before it is done
    /// leaves open whether its bytes were taken: abort the writer then.
    ///
    /// # Errors
    ///
    /// [`DepotError::NoSpace`] and the like; from then on every call answers [`DepotError::Failed`], and what was
    /// written is gone.
    async fn write(&mut self, bytes: Bytes) -> Result<(), DepotError>;

    /// Makes the blob durable and visible, and says what was stored. Dropping the future before it is done leaves open
    /// whether the blob exists.
    ///
    /// # Errors
    ///
    /// As [`write`](BlobWriter::write); the blob then does not exist.
    async fn finish(self: Box<Self>) -> Result<StoredBlob, DepotError>;

    /// Removes what was written. Unlike a drop, this waits for it and reports trouble.
    ///
    /// # Errors
    ///
    /// [`DepotError::Io`] when the leftover could not be removed; [`Depot::sweep`] finds it later.
    async fn abort(self: Box<Self>) -> Result<(), DepotError>;
}

/// What a finished writer stored.
#[derive(Clone)]
pub struct StoredBlob {
    /// The key it was created with.
    pub key: BlobKey,
    /// Number of bytes.
    pub size_bytes: u64,
    /// SHA-256 of the bytes (FIPS 180-4).
    pub sha256: [u8; 32],
    /// The same bytes on this machine, for whoever looks into them at once; `None` where the storage is as near, or where
    /// there was no room. It goes when it is dropped.
    pub copy: Option<Arc<dyn ReadAt>>,
}

impl fmt::Debug for StoredBlob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, size_bytes, .. } = self;
        f.debug_struct("StoredBlob").field("key", key).field("size_bytes", size_bytes).finish_non_exhaustive()
    }
}

/// One row of [`Depot::list`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ListedBlob {
    /// Its key.
    pub key: BlobKey,
    /// Number of bytes.
    pub size_bytes: u64,
    /// When its writer finished, by the clock of the storage.
    pub modified_at: UtcDateTime,
}

/// What [`Depot::sweep`] removed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Swept {
    /// Number of unfinished blobs.
    pub count: u64,
    /// Their bytes, or 0 where the storage does not tell.
    pub size_bytes: u64,
}
