use std::{
    ffi::OsString,
    fs::{self, DirBuilder, File, TryLockError},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, MetadataExt as _},
    path::{Path, PathBuf},
    str::FromStr,
};

use time::UtcDateTime;

use crate::{BlobKey, DepotError, ListedBlob, Swept};

/// What [`Layout::check`] writes: one block of most file systems.
const CHECK_BYTES: usize = 4096;

/// The folders of a depot on disk and what is where in them.
#[derive(Debug)]
pub(super) struct Layout {
    blobs: PathBuf,
    incoming: PathBuf,
}

impl Layout {
    pub(super) fn open(folder: &Path) -> Result<Self, DepotError> {
        let layout = Self { blobs: folder.join("blobs"), incoming: folder.join("incoming") };
        layout.make().map_err(DepotError::while_doing("making the depot's folders"))?;
        let device = |path: &Path| -> Result<u64, DepotError> {
            Ok(fs::metadata(path).map_err(DepotError::while_doing("looking at the depot's folders"))?.dev())
        };
        if device(&layout.blobs)? != device(&layout.incoming)? {
            return Err(DepotError::Divided);
        }
        Ok(layout)
    }

    fn make(&self) -> io::Result<()> {
        for folder in [&self.blobs, &self.incoming] {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        self.blobs.parent().map_or(Ok(()), sync_folder)
    }

    pub(super) fn incoming(&self) -> &Path {
        &self.incoming
    }

    /// Where a blob is written.
    pub(super) fn desk(&self, key: BlobKey) -> PathBuf {
        self.incoming.join(key.to_string())
    }

    /// Where a finished blob stands.
    pub(super) fn place(&self, key: BlobKey) -> PathBuf {
        self.rack(key).join(key.to_string())
    }

    fn rack(&self, key: BlobKey) -> PathBuf {
        let [outer, inner] = fan(key);
        self.blobs.join(format!("{outer:02x}")).join(format!("{inner:02x}"))
    }

    /// Gives a written and synced file its final name, durably.
    pub(super) fn keep(&self, key: BlobKey) -> io::Result<()> {
        let (desk, place) = (self.desk(key), self.place(key));
        let rack = self.rack(key);
        match fs::rename(&desk, &place) {
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {
                DirBuilder::new().recursive(true).mode(0o700).create(&rack)?;
                fs::rename(&desk, &place)?;
            }
            other => other?,
        }
        // All three, always: the folder may be new, made a moment ago by another writer that has not synced it yet.
        rack.ancestors().take(3).try_for_each(sync_folder)
    }

    pub(super) fn delete(&self, key: BlobKey) -> Result<(), DepotError> {
        match fs::remove_file(self.place(key)) {
            Err(cause) if cause.kind() != io::ErrorKind::NotFound => {
                Err(DepotError::while_doing("deleting a blob")(cause))
            }
            _ => Ok(()),
        }
    }

    /// Blobs in the order of their places: folder, folder, key.
    pub(super) fn list(&self, after: Option<BlobKey>, limit: usize) -> Result<Vec<ListedBlob>, DepotError> {
        let mut page = Vec::new();
        let start = after.map(fan);
        let from = |depth: usize, outer: u8| match start {
            Some(start) if depth == 0 || start[0] == outer => start[depth],
            _ => 0,
        };
        let doing = "listing blobs";
        for outer in folders(&self.blobs, from(0, 0)).map_err(DepotError::while_doing(doing))? {
            let branch = self.blobs.join(format!("{outer:02x}"));
            for inner in folders(&branch, from(1, outer)).map_err(DepotError::while_doing(doing))? {
                let rack = branch.join(format!("{inner:02x}"));
                let beyond = after.filter(|_| start == Some([outer, inner]));
                rack_page(&rack, beyond, limit, &mut page).map_err(DepotError::while_doing(doing))?;
                if page.len() >= limit {
                    return Ok(page);
                }
            }
        }
        Ok(page)
    }

    /// Removes files of writers that are gone: not touched since `before`, and locked by nobody.
    pub(super) fn sweep(&self, before: UtcDateTime) -> Result<Swept, DepotError> {
        let mut swept = Swept::default();
        let mut trouble = None;
        let doing = "sweeping up";
        for entry in fs::read_dir(&self.incoming).map_err(DepotError::while_doing(doing))? {
            match entry.and_then(|entry| sweep_file(&entry.path(), before)) {
                Ok(Some(size_bytes)) => {
                    swept.count += 1;
                    swept.size_bytes += size_bytes;
                }
                Ok(None) => {}
                Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
                Err(cause) => trouble = Some(cause),
            }
        }
        trouble.map_or(Ok(swept), |cause| Err(DepotError::while_doing(doing)(cause)))
    }

    pub(super) fn check(&self) -> Result<(), DepotError> {
        let doing = "checking the storage";
        let write = || -> io::Result<()> {
            let mut file = tempfile::tempfile_in(&self.incoming)?;
            file.write_all(&[0; CHECK_BYTES])?;
            file.sync_all()
        };
        write().map_err(DepotError::while_doing(doing))?;
        let writable = rustix::fs::access(&self.blobs, rustix::fs::Access::WRITE_OK);
        writable.map_err(|number| DepotError::while_doing(doing)(number.into()))
    }
}

/// The two folders of a key: its last two bytes. The first ones are the time in a version 7 id, and would put the
/// blobs of seven weeks into one folder.
fn fan(key: BlobKey) -> [u8; 2] {
    let bytes = key.as_uuid().into_bytes();
    [bytes[14], bytes[15]]
}

pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The numbers of the folders `00` to `ff` in `parent`, from `first` on, sorted. Anything else in there is not ours.
fn folders(parent: &Path, first: u8) -> io::Result<Vec<u8>> {
    let mut numbers = Vec::new();
    for name in names(parent)? {
        let number = name.to_str().filter(|name| name.len() == 2).map(|name| u8::from_str_radix(name, 16));
        if let Some(Ok(number)) = number
            && number >= first
        {
            numbers.push(number);
        }
    }
    numbers.sort_unstable();
    Ok(numbers)
}

/// The names in a folder; none when it vanished meanwhile.
fn names(folder: &Path) -> io::Result<Vec<OsString>> {
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.file_name())).collect(),
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(cause) => Err(cause),
    }
}

/// Adds the blobs of one folder that come after `beyond`, by key, until the page holds `limit`.
fn rack_page(
    rack: &Path,
    beyond: Option<BlobKey>,
    limit: usize,
    page: &mut Vec<ListedBlob>,
) -> io::Result<()> {
    let found = names(rack)?;
    let mut keys: Vec<BlobKey> = found
        .iter()
        .filter_map(|name| BlobKey::from_str(name.to_str()?).ok())
        .filter(|key| Some(*key) > beyond)
        .collect();
    keys.sort_unstable();
    for key in keys {
        if page.len() >= limit {
            break;
        }
        match fs::metadata(rack.join(key.to_string())) {
            Ok(meta) => {
                page.push(ListedBlob { key, size_bytes: meta.len(), modified_at: meta.modified()?.into() });
            }
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => {}
            Err(cause) => return Err(cause),
        }
    }
    Ok(())
}

/// Removes one file of `incoming` where its writer is gone, and says how many bytes it held.
fn sweep_file(path: &Path, before: UtcDateTime) -> io::Result<Option<u64>> {
    let file = File::open(path)?;
    let meta = file.metadata()?;
    if !meta.is_file() || UtcDateTime::from(meta.modified()?) >= before {
        return Ok(None);
    }
    // A file system without locks says so with an error: then the time alone decides.
    if let Err(TryLockError::WouldBlock) = file.try_lock() {
        return Ok(None);
    }
    fs::remove_file(path)?;
    Ok(Some(meta.len()))
}
