use std::fs::{self, Permissions};
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use tempfile::TempDir;

use crate::failure::Failure;

/// A folder that is there whole or not at all: it is filled under another name beside its place, and moved there last.
pub(super) struct SiteFolder {
    building: TempDir,
    target: PathBuf,
}

/// What to do when something is in the folder's place already.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Existing {
    /// Leave it alone, and fail.
    Refuse,
    /// Remove it, once the new one is complete.
    Replace,
}

impl SiteFolder {
    /// Starts a folder that will be at `target`. `sources` are files it must not take with it when it replaces another.
    pub(super) fn begin(target: &Path, existing: Existing, sources: &[PathBuf]) -> Result<Self, Failure> {
        let failed =
            |error| Failure::not_done(format_args!("{} could not be made", target.display())).because(&error);
        let target = if target.try_exists().map_err(failed)? {
            let whole = target.canonicalize().map_err(failed)?;
            check_existing(&whole, existing, sources)?;
            whole
        } else {
            std::path::absolute(target).map_err(failed)?
        };
        let parent = target.parent().ok_or_else(|| {
            Failure::usage(format_args!("{} can't be replaced", target.display())).help("name a folder in it")
        })?;
        fs::create_dir_all(parent).map_err(failed)?;
        let building =
            tempfile::Builder::new().prefix(".airstair-site-").tempdir_in(parent).map_err(failed)?;
        remove_when_interrupted(building.path().to_owned());
        Ok(Self { building, target })
    }

    /// Where the folder will be.
    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    /// Writes the file `path`, which is relative.
    pub(super) fn file(&self, path: &str, bytes: &[u8]) -> Result<(), Failure> {
        let place = self.place(path)?;
        fs::write(&place, bytes)
            .and_then(|()| open_to_all(&place, 0o644))
            .map_err(|error| self.failed(path, &error))
    }

    /// Copies the file `source`, which has `size_bytes`, to `path`.
    ///
    /// A copy and no link: what is served must not change when somebody writes to the original.
    pub(super) fn copy(&self, source: &Path, path: &str, size_bytes: u64) -> Result<(), Failure> {
        let place = self.place(path)?;
        let copied = fs::copy(source, &place).and_then(|copied| open_to_all(&place, 0o644).map(|()| copied));
        match copied {
            Ok(copied) if copied == size_bytes => Ok(()),
            Ok(copied) => Err(Failure::not_done(format_args!(
                "{} changed while it was copied: it had {size_bytes} bytes, now {copied}",
                source.display()
            ))
            .help("wait until it is written completely, and try again")),
            Err(error) => Err(self.failed(path, &error)),
        }
    }

    fn place(&self, path: &str) -> Result<PathBuf, Failure> {
        let place = self.building.path().join(path);
        let folder = place.parent().unwrap_or(self.building.path());
        if folder != self.building.path() && !folder.exists() {
            fs::create_dir_all(folder)
                .and_then(|()| open_to_all(folder, 0o755))
                .map_err(|error| self.failed(path, &error))?;
        }
        Ok(place)
    }

    fn failed(&self, path: &str, error: &io::Error) -> Failure {
        Failure::not_done(format_args!("{} could not be written", self.target.join(path).display()))
            .because(error)
    }

    /// Moves the folder to its place, and says where that is.
    pub(super) fn finish(self) -> Result<PathBuf, Failure> {
        let failed = |error: io::Error| {
            Failure::not_done(format_args!("{} could not be put into its place", self.target.display()))
                .because(&error)
        };
        // Temporary folders are their owner's alone; a web server is somebody else.
        open_to_all(self.building.path(), 0o755).map_err(failed)?;
        if self.target.exists() {
            exchange(self.building.path(), &self.target).map_err(failed)?;
            // What was there goes now; that it could not be removed does not make the new one worse.
            let _ = self.building.close();
        } else {
            fs::rename(self.building.path(), &self.target).map_err(failed)?;
            // It is elsewhere now, and not to be removed.
            let _ = self.building.keep();
        }
        Ok(self.target)
    }
}

fn check_existing(target: &Path, existing: Existing, sources: &[PathBuf]) -> Result<(), Failure> {
    let failed =
        |error| Failure::not_done(format_args!("{} could not be read", target.display())).because(&error);
    if !target.is_dir() {
        return Err(Failure::usage(format_args!("{} is no folder", target.display()))
            .help("name a folder that is empty, or not there yet"));
    }
    let current = std::env::current_dir().map_err(failed)?;
    let keeps = |path: &Path| path.canonicalize().is_ok_and(|path| path.starts_with(target));
    if keeps(&current) || sources.iter().any(|source| keeps(source)) {
        return Err(Failure::usage(format_args!(
            "{} holds the package or the folder you are in, and would be replaced",
            target.display()
        ))
        .help("name a folder for the site alone"));
    }
    let is_empty = fs::read_dir(target).map_err(failed)?.next().is_none();
    if !is_empty && existing == Existing::Refuse {
        return Err(Failure::usage(format_args!("{} is not empty", target.display()))
            .help("name another folder, or add --force to replace it with all that is in it"));
    }
    Ok(())
}

/// Lets two folders change places at once, so that a web server never finds none.
fn exchange(new: &Path, old: &Path) -> io::Result<()> {
    match renameat_with(CWD, new, CWD, old, RenameFlags::EXCHANGE) {
        // Some file systems can't; there two steps must do.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => {
            let aside = new.with_extension("old");
            fs::rename(old, &aside)?;
            fs::rename(new, old).inspect_err(|_| {
                let _ = fs::rename(&aside, old);
            })?;
            fs::rename(&aside, new)
        }
        done => Ok(done?),
    }
}

#[cfg(unix)]
fn open_to_all(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, Permissions::from_mode(mode))
}

/// Removes the unfinished folder when somebody presses Ctrl-C or ends the process.
fn remove_when_interrupted(folder: PathBuf) {
    let wait = move || {
        let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return };
        let signalled = runtime.block_on(async {
            use tokio::signal::unix::{SignalKind, signal};
            let mut terminate = signal(SignalKind::terminate())?;
            tokio::select! {
                ended = tokio::signal::ctrl_c() => ended,
                _ = terminate.recv() => Ok(()),
            }
        });
        if signalled.is_ok() {
            let _ = fs::remove_dir_all(&folder);
            std::process::exit(130);
        }
    };
    std::thread::spawn(wait);
}
