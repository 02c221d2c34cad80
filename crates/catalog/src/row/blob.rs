use uuid::Uuid;

use super::{Malformed, Row, signed};
use crate::{Blob, BlobUse, Sha256, StoreError};

/// A row of `blobs`.
#[expect(missing_docs, reason = "the columns of the table, and the fields of `Blob`")]
#[derive(Clone, Debug)]
pub struct BlobRow {
    pub id: Uuid,
    pub sha256: Vec<u8>,
    pub size_bytes: i64,
}

impl Row for BlobRow {
    type Item = Blob;
    const WHAT: &'static str = "blob";

    fn read(self) -> Result<Blob, Malformed> {
        Ok(Blob {
            id: self.id.try_into()?,
            sha256: Sha256::from_bytes(&self.sha256)?,
            size_bytes: self.size_bytes.try_into()?,
        })
    }
}

impl TryFrom<&Blob> for BlobRow {
    type Error = StoreError;

    fn try_from(blob: &Blob) -> Result<Self, StoreError> {
        Ok(Self {
            id: blob.id.into(),
            sha256: blob.sha256.as_bytes().to_vec(),
            size_bytes: signed(blob.size_bytes)?,
        })
    }
}

/// A row of `blobs`, and whether a build names it.
#[expect(missing_docs, reason = "the columns of the table, and the variants of `BlobUse`")]
#[derive(Clone, Debug)]
pub struct BlobUseRow {
    pub id: Uuid,
    pub sha256: Vec<u8>,
    pub size_bytes: i64,
    pub used: bool,
}

impl Row for BlobUseRow {
    type Item = BlobUse;
    const WHAT: &'static str = "blob";

    fn read(self) -> Result<BlobUse, Malformed> {
        let blob = BlobRow { id: self.id, sha256: self.sha256, size_bytes: self.size_bytes }.read()?;
        Ok(if self.used { BlobUse::Used(blob) } else { BlobUse::Unused(blob) })
    }
}
