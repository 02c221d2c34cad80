use async_trait::async_trait;

use crate::{BlobId, Page, PageSize, Sha256, StoreError};

/// Bytes that the depot holds durably.
///
/// The same bytes are kept once: whoever brings them again uses the blob that is there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Blob {
    /// Its key in the depot.
    pub id: BlobId,
    /// What it holds; unique.
    pub sha256: Sha256,
    /// How much it holds.
    pub size_bytes: u64,
}

/// A blob and whether a build needs it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum BlobUse {
    /// The package or an icon of at least one build.
    Used(Blob),
    /// Nobody's: it may be removed.
    Unused(Blob),
}

impl BlobUse {
    /// The blob, used or not.
    #[must_use]
    pub fn blob(&self) -> &Blob {
        match self {
            Self::Used(blob) | Self::Unused(blob) => blob,
        }
    }
}

/// Reads which blobs there are.
#[async_trait]
pub trait Blobs: Send {
    /// The blob with this id, or `None` when there is none.
    async fn find(&mut self, id: BlobId) -> Result<Option<Blob>, StoreError>;

    /// The blob that holds these bytes, or `None` when there is none.
    async fn find_by_sha256(&mut self, sha256: &Sha256) -> Result<Option<Blob>, StoreError>;

    /// Those of `ids` that are in no row, in the order given: what the depot holds under them is garbage once it is
    /// older than any upload that may still be on its way.
    async fn unknown(&mut self, ids: &[BlobId]) -> Result<Vec<BlobId>, StoreError>;

    /// Every blob and whether it is used, by id.
    async fn list(
        &mut self,
        after: Option<BlobId>,
        size: PageSize,
    ) -> Result<Page<BlobUse, BlobId>, StoreError>;
}

/// Keeps the rows of blobs; their bytes are the depot's.
#[async_trait]
pub trait BlobsMut: Blobs {
    /// Adds a blob whose bytes are durable already; [`StoreError::Conflict`] when the same bytes are known under
    /// another id. That other one then stays at least until this unit ends, whoever finds it unused meanwhile. One that
    /// another unit is removing is waited for: when it is gone, this one is added.
    async fn insert(&mut self, blob: &Blob) -> Result<(), StoreError>;

    /// Removes the row of a blob that no build needs and says whether it did: `false` for one that is used or unknown,
    /// or that another unit has found and may be about to use. The bytes may be deleted once the unit is committed.
    async fn remove_unused(&mut self, id: BlobId) -> Result<bool, StoreError>;
}
