use std::fmt;
use std::fs::File;
use std::io;
use std::os::fd::AsFd as _;
use std::os::unix::fs::FileExt as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use ipa::ReadAt;
use object_store::PutPayload;

/// What copies leave free on their disk.
const LEFT_FREE_BYTES: u64 = 1 << 30;

/// The bytes of an upload in a file of this machine, which has no name and goes with the last handle on it.
///
/// For whoever looks into the blob as soon as it is stored. It is a convenience: where there is no room for it, there is
/// none.
pub(super) struct LocalCopy {
    folder: PathBuf,
    file: OnceLock<Option<File>>,
    size_bytes: AtomicU64,
    is_broken: AtomicBool,
}

impl LocalCopy {
    pub(super) fn begin(folder: PathBuf) -> Arc<Self> {
        Arc::new(Self {
            folder,
            file: OnceLock::new(),
            size_bytes: AtomicU64::new(0),
            is_broken: AtomicBool::new(false),
        })
    }

    /// Adds a part, in any order. Blocks.
    pub(super) fn add(&self, offset: u64, part: &PutPayload) {
        if self.is_broken.load(Ordering::Relaxed) {
            return;
        }
        if let Err(error) = self.write(offset, part)
            && !self.is_broken.swap(true, Ordering::Relaxed)
        {
            tracing::debug!(folder = %self.folder.display(), %error, "an upload is not copied");
        }
    }

    fn write(&self, mut offset: u64, part: &PutPayload) -> io::Result<()> {
        let file = self.file.get_or_init(|| tempfile::tempfile_in(&self.folder).ok());
        let file = file.as_ref().ok_or_else(|| io::Error::other("no file can be made there"))?;
        let disk = rustix::fs::fstatvfs(file.as_fd())?;
        if disk.f_bavail.saturating_mul(disk.f_frsize) < LEFT_FREE_BYTES {
            return Err(io::ErrorKind::StorageFull.into());
        }
        for bytes in part {
            file.write_all_at(bytes, offset)?;
            offset += bytes.len() as u64;
            self.size_bytes.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        }
        Ok(())
    }

    /// All of the blob, if all of it was copied.
    pub(super) fn whole(self: Arc<Self>, size_bytes: u64) -> Option<Arc<dyn ReadAt>> {
        let is_whole =
            !self.is_broken.load(Ordering::Relaxed) && self.size_bytes.load(Ordering::Relaxed) == size_bytes;
        is_whole.then_some(self as Arc<dyn ReadAt>)
    }
}

impl ReadAt for LocalCopy {
    fn len(&self) -> u64 {
        self.size_bytes.load(Ordering::Relaxed)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        match self.file.get().and_then(Option::as_ref) {
            Some(file) => ReadAt::read_at(file, offset, buffer),
            None => Ok(0),
        }
    }
}

impl fmt::Debug for LocalCopy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalCopy").field("folder", &self.folder).finish_non_exhaustive()
    }
}
