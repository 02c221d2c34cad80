mod layout;
mod stream;
mod writer;

use std::{fs::File, io, os::fd::AsFd as _, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use ipa::ReadAt;
use time::UtcDateTime;
use url::Url;

use self::{
    layout::Layout,
    stream::FileSource,
    writer::{DiskWriter, Sink},
};
use crate::{Blob, BlobKey, BlobWriter, Depot, DepotError, ListedBlob, Swept};

/// Blobs as files: `blobs/ab/cd/<key>` when finished, `incoming/<key>` before.
///
/// `ab` and `cd` are the last two bytes of the key. Folders and files belong to the server's user alone. A clone is
/// another handle on the same folder.
#[derive(Clone, Debug)]
pub struct Disk {
    layout: Arc<Layout>,
}

impl Disk {
    /// Opens the depot in `folder`, which is made where it is missing. Blocks for a few system calls.
    ///
    /// # Errors
    ///
    /// [`DepotError::ReadOnly`] and [`DepotError::Io`] when the folder cannot be made, [`DepotError::Divided`] when
    /// its two parts are on different file systems.
    pub fn open(folder: &Path) -> Result<Self, DepotError> {
        Ok(Self { layout: Arc::new(Layout::open(folder)?) })
    }

    /// Runs file work where it may block.
    async fn blocking<T: Send + 'static>(
        &self,
        doing: &'static str,
        work: impl FnOnce(&Layout) -> Result<T, DepotError> + Send + 'static,
    ) -> Result<T, DepotError> {
        let layout = Arc::clone(&self.layout);
        tokio::task::spawn_blocking(move || work(&layout))
            .await
            .map_err(|dead| DepotError::Io(doing, dead.into()))?
    }

    async fn file(&self, key: BlobKey) -> Result<OpenFile, DepotError> {
        let doing = "opening a blob";
        self.blocking(doing, move |layout| {
            let file = File::open(layout.place(key)).map_err(|cause| match cause.kind() {
                io::ErrorKind::NotFound => DepotError::NotFound(key),
                _ => DepotError::Io(doing, cause),
            })?;
            let size_bytes = file.metadata().map_err(DepotError::while_doing(doing))?.len();
            Ok(OpenFile { file, size_bytes })
        })
        .await
    }
}

struct OpenFile {
    file: File,
    size_bytes: u64,
}

#[async_trait]
impl Depot for Disk {
    async fn create(&self, key: BlobKey) -> Result<Box<dyn BlobWriter>, DepotError> {
        let sink = self.blocking("beginning a blob", move |layout| Sink::create(layout, key)).await?;
        Ok(Box::new(DiskWriter::new(Arc::clone(&self.layout), key, sink)))
    }

    async fn open(&self, key: BlobKey) -> Result<Blob, DepotError> {
        let OpenFile { file, size_bytes } = self.file(key).await?;
        Ok(Blob::new(size_bytes, FileSource::new(file)))
    }

    async fn presigned(&self, _: BlobKey, _: Duration) -> Result<Option<Url>, DepotError> {
        Ok(None)
    }

    async fn reader(&self, key: BlobKey) -> Result<Arc<dyn ReadAt>, DepotError> {
        Ok(Arc::new(self.file(key).await?.file))
    }

    async fn delete(&self, key: BlobKey) -> Result<(), DepotError> {
        self.blocking("deleting a blob", move |layout| layout.delete(key)).await
    }

    async fn list(&self, after: Option<BlobKey>, limit: usize) -> Result<Vec<ListedBlob>, DepotError> {
        self.blocking("listing blobs", move |layout| layout.list(after, limit)).await
    }

    async fn sweep(&self, before: UtcDateTime) -> Result<Swept, DepotError> {
        self.blocking("sweeping up", move |layout| layout.sweep(before)).await
    }

    async fn free_bytes(&self) -> Result<Option<u64>, DepotError> {
        let doing = "asking for free space";
        self.blocking(doing, move |layout| {
            let folder = File::open(layout.incoming()).map_err(DepotError::while_doing(doing))?;
            let system = rustix::fs::fstatvfs(folder.as_fd())
                .map_err(|number| DepotError::Io(doing, number.into()))?;
            Ok(Some(system.f_bavail.saturating_mul(system.f_frsize)))
        })
        .await
    }

    async fn check(&self) -> Result<(), DepotError> {
        self.blocking("checking the storage", Layout::check).await
    }
}
