mod copy;
mod failure;
mod presigned;
mod reader;
mod settings;
mod stream;
mod unfinished;
mod writer;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::{StreamExt as _, TryStreamExt as _};
use ipa::{BlockCache, ReadAt};
use object_store::aws::AmazonS3;
use object_store::path::Path;
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt as _, PutPayload};
use time::UtcDateTime;
use tokio::runtime::Handle;
use url::Url;

use self::failure::{Health, Purpose};
pub use self::presigned::PresignedError;
pub use self::settings::{
    S3Addressing, S3Credentials, S3Delivery, S3Encryption, S3Settings, S3SettingsError,
};
use self::{reader::ObjectReader, stream::ObjectSource, writer::ObjectWriter};
use crate::{Blob, BlobKey, BlobWriter, Depot, DepotError, ListedBlob, Swept};

/// Blobs as objects in a bucket of S3-compatible storage: `<prefix>/blobs/<key>` when finished.
///
/// A large blob is a multipart upload before; `<prefix>/incoming/<key>` then names that upload, so that
/// [`sweep`](Depot::sweep) finds it on storage that can't list uploads. It relies on no conditional request: keys are
/// random and used once. A clone shares the connections.
#[derive(Clone, Debug)]
pub struct S3 {
    bucket: Arc<Bucket>,
}

/// The storage, and what is where in it.
#[derive(Debug)]
struct Bucket {
    store: AmazonS3,
    /// The same for requests that carry an upload, which may take longer.
    uploads: AmazonS3,
    prefix: Path,
    delivery: S3Delivery,
    roots_pem: Option<Vec<u8>>,
    copies: Option<PathBuf>,
    health: Health,
}

impl Bucket {
    fn blobs(&self) -> Path {
        self.prefix.clone().join("blobs")
    }

    fn incoming(&self) -> Path {
        self.prefix.clone().join("incoming")
    }

    /// Where a finished blob stands.
    fn place(&self, key: BlobKey) -> Path {
        self.blobs().join(key.to_string())
    }

    /// What names an unfinished upload.
    fn note(&self, key: BlobKey) -> Path {
        self.incoming().join(key.to_string())
    }

    async fn head(&self, key: BlobKey) -> Result<Option<ObjectMeta>, DepotError> {
        let answer = self.store.head(&self.place(key)).await;
        found(self.health.heard(Purpose::Reading, "looking for a blob", answer))
    }

    async fn size_of(&self, key: BlobKey) -> Result<u64, DepotError> {
        Ok(self.head(key).await?.ok_or(DepotError::NotFound(key))?.size)
    }

    /// Deletes an object; one that is not there is no error.
    async fn delete(&self, path: &Path, doing: &'static str) -> Result<(), DepotError> {
        let answer = self.store.delete(path).await;
        found(self.health.heard(Purpose::Writing, doing, answer)).map(drop)
    }
}

/// What is not there is no error.
fn found<T>(heard: Result<T, DepotError>) -> Result<Option<T>, DepotError> {
    match heard {
        Ok(found) => Ok(Some(found)),
        Err(DepotError::Lost(..)) => Ok(None),
        Err(error) => Err(error),
    }
}

impl S3 {
    /// Prepares to work with a bucket. Sends nothing yet: [`check`](Depot::check) finds out whether it works.
    ///
    /// The program must have installed a default provider of `rustls` before.
    ///
    /// # Errors
    ///
    /// [`S3SettingsError`] for settings that can't work.
    pub fn new(settings: &S3Settings) -> Result<Self, S3SettingsError> {
        let (store, uploads) = settings.build()?;
        let prefix = Path::parse(&settings.prefix).map_err(S3SettingsError::Prefix)?;
        let health = Health::of(&settings.bucket);
        let (delivery, roots_pem) = (settings.delivery, settings.roots_pem.clone());
        let copies = settings.copies.clone();
        Ok(Self { bucket: Arc::new(Bucket { store, uploads, prefix, delivery, roots_pem, copies, health }) })
    }

    /// Whether devices can fetch packages from the storage itself at addresses that last as long as this: stores
    /// something small, and asks for it as a device does.
    ///
    /// # Errors
    ///
    /// [`PresignedError`] says why not.
    pub async fn probe_presigned(&self, lasts: Duration) -> Result<(), PresignedError> {
        presigned::probe(&self.bucket, lasts).await
    }
}

#[async_trait]
impl Depot for S3 {
    async fn create(&self, key: BlobKey) -> Result<Box<dyn BlobWriter>, DepotError> {
        if self.bucket.head(key).await?.is_some() {
            return Err(DepotError::Exists(key));
        }
        Ok(Box::new(ObjectWriter::new(Arc::clone(&self.bucket), key)))
    }

    async fn open(&self, key: BlobKey) -> Result<Blob, DepotError> {
        let size_bytes = self.bucket.size_of(key).await?;
        Ok(Blob::new(size_bytes, ObjectSource::new(Arc::clone(&self.bucket), key)))
    }

    async fn presigned(&self, key: BlobKey, lasts: Duration) -> Result<Option<Url>, DepotError> {
        match self.bucket.delivery {
            S3Delivery::Through => Ok(None),
            S3Delivery::Presigned | S3Delivery::PresignedWithoutSize => {
                self.bucket.presign(&self.bucket.place(key), lasts).await.map(Some)
            }
        }
    }

    async fn reader(&self, key: BlobKey) -> Result<Arc<dyn ReadAt>, DepotError> {
        let size_bytes = self.bucket.size_of(key).await?;
        let object = ObjectReader::new(Arc::clone(&self.bucket), key, size_bytes, Handle::current());
        Ok(Arc::new(BlockCache::new(object)))
    }

    fn is_far(&self) -> bool {
        true
    }

    async fn delete(&self, key: BlobKey) -> Result<(), DepotError> {
        self.bucket.delete(&self.bucket.place(key), "deleting a blob").await
    }

    async fn list(&self, after: Option<BlobKey>, limit: usize) -> Result<Vec<ListedBlob>, DepotError> {
        let blobs = self.bucket.blobs();
        let objects = match after {
            Some(after) => self.bucket.store.list_with_offset(Some(&blobs), &self.bucket.place(after)),
            None => self.bucket.store.list(Some(&blobs)),
        };
        // Anything else in there is not ours.
        let ours = objects.try_filter_map(async |object| Ok(listed(&object)));
        self.bucket.health.heard(Purpose::Reading, "listing blobs", ours.take(limit).try_collect().await)
    }

    async fn sweep(&self, before: UtcDateTime) -> Result<Swept, DepotError> {
        unfinished::sweep(&self.bucket, before).await
    }

    async fn free_bytes(&self) -> Result<Option<u64>, DepotError> {
        Ok(None)
    }

    async fn check(&self) -> Result<(), DepotError> {
        let key = self.bucket.store.credentials().get_credential().await;
        let looking = "looking for the key to the storage";
        key.map_err(|error| self.bucket.health.failed(Purpose::Writing, looking, &error))?;
        let doing = "checking the storage";
        let probe = self.bucket.prefix.clone().join("check");
        let written = self.bucket.store.put(&probe, PutPayload::from_static(b"airstair")).await;
        self.bucket.health.heard(Purpose::Writing, doing, written)?;
        self.bucket.delete(&probe, doing).await
    }
}

fn listed(object: &ObjectMeta) -> Option<ListedBlob> {
    Some(ListedBlob {
        key: object.location.filename()?.parse().ok()?,
        size_bytes: object.size,
        modified_at: modified_at(object),
    })
}

fn modified_at(object: &ObjectMeta) -> UtcDateTime {
    let millis = i128::from(object.last_modified.timestamp_millis());
    UtcDateTime::from_unix_timestamp_nanos(millis * 1_000_000).unwrap_or(UtcDateTime::UNIX_EPOCH)
}
