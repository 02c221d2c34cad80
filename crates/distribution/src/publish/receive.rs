use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use catalog::{BlobId, Sha256, Timestamp};
use depot::{BlobKey, BlobWriter, DepotError};
use ipa::ReadAt;
use tokio::time::timeout;

use super::PublishError;
use crate::caller::Caller;
use crate::clock::Clock;
use crate::{Distribution, random};

/// How long a package may take to arrive. Storage may date an upload by its first byte, and to the collector one that is
/// older than its grace is garbage.
pub(crate) const ARRIVES_WITHIN: Duration = Duration::from_hours(12);

/// How long a publisher waits for what is unwanted to be deleted.
const DISCARD_WITHIN: Duration = Duration::from_secs(2);

/// A package on its way in.
///
/// Dropping it throws away what has arrived.
pub struct Upload {
    writer: Box<dyn BlobWriter>,
    blob: BlobId,
    received_bytes: u64,
    announced_bytes: Option<u64>,
    limit_bytes: u64,
    /// What the disk had room for beside the reserve when the upload began.
    room_bytes: u64,
    clock: Arc<dyn Clock>,
    ends_by: Timestamp,
}

/// A package that has arrived and is durable, and that nobody can see yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Received {
    pub(super) blob: BlobId,
    pub(super) sha256: Sha256,
    pub(super) size_bytes: u64,
}

/// The same, and where it is read in order to look into it, if that is not the depot.
pub(super) struct Finished {
    pub(super) package: Received,
    pub(super) copy: Option<Arc<dyn ReadAt>>,
}

impl Distribution {
    /// Decides, before the first byte, whether this caller may upload a package of this size, and begins to take it.
    ///
    /// # Errors
    ///
    /// [`PublishError::NotAllowed`], [`PublishError::TooLarge`], [`PublishError::NoRoom`], and what the depot fails
    /// with.
    pub async fn begin_upload(
        &self,
        caller: &Caller,
        announced_bytes: Option<u64>,
    ) -> Result<Upload, PublishError> {
        caller.may_publish()?;
        let limit_bytes = self.policy.package_limit_bytes;
        if let Some(seen_bytes) = announced_bytes.filter(|size| *size > limit_bytes) {
            return Err(PublishError::TooLarge { seen_bytes, limit_bytes });
        }
        let needed_bytes = announced_bytes.unwrap_or(0);
        let free_bytes = self.depot.free_bytes().await?.unwrap_or(u64::MAX);
        let free_bytes = free_bytes.saturating_sub(self.policy.reserve_bytes);
        if needed_bytes >= free_bytes {
            return Err(PublishError::NoRoom { needed_bytes, free_bytes });
        }
        let now = self.now();
        let blob = BlobId::new(now, random::bytes());
        let writer = self.depot.create(key(blob)).await?;
        Ok(Upload {
            writer,
            blob,
            received_bytes: 0,
            announced_bytes,
            limit_bytes,
            room_bytes: free_bytes,
            clock: Arc::clone(&self.clock),
            ends_by: now.saturating_add(ARRIVES_WITHIN),
        })
    }
}

impl Upload {
    /// Takes the next bytes.
    ///
    /// # Errors
    ///
    /// [`PublishError::TooLarge`], [`PublishError::NoRoom`], [`PublishError::TooSlow`], [`PublishError::Incomplete`] when
    /// more come than were announced, and what the depot fails with.
    pub async fn write(&mut self, bytes: Bytes) -> Result<(), PublishError> {
        let seen_bytes = self.received_bytes + bytes.len() as u64;
        if let Some(announced_bytes) = self.announced_bytes.filter(|size| seen_bytes > *size) {
            return Err(PublishError::Incomplete { received_bytes: seen_bytes, announced_bytes });
        }
        if seen_bytes > self.limit_bytes {
            return Err(PublishError::TooLarge { seen_bytes, limit_bytes: self.limit_bytes });
        }
        self.check_time()?;
        // Whoever announces nothing is not to eat up the reserve either.
        if seen_bytes >= self.room_bytes {
            return Err(PublishError::NoRoom { needed_bytes: seen_bytes, free_bytes: self.room_bytes });
        }
        self.writer.write(bytes).await?;
        self.received_bytes = seen_bytes;
        Ok(())
    }

    fn check_time(&self) -> Result<(), PublishError> {
        if self.clock.now() > self.ends_by {
            return Err(PublishError::TooSlow { received_bytes: self.received_bytes, limit: ARRIVES_WITHIN });
        }
        Ok(())
    }

    pub(super) async fn finish(self) -> Result<Finished, PublishError> {
        self.check_time()?;
        let received_bytes = self.received_bytes;
        if let Some(announced_bytes) = self.announced_bytes.filter(|size| received_bytes < *size) {
            return Err(PublishError::Incomplete { received_bytes, announced_bytes });
        }
        let stored = self.writer.finish().await?;
        let package =
            Received { blob: self.blob, sha256: Sha256::new(stored.sha256), size_bytes: stored.size_bytes };
        Ok(Finished { package, copy: stored.copy })
    }
}

impl Distribution {
    /// Stores a few bytes that the server made itself.
    pub(super) async fn store(&self, bytes: Vec<u8>) -> Result<Received, DepotError> {
        let blob = BlobId::new(self.now(), random::bytes());
        let mut writer = self.depot.create(key(blob)).await?;
        writer.write(bytes.into()).await?;
        let stored = writer.finish().await?;
        Ok(Received { blob, sha256: Sha256::new(stored.sha256), size_bytes: stored.size_bytes })
    }

    /// Throws away bytes that no row names. What cannot be deleted now is garbage for later, and nobody waits for it.
    pub(super) async fn discard(&self, blob: BlobId) {
        let deleted = timeout(DISCARD_WITHIN, self.depot.delete(key(blob))).await;
        let error: &dyn Error = match &deleted {
            Ok(Ok(())) => return,
            Ok(Err(error)) => error,
            Err(late) => late,
        };
        tracing::warn!(%blob, error, "an unwanted blob stays for the collector");
    }
}

/// The depot's name for a blob.
pub(crate) fn key(blob: BlobId) -> BlobKey {
    BlobKey::new(blob.into())
}
