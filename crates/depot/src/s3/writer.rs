use std::{io, mem, sync::Arc};

use async_trait::async_trait;
use bytes::Bytes;
use object_store::multipart::{MultipartStore as _, PartId};
use object_store::{ObjectStoreExt as _, PutPayload};
use ring::digest;
use tokio::{runtime::Handle, task::JoinSet};

use super::{Bucket, copy::LocalCopy, failure::Purpose, unfinished};
use crate::{BlobKey, BlobWriter, DepotError, StoredBlob};

/// Bytes of a part: all have the same but the last, as some storage demands. 10,000 of them make 78 GiB.
const PART_BYTES: usize = 8 * 1024 * 1024;

/// Parts on their way at once, beside the one that is gathered.
const PARTS_UNDER_WAY: usize = 2;

const WRITING: &str = "writing a blob";
const COMPLETING: &str = "making a blob durable";

/// A blob on its way to a bucket: one request when it is small, else an upload in parts.
pub(super) struct ObjectWriter {
    bucket: Arc<Bucket>,
    key: BlobKey,
    size_bytes: u64,
    sha256: digest::Context,
    gathered: Vec<Bytes>,
    gathered_bytes: usize,
    stage: Stage,
    copy: Option<Arc<LocalCopy>>,
}

enum Stage {
    /// All that came fits one part.
    Small,
    Parts(Upload),
    /// Finished, aborted or failed.
    Over,
}

/// An upload in parts.
struct Upload {
    id: String,
    next: usize,
    under_way: JoinSet<Result<(usize, PartId), object_store::Error>>,
    done: Vec<(usize, PartId)>,
}

impl ObjectWriter {
    pub(super) fn new(bucket: Arc<Bucket>, key: BlobKey) -> Self {
        let copy = bucket.copies.clone().map(LocalCopy::begin);
        Self {
            copy,
            bucket,
            key,
            size_bytes: 0,
            sha256: digest::Context::new(&digest::SHA256),
            gathered: Vec::new(),
            gathered_bytes: 0,
            stage: Stage::Small,
        }
    }

    /// Takes as much as the part still lacks.
    fn gather(&mut self, bytes: &mut Bytes) {
        let taken = bytes.split_to(bytes.len().min(PART_BYTES - self.gathered_bytes));
        self.gathered_bytes += taken.len();
        self.gathered.push(taken);
    }

    fn take_gathered(&mut self) -> PutPayload {
        self.gathered_bytes = 0;
        mem::take(&mut self.gathered).into_iter().collect()
    }

    /// Sends what was gathered as the next part.
    async fn send_part(&mut self) -> Result<(), DepotError> {
        if let Stage::Small = self.stage {
            self.stage = Stage::Parts(Upload::begin(&self.bucket, self.key).await?);
        }
        let part = self.take_gathered();
        let Stage::Parts(upload) = &mut self.stage else { return Err(DepotError::Failed(self.key)) };
        upload.send(&self.bucket, self.key, part, self.copy.clone()).await
    }

    /// Gives up what was sent, as far as the storage still answers, and has nobody wait for that.
    fn give_up(&mut self) {
        if let Stage::Parts(upload) = mem::replace(&mut self.stage, Stage::Over)
            && let Ok(runtime) = Handle::try_current()
        {
            let (bucket, key) = (Arc::clone(&self.bucket), self.key);
            // Nothing can be done about a failure here, and `sweep` finds what stays.
            runtime.spawn(async move { upload.abandon(&bucket, key).await });
        }
    }

    async fn complete(&mut self) -> Result<(), DepotError> {
        let place = self.bucket.place(self.key);
        match &self.stage {
            Stage::Over => return Err(DepotError::Failed(self.key)),
            Stage::Small => {
                let all = self.take_gathered();
                let copied = copied(self.copy.clone(), 0, &all);
                let written = self.bucket.uploads.put(&place, all).await;
                self.bucket.health.heard(Purpose::Writing, WRITING, written)?;
                copied.await;
            }
            Stage::Parts(_) => {
                if self.gathered_bytes > 0 {
                    self.send_part().await?;
                }
                let Stage::Parts(upload) = &mut self.stage else { return Err(DepotError::Failed(self.key)) };
                let parts = upload.all_sent(&self.bucket).await?;
                let completed = self.bucket.uploads.complete_multipart(&place, &upload.id, parts).await;
                let completed = self.bucket.health.heard(Purpose::Writing, COMPLETING, completed);
                return self.verify(completed.map(drop)).await;
            }
        }
        self.verify(Ok(())).await
    }

    /// Asks the storage what it has: an answer that says "done" may have lost a part; and where the answer itself was
    /// lost, asking again finds no upload any more, but the whole blob.
    async fn verify(&self, completed: Result<(), DepotError>) -> Result<(), DepotError> {
        let seen = match (completed, self.bucket.head(self.key).await) {
            (Ok(()), seen) => seen?.map_or(0, |blob| blob.size),
            (Err(_), Ok(Some(blob))) if blob.size == self.size_bytes => blob.size,
            (Err(error), _) => return Err(error),
        };
        if seen == self.size_bytes {
            if let Stage::Parts(_) = self.stage {
                // The note may stay: `sweep` sees that there is nothing to give up.
                let _ = self.bucket.delete(&self.bucket.note(self.key), COMPLETING).await;
            }
            return Ok(());
        }
        // Half a blob under its final name must not stay.
        let _ = self.bucket.delete(&self.bucket.place(self.key), COMPLETING).await;
        let sent = self.size_bytes;
        let cause = io::Error::other(format!("it has {seen} bytes, {sent} were sent"));
        Err(DepotError::Lost(COMPLETING, cause))
    }
}

impl Upload {
    async fn begin(bucket: &Bucket, key: BlobKey) -> Result<Self, DepotError> {
        let begun = bucket.store.create_multipart(&bucket.place(key)).await;
        let id = bucket.health.heard(Purpose::Writing, "beginning a blob", begun)?;
        let upload = Self { id, next: 0, under_way: JoinSet::new(), done: Vec::new() };
        match unfinished::note(bucket, key, &upload.id).await {
            Ok(()) => Ok(upload),
            Err(error) => {
                let _ = upload.abandon(bucket, key).await;
                Err(error)
            }
        }
    }

    /// Begins to send a part, once there is room for it.
    async fn send(
        &mut self,
        bucket: &Arc<Bucket>,
        key: BlobKey,
        part: PutPayload,
        copy: Option<Arc<LocalCopy>>,
    ) -> Result<(), DepotError> {
        while self.under_way.len() >= PARTS_UNDER_WAY {
            self.settle_one(bucket).await?;
        }
        let (bucket, id, number) = (Arc::clone(bucket), self.id.clone(), self.next);
        self.next += 1;
        self.under_way.spawn(async move {
            let copied = copied(copy, (number * PART_BYTES) as u64, &part);
            let part = bucket.uploads.put_part(&bucket.place(key), &id, number, part).await?;
            copied.await;
            Ok((number, part))
        });
        Ok(())
    }

    /// Waits for one of the parts under way; says whether there was one.
    async fn settle_one(&mut self, bucket: &Bucket) -> Result<bool, DepotError> {
        let Some(settled) = self.under_way.join_next().await else { return Ok(false) };
        let part = settled.map_err(|dead| DepotError::Io(WRITING, dead.into()))?;
        self.done.push(bucket.health.heard(Purpose::Writing, WRITING, part)?);
        Ok(true)
    }

    async fn all_sent(&mut self, bucket: &Bucket) -> Result<Vec<PartId>, DepotError> {
        while self.settle_one(bucket).await? {}
        let mut parts = mem::take(&mut self.done);
        parts.sort_unstable_by_key(|(number, _)| *number);
        Ok(parts.into_iter().map(|(_, part)| part).collect())
    }

    async fn abandon(mut self, bucket: &Bucket, key: BlobKey) -> Result<(), DepotError> {
        // A part that arrives after the upload was given up would stay.
        self.under_way.shutdown().await;
        unfinished::abandon(bucket, key, &self.id).await
    }
}

/// Begins to copy a part; done when the copy is, whatever became of it, which it knows itself.
fn copied(copy: Option<Arc<LocalCopy>>, offset: u64, part: &PutPayload) -> impl Future<Output = ()> + use<> {
    let copying = copy.map(|copy| {
        let part = part.clone();
        tokio::task::spawn_blocking(move || copy.add(offset, &part))
    });
    async move {
        if let Some(copying) = copying {
            let _ = copying.await;
        }
    }
}

#[async_trait]
impl BlobWriter for ObjectWriter {
    async fn write(&mut self, mut bytes: Bytes) -> Result<(), DepotError> {
        if let Stage::Over = self.stage {
            return Err(DepotError::Failed(self.key));
        }
        self.size_bytes += bytes.len() as u64;
        self.sha256.update(&bytes);
        while !bytes.is_empty() {
            // A full part waits until more comes, so that the last one is never empty.
            if self.gathered_bytes == PART_BYTES
                && let Err(error) = self.send_part().await
            {
                self.give_up();
                return Err(error);
            }
            self.gather(&mut bytes);
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<StoredBlob, DepotError> {
        if let Err(error) = self.complete().await {
            self.give_up();
            return Err(error);
        }
        self.stage = Stage::Over;
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(self.sha256.clone().finish().as_ref());
        let copy = self.copy.take().and_then(|copy| copy.whole(self.size_bytes));
        Ok(StoredBlob { key: self.key, size_bytes: self.size_bytes, sha256, copy })
    }

    async fn abort(mut self: Box<Self>) -> Result<(), DepotError> {
        match mem::replace(&mut self.stage, Stage::Over) {
            Stage::Parts(upload) => upload.abandon(&self.bucket, self.key).await,
            Stage::Small | Stage::Over => Ok(()),
        }
    }
}

impl Drop for ObjectWriter {
    fn drop(&mut self) {
        self.give_up();
    }
}
