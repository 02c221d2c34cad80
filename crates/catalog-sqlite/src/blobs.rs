use async_trait::async_trait;
use catalog::{Blob, BlobId, BlobUse, Blobs, BlobsMut, Key, Page, PageSize, Sha256, StoreError};

use crate::failure::{failed, refused};
use crate::row::{BEFORE_ALL, Malformed, Row, page, signed};
use crate::session::Session;

struct BlobRow {
    id: Vec<u8>,
    sha256: Vec<u8>,
    size_bytes: i64,
}

impl Row for BlobRow {
    type Item = Blob;
    const WHAT: &'static str = "blob";

    fn read(self) -> Result<Blob, Malformed> {
        Ok(Blob {
            id: BlobId::from_bytes(&self.id)?,
            sha256: Sha256::from_bytes(&self.sha256)?,
            size_bytes: self.size_bytes.try_into()?,
        })
    }
}

struct BlobUseRow {
    id: Vec<u8>,
    sha256: Vec<u8>,
    size_bytes: i64,
    used: bool,
}

impl Row for BlobUseRow {
    type Item = BlobUse;
    const WHAT: &'static str = "blob";

    fn read(self) -> Result<BlobUse, Malformed> {
        let blob = BlobRow { id: self.id, sha256: self.sha256, size_bytes: self.size_bytes }.read()?;
        Ok(if self.used { BlobUse::Used(blob) } else { BlobUse::Unused(blob) })
    }
}

#[async_trait]
impl Blobs for Session {
    async fn find(&mut self, id: BlobId) -> Result<Option<Blob>, StoreError> {
        let id = id.as_bytes().as_slice();
        let row = sqlx::query_as!(BlobRow, "SELECT id, sha256, size_bytes FROM blobs WHERE id = ?", id)
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding a blob"))?;
        row.map(Row::item).transpose()
    }

    async fn find_by_sha256(&mut self, sha256: &Sha256) -> Result<Option<Blob>, StoreError> {
        let sha256 = sha256.as_bytes().as_slice();
        let row =
            sqlx::query_as!(BlobRow, "SELECT id, sha256, size_bytes FROM blobs WHERE sha256 = ?", sha256)
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
                id,
                sha256,
                size_bytes,
                EXISTS (SELECT 1 FROM builds WHERE package_blob = blobs.id)
                    OR EXISTS (SELECT 1 FROM builds WHERE display_image = blobs.id)
                    OR EXISTS (SELECT 1 FROM builds WHERE full_size_image = blobs.id) AS "used!: bool"
             FROM blobs WHERE id > ? ORDER BY id LIMIT ?"#,
            after.as_ref().map_or(&BEFORE_ALL, BlobId::as_bytes).as_slice(),
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
        let added = sqlx::query!(
            "INSERT INTO blobs (id, sha256, size_bytes) VALUES (?, ?, ?) ON CONFLICT (sha256) DO NOTHING",
            blob.id.as_bytes().as_slice(),
            blob.sha256.as_bytes().as_slice(),
            signed(blob.size_bytes)?,
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
            id.as_bytes().as_slice(),
        )
        .execute(self.connection())
        .await
        .map_err(failed("removing a blob"))?;
        Ok(removed.rows_affected() > 0)
    }
}
