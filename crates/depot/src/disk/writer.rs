use std::{
    fs::{self, File, OpenOptions},
    io::{self, IoSlice, Write as _},
    mem,
    os::unix::fs::OpenOptionsExt as _,
    path::PathBuf,
    sync::Arc,
};

use async_trait::async_trait;
use bytes::Bytes;
use ring::digest;
use rustix::fs::{Timespec, Timestamps, UTIME_NOW};
use tokio::{runtime::Handle, task::JoinHandle};

use super::layout::Layout;
use crate::{BlobKey, BlobWriter, DepotError, StoredBlob};

/// Bytes gathered before a thread is asked to write and hash them. One such batch is gathered while the one before is
/// written: a writer holds two.
const BATCH_BYTES: usize = 1024 * 1024;

/// Pieces in one batch, however small they are: what one `writev` takes on Linux, and a bound on their bookkeeping.
const BATCH_PIECES: usize = 1024;

/// Bytes written before the kernel is asked to bring them to the disk: without, it lets a tenth of the memory pile up.
const WRITEBACK_BYTES: u64 = 8 * 1024 * 1024;

const WRITING: &str = "writing a blob";

/// A blob on its way to disk.
pub(super) struct DiskWriter {
    layout: Arc<Layout>,
    key: BlobKey,
    stage: Stage,
    batch: Vec<Bytes>,
    batch_bytes: usize,
}

enum Stage {
    Idle(Box<Sink>),
    Busy(JoinHandle<Result<Box<Sink>, DepotError>>),
    /// The sink is out of the writer's hands and does not come back; its name may still stand.
    Taken,
    /// Finished, failed or aborted: nothing is left to clean up.
    Over,
}

impl DiskWriter {
    pub(super) fn new(layout: Arc<Layout>, key: BlobKey, sink: Sink) -> Self {
        Self { layout, key, stage: Stage::Idle(Box::new(sink)), batch: Vec::new(), batch_bytes: 0 }
    }

    /// Waits for the batch on its way, if any.
    async fn settle(&mut self) -> Result<(), DepotError> {
        if let Stage::Busy(job) = &mut self.stage {
            let written = job.await.map_err(|dead| DepotError::Io(WRITING, dead.into())).flatten();
            match written {
                Ok(sink) => self.stage = Stage::Idle(sink),
                Err(error) => {
                    self.stage = Stage::Over;
                    self.remove();
                    return Err(error);
                }
            }
        }
        Ok(())
    }

    /// Takes the idle sink.
    async fn sink(&mut self) -> Result<Box<Sink>, DepotError> {
        self.settle().await?;
        match mem::replace(&mut self.stage, Stage::Taken) {
            Stage::Idle(sink) => Ok(sink),
            other => {
                self.stage = other;
                Err(DepotError::Failed(self.key))
            }
        }
    }

    fn take_batch(&mut self) -> Vec<Bytes> {
        self.batch_bytes = 0;
        mem::take(&mut self.batch)
    }

    /// Takes the name away at once; the bytes go when the last handle on the file is closed.
    fn remove(&self) {
        // Nothing can be done about a failure here, and `sweep` finds what stays.
        let _ = fs::remove_file(self.layout.desk(self.key));
    }
}

#[async_trait]
impl BlobWriter for DiskWriter {
    async fn write(&mut self, bytes: Bytes) -> Result<(), DepotError> {
        if let Stage::Over = self.stage {
            return Err(DepotError::Failed(self.key));
        }
        if bytes.is_empty() {
            return Ok(());
        }
        self.batch_bytes += bytes.len();
        self.batch.push(bytes);
        if self.batch_bytes >= BATCH_BYTES || self.batch.len() >= BATCH_PIECES {
            let mut sink = self.sink().await?;
            let batch = self.take_batch();
            self.stage = Stage::Busy(tokio::task::spawn_blocking(move || {
                sink.write(&batch).map_err(DepotError::while_doing(WRITING))?;
                Ok(sink)
            }));
        }
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> Result<StoredBlob, DepotError> {
        let mut sink = self.sink().await?;
        let batch = self.take_batch();
        let (layout, key) = (Arc::clone(&self.layout), self.key);
        let last = tokio::task::spawn_blocking(move || {
            sink.write(&batch).map_err(DepotError::while_doing(WRITING))?;
            sink.keep(&layout, key).map_err(DepotError::while_doing("making a blob durable"))
        });
        let stored = last.await.map_err(|dead| DepotError::Io(WRITING, dead.into())).flatten()?;
        self.stage = Stage::Over;
        Ok(stored)
    }

    async fn abort(mut self: Box<Self>) -> Result<(), DepotError> {
        let sink = self.sink().await.ok();
        self.stage = Stage::Over;
        let desk = self.layout.desk(self.key);
        let removal = tokio::task::spawn_blocking(move || {
            drop(sink);
            match fs::remove_file(desk) {
                Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(cause),
                _ => Ok(()),
            }
        });
        let removed = removal.await.map_err(io::Error::from).flatten();
        removed.map_err(DepotError::while_doing("removing an aborted blob"))
    }
}

impl Drop for DiskWriter {
    fn drop(&mut self) {
        let stage = mem::replace(&mut self.stage, Stage::Over);
        if let Stage::Over = stage {
            return;
        }
        self.remove();
        // Closing frees the blocks of a large file, which takes its time: not on a thread of the runtime.
        if let (Stage::Idle(sink), Ok(runtime)) = (stage, Handle::try_current()) {
            runtime.spawn_blocking(move || drop(sink));
        }
    }
}

/// The open file of a blob on its way, and what is known about it so far.
pub(super) struct Sink {
    file: File,
    size_bytes: u64,
    started_bytes: u64,
    sha256: digest::Context,
}

impl Sink {
    pub(super) fn create(layout: &Layout, key: BlobKey) -> Result<Self, DepotError> {
        let doing = "beginning a blob";
        let desk: PathBuf = layout.desk(key);
        let opened = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&desk);
        let file = opened.map_err(|cause| match cause.kind() {
            io::ErrorKind::AlreadyExists => DepotError::Exists(key),
            _ => DepotError::while_doing(doing)(cause),
        })?;
        // The lock tells `sweep` that the writer lives. Without locks there, the file's age has to do.
        let _ = file.try_lock();
        // In this order: a writer that finished since has taken its file from the desk, so it is seen at its place.
        match fs::exists(layout.place(key)) {
            Ok(false) => Ok(Self {
                file,
                size_bytes: 0,
                started_bytes: 0,
                sha256: digest::Context::new(&digest::SHA256),
            }),
            other => {
                let _ = fs::remove_file(desk);
                Err(other.map_or_else(DepotError::while_doing(doing), |_| DepotError::Exists(key)))
            }
        }
    }

    fn write(&mut self, batch: &[Bytes]) -> io::Result<()> {
        let mut pieces: Vec<IoSlice<'_>> = batch.iter().map(|piece| IoSlice::new(piece)).collect();
        let mut rest = &mut pieces[..];
        while !rest.is_empty() {
            match self.file.write_vectored(rest) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => {
                    IoSlice::advance_slices(&mut rest, written);
                    self.size_bytes += written as u64;
                }
                Err(cause) if cause.kind() == io::ErrorKind::Interrupted => {}
                Err(cause) => return Err(cause),
            }
        }
        for piece in batch {
            self.sha256.update(piece);
        }
        self.start_writeback();
        Ok(())
    }

    /// Has the disk work while bytes arrive, so that the final sync has little left to wait for.
    fn start_writeback(&mut self) {
        let fresh = self.size_bytes - self.started_bytes;
        if fresh >= WRITEBACK_BYTES {
            start_writeback(&self.file, self.started_bytes, fresh);
            self.started_bytes = self.size_bytes;
        }
    }

    fn keep(self, layout: &Layout, key: BlobKey) -> io::Result<StoredBlob> {
        // The age of a blob counts from now, not from its last byte: a grace time must not run during a stalled upload.
        let now = Timespec { tv_sec: 0, tv_nsec: UTIME_NOW };
        rustix::fs::futimens(&self.file, &Timestamps { last_access: now, last_modification: now })?;
        self.file.sync_all()?;
        layout.keep(key)?;
        let mut sha256 = [0; 32];
        sha256.copy_from_slice(self.sha256.finish().as_ref());
        Ok(StoredBlob { key, size_bytes: self.size_bytes, sha256, copy: None })
    }
}

/// Linux begins to write dirty pages when told that they are not needed, and waits for nothing; it drops clean pages
/// alone, so what was just written stays cached for the inspection that follows.
#[cfg(target_os = "linux")]
fn start_writeback(file: &File, offset: u64, length: u64) {
    use rustix::fs::{Advice, fadvise};

    // Advice only: a file system that does not take it writes at the final sync.
    let _ = fadvise(file, offset, std::num::NonZeroU64::new(length), Advice::DontNeed);
}

#[cfg(not(target_os = "linux"))]
fn start_writeback(_: &File, _: u64, _: u64) {}
