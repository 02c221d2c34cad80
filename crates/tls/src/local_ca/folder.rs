use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions},
    io::{self, Write as _},
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _},
    path::{Path, PathBuf},
};

use crate::TlsError;

const ROOT: &str = "root.pem";
const INTERMEDIATE: &str = "intermediate.pem";

/// The files of a CA.
pub(super) struct Kept {
    /// The root's certificate.
    pub(super) root_pem: String,
    /// The intermediate's certificate, then its private key.
    pub(super) intermediate_pem: String,
}

/// The folder of a CA, held against other processes while it is open.
///
/// `root.pem` is written last and removed first: where it stands, the rest stands too.
pub(super) struct Folder {
    path: PathBuf,
    handle: File,
}

impl Folder {
    pub(super) fn lock(path: &Path) -> Result<Self, TlsError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|source| TlsError::Write { path: path.to_owned(), source })?;
        let read = |source| TlsError::Read { path: path.to_owned(), source };
        let handle = File::open(path).map_err(read)?;
        handle.lock().map_err(read)?;
        Ok(Self { path: path.to_owned(), handle })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The CA that is kept here, if any.
    pub(super) fn read(&self) -> Result<Option<Kept>, TlsError> {
        let Some(root_pem) = self.read_file(ROOT)? else { return Ok(None) };
        let intermediate_pem = self.read_file(INTERMEDIATE)?.ok_or_else(|| TlsError::Damaged {
            folder: self.path.clone(),
            reason: format!("there is {ROOT} but no {INTERMEDIATE}"),
        })?;
        Ok(Some(Kept { root_pem, intermediate_pem }))
    }

    fn read_file(&self, name: &str) -> Result<Option<String>, TlsError> {
        let path = self.path.join(name);
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Some(text)),
            Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(TlsError::Read { path, source }),
        }
    }

    /// Keeps a CA where there is none.
    pub(super) fn keep(&self, kept: &Kept) -> Result<(), TlsError> {
        self.write_file(INTERMEDIATE, &kept.intermediate_pem, 0o600)?;
        self.write_file(ROOT, &kept.root_pem, 0o644)
    }

    /// Writes a file that is there whole or not at all, and on the medium when this returns.
    fn write_file(&self, name: &str, text: &str, mode: u32) -> Result<(), TlsError> {
        let path = self.path.join(name);
        let fresh = self.path.join(format!("{name}.new"));
        let write = || -> io::Result<()> {
            let mut file =
                OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&fresh)?;
            // Also where a crash left the file behind with other rights.
            file.set_permissions(Permissions::from_mode(mode))?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&fresh, &path)?;
            self.handle.sync_all()
        };
        write().map_err(|source| TlsError::Write { path: path.clone(), source })
    }

    /// Removes the CA, if any.
    pub(super) fn clear(&self) -> Result<(), TlsError> {
        for name in [ROOT, INTERMEDIATE] {
            let path = self.path.join(name);
            let removed = match fs::remove_file(&path) {
                Err(source) if source.kind() == io::ErrorKind::NotFound => Ok(()),
                other => other.and_then(|()| self.handle.sync_all()),
            };
            removed.map_err(|source| TlsError::Write { path, source })?;
        }
        Ok(())
    }
}
