use std::collections::HashSet;

use async_trait::async_trait;
use catalog::row::{BEFORE_ALL, BlobRow, BlobUseRow, Row, page};
use catalog::{Blob, BlobId, BlobUse, Blobs, BlobsMut, Key, Page, PageSize, Sha256, StoreError};
use uuid::Uuid;

use crate::session::Session;

macro_rules! select_blobs {
    ($rest:literal, $argument:expr) => {
        sqlx::query_as!(BlobRow, "SELECT id, sha256, size_bytes FROM blobs " + $rest, $argument)
    };
}

#[async_trait]
impl Blobs for Session {
    async fn find(&mut self, id: BlobId) -> Result<Option<Blob>, StoreError> {
        let row = select_blobs!("WHERE id = $1", Uuid::from(id))
            .fetch_optional(self.connection())
            .await
            .map_err(self.failed("finding a blob"))?;
        row.map(Row::item).transpose()
    }

    async fn find_by_sha256(&mut self, sha256: &Sha256) -> Result<Option<Blob>, StoreError> {
        let row = select_blobs!("WHERE sha256 = $1", sha256.as_bytes().as_slice())
            .fetch_optional(self.connection())
            .await
            .map_err(self.failed("finding a blob"))?;
        row.map(Row::item).transpose()
    }

    async fn unknown(&mut self, ids: &[BlobId]) -> Result<Vec<BlobId>, StoreError> {
        let asked: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
        let known = sqlx::query_scalar!("SELECT id FROM blobs WHERE id = ANY($1)", &asked)
            .fetch_all(self.connection())
            .await
            .map_err(self.failed("finding blobs"))?;
        let known: HashSet<Uuid> = known.into_iter().collect();
        Ok(ids.iter().copied().filter(|id| !known.contains(&Uuid::from(*id))).collect())
    }

    async fn list(
        &mut self,
        after: Option<BlobId>,
        size: PageSize,
    ) -> Result<Page<BlobUse, BlobId>, StoreError> {
        // A lookup for each blob of the page: for EXISTS the planner may read all builds first.
        let rows = sqlx::query_as!(
            BlobUseRow,
            r#"SELECT
                id,
                sha256,
                size_bytes,
                (SELECT 1 FROM builds WHERE package_blob = blobs.id LIMIT 1) IS NOT NULL
                    OR (SELECT 1 FROM builds WHERE display_image = blobs.id LIMIT 1) IS NOT NULL
                    OR (SELECT 1 FROM builds WHERE full_size_image = blobs.id LIMIT 1) IS NOT NULL AS "used!"
             FROM blobs WHERE id > $1 ORDER BY id LIMIT $2"#,
            after.map_or(BEFORE_ALL, Uuid::from),
            size.rows_and_one(),
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing blobs"))?;
        page(rows, size, |found| found.blob().id)
    }
}

#[async_trait]
impl BlobsMut for Session {
    async fn insert(&mut self, blob: &Blob) -> Result<(), StoreError> {
        let row = BlobRow::try_from(blob)?;
        loop {
            let added = sqlx::query!(
                "INSERT INTO blobs (id, sha256, size_bytes) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                row.id,
                row.sha256,
                row.size_bytes,
            )
            .execute(self.connection())
            .await
            .map_err(self.failed("adding a blob"))?;
            if added.rows_affected() > 0 {
                return Ok(());
            }
            // From here to the end of the unit nobody removes it.
            let known = sqlx::query!("SELECT id FROM blobs WHERE sha256 = $1 FOR KEY SHARE", row.sha256)
                .fetch_optional(self.connection())
                .await
                .map_err(self.failed("finding a blob"))?;
            if known.is_some() {
                return Err(StoreError::Conflict(Key::Blob));
            }
            if Blobs::find(self, blob.id).await?.is_some() {
                return Err(StoreError::Conflict(Key::Id));
            }
            // It was removed between the two statements, so there is room now.
        }
    }

    async fn remove_unused(&mut self, id: BlobId) -> Result<bool, StoreError> {
        let id = Uuid::from(id);
        // Whoever is about to use it holds it, and is not waited for: the blob is not garbage then.
        let free = sqlx::query!("SELECT id FROM blobs WHERE id = $1 FOR UPDATE SKIP LOCKED", id)
            .fetch_optional(self.connection())
            .await
            .map_err(self.failed("removing a blob"))?;
        if free.is_none() {
            return Ok(false);
        }
        // A statement of its own, so that it sees the builds of all who held the blob before.
        let removed = sqlx::query!(
            "DELETE FROM blobs WHERE id = $1
                AND NOT EXISTS (SELECT 1 FROM builds WHERE package_blob = $1)
                AND NOT EXISTS (SELECT 1 FROM builds WHERE display_image = $1)
                AND NOT EXISTS (SELECT 1 FROM builds WHERE full_size_image = $1)",
            id,
        )
        .execute(self.connection())
        .await
        .map_err(self.failed("removing a blob"))?;
        Ok(removed.rows_affected() > 0)
    }
}
