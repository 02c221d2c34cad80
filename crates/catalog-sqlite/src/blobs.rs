use async_trait::async_trait;
use catalog::row::{BEFORE_ALL, BlobRow, BlobUseRow, Row, page};
use catalog::{Blob, BlobId, BlobUse, Blobs, BlobsMut, Key, Page, PageSize, Sha256, StoreError};
use uuid::Uuid;

use crate::failure::{failed, refused};
use crate::session::Session;

macro_rules! select_blobs {
    ($rest:literal, $argument:expr) => {
        sqlx::query_as!(
            BlobRow,
            r#"SELECT id AS "id: Uuid", sha256, size_bytes FROM blobs "# + $rest,
            $argument
        )
    };
}

#[async_trait]
impl Blobs for Session {
    async fn find(&mut self, id: BlobId) -> Result<Option<Blob>, StoreError> {
        let row = select_blobs!("WHERE id = ?", Uuid::from(id))
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding a blob"))?;
        row.map(Row::item).transpose()
    }

    async fn find_by_sha256(&mut self, sha256: &Sha256) -> Result<Option<Blob>, StoreError> {
        let row = select_blobs!("WHERE sha256 = ?", sha256.as_bytes().as_slice())
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding a blob"))?;
        row.map(Row::item).transpose()
    }

    async fn unknown(&mut self, ids: &[BlobId]) -> Result<Vec<BlobId>, StoreError> {
        let mut unknown = Vec::new();
        for id in ids {
            if Blobs::find(self, *id).await?.is_none() {
                unknown.push(*id);
            }
        }
        Ok(unknown)
    }

    async fn list(
        &mut self,
        after: Option<BlobId>,
        size: PageSize,
    ) -> Result<Page<BlobUse, BlobId>, StoreError> {
        let rows = sqlx::query_as!(
            BlobUseRow,
            r#"SELECT
                id AS "id: Uuid",
                sha256,
                size_bytes,
                EXISTS (SELECT 1 FROM builds WHERE package_blob = blobs.id)
                    OR EXISTS (SELECT 1 FROM builds WHERE display_image = blobs.id)
                    OR EXISTS (SELECT 1 FROM builds WHERE full_size_image = blobs.id) AS "used!: bool"
             FROM blobs WHERE id > ? ORDER BY id LIMIT +?"#,
            after.map_or(BEFORE_ALL, Uuid::from),
            size.rows_and_one(),
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing blobs"))?;
        page(rows, size, |found| found.blob().id)
    }
}

#[async_trait]
impl BlobsMut for Session {
    async fn insert(&mut self, blob: &Blob) -> Result<(), StoreError> {
        let row = BlobRow::try_from(blob)?;
        let added = sqlx::query!(
            "INSERT INTO blobs (id, sha256, size_bytes) VALUES (?, ?, ?) ON CONFLICT (sha256) DO NOTHING",
            row.id,
            row.sha256,
            row.size_bytes,
        )
        .execute(self.connection())
        .await
        .map_err(refused("blob"))?;
        if added.rows_affected() == 0 { Err(StoreError::Conflict(Key::Blob)) } else { Ok(()) }
    }

    async fn remove_unused(&mut self, id: BlobId) -> Result<bool, StoreError> {
        let removed = sqlx::query!(
            "DELETE FROM blobs WHERE id = ?1
                AND NOT EXISTS (SELECT 1 FROM builds WHERE package_blob = ?1)
                AND NOT EXISTS (SELECT 1 FROM builds WHERE display_image = ?1)
                AND NOT EXISTS (SELECT 1 FROM builds WHERE full_size_image = ?1)",
            Uuid::from(id),
        )
        .execute(self.connection())
        .await
        .map_err(failed("removing a blob"))?;
        Ok(removed.rows_affected() > 0)
    }
}
