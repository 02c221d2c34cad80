use std::sync::Arc;
use std::time::Duration;

use catalog::{BlobId, BlobUse, Catalog, PageSize, StoreError};
use depot::{Depot, DepotError};
use time::UtcDateTime;
use uuid::Uuid;

use crate::clock::Clock;
use crate::publish::key;

/// How many blobs are looked at in one go.
const BATCH: usize = 200;

/// What the collector removed.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Collected {
    /// Uploads that never ended, or blobs that no build needs.
    pub blobs: u64,
    /// Their bytes, as far as they are known.
    pub size_bytes: u64,
}

/// Why the collector stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CollectError {
    /// The catalog failed.
    #[error("the catalog failed")]
    Store(#[from] StoreError),
    /// The depot failed.
    #[error("the depot failed")]
    Depot(#[from] DepotError),
}

/// Collects garbage, on a running server or beside it. It needs no keys.
pub struct Collector {
    catalog: Arc<dyn Catalog>,
    depot: Arc<dyn Depot>,
    clock: Arc<dyn Clock>,
}

impl Collector {
    /// Works on this catalog and depot.
    #[must_use]
    pub fn new(catalog: Arc<dyn Catalog>, depot: Arc<dyn Depot>, clock: Arc<dyn Clock>) -> Self {
        Self { catalog, depot, clock }
    }

    /// Removes what crashes, refused uploads and retention left behind: unfinished uploads, blobs that no row names,
    /// rows of blobs that no build needs. Nothing younger than `grace`, which must be longer than any upload takes.
    ///
    /// # Errors
    ///
    /// [`CollectError`]; what was removed before stays removed, and the next run goes on. An unfinished upload that can't
    /// be removed keeps nothing else from being collected.
    pub async fn collect(&self, grace: Duration) -> Result<Collected, CollectError> {
        let before = UtcDateTime::from(self.clock.now().saturating_sub(grace));
        let swept = self.depot.sweep(before).await;
        let rest = self.collect_blobs(before).await?;
        let swept = swept?;
        Ok(Collected { blobs: rest.blobs + swept.count, size_bytes: rest.size_bytes + swept.size_bytes })
    }

    async fn collect_blobs(&self, before: UtcDateTime) -> Result<Collected, CollectError> {
        let mut collected = Collected::default();
        self.collect_unused_rows(before).await?;
        let mut after = None;
        loop {
            let listed = self.depot.list(after, BATCH).await?;
            let Some(last) = listed.last() else { return Ok(collected) };
            after = Some(last.key);
            let old: Vec<_> = listed.iter().filter(|blob| blob.modified_at < before).collect();
            let ids: Vec<_> =
                old.iter().filter_map(|blob| BlobId::try_from(blob.key.as_uuid()).ok()).collect();
            let unknown = self.catalog.read().await?.blobs().unknown(&ids).await?;
            for blob in old.iter().filter(|blob| unknown.iter().any(|id| key(*id) == blob.key)) {
                self.depot.delete(blob.key).await?;
                collected.blobs += 1;
                collected.size_bytes += blob.size_bytes;
            }
        }
    }

    /// Removes the rows of blobs that no build needs; their bytes then are unknown to the catalog, and go as all such.
    async fn collect_unused_rows(&self, before: UtcDateTime) -> Result<(), StoreError> {
        let mut after = None;
        loop {
            let page = self.catalog.read().await?.blobs().list(after, PageSize::new(BATCH)).await?;
            let unused: Vec<_> = page
                .items
                .iter()
                .filter_map(|used| match used {
                    BlobUse::Unused(blob) if made_at(blob.id).is_some_and(|at| at < before) => Some(blob.id),
                    BlobUse::Unused(_) | BlobUse::Used(_) => None,
                })
                .collect();
            if !unused.is_empty() {
                let mut unit = self.catalog.begin().await?;
                for id in unused {
                    unit.blobs().remove_unused(id).await?;
                }
                unit.commit().await?;
            }
            match page.next {
                Some(next) => after = Some(next),
                None => return Ok(()),
            }
        }
    }
}

/// When a blob's id was made, which was before its first byte arrived.
fn made_at(blob: BlobId) -> Option<UtcDateTime> {
    let (seconds, nanos) = Uuid::from(blob).get_timestamp()?.to_unix();
    let seconds = UtcDateTime::from_unix_timestamp(i64::try_from(seconds).ok()?).ok()?;
    Some(seconds + Duration::from_nanos(nanos.into()))
}

#[cfg(test)]
mod tests {
    use catalog::Timestamp;
    use catalog_sqlite::SqliteCatalog;
    use depot::Disk;

    use super::*;

    struct Tomorrow;

    impl Clock for Tomorrow {
        #[expect(clippy::disallowed_methods, reason = "files get their times from the same clock")]
        fn now(&self) -> Timestamp {
            Timestamp::from(UtcDateTime::now()).saturating_add(Duration::from_hours(24))
        }
    }

    #[tokio::test]
    async fn what_can_t_be_swept_up_keeps_no_other_garbage() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = Arc::new(SqliteCatalog::open(&folder.path().join("catalog.db")).await.unwrap());
        let depot = Arc::new(Disk::open(folder.path()).unwrap());
        let stray = BlobId::new(Tomorrow.now(), [1; 10]);
        let mut writer = depot.create(key(stray)).await.unwrap();
        writer.write("stray".into()).await.unwrap();
        writer.finish().await.unwrap();
        // It leads to itself, so it can't be opened.
        std::os::unix::fs::symlink("circle", folder.path().join("incoming").join("circle")).unwrap();
        let collector = Collector::new(catalog, Arc::clone(&depot) as Arc<dyn Depot>, Arc::new(Tomorrow));
        let collected = collector.collect(Duration::from_hours(1)).await;
        assert!(matches!(collected, Err(CollectError::Depot(_))), "{collected:?}");
        assert_eq!(depot.list(None, 1).await.unwrap(), []);
    }
}
