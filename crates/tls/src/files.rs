use std::{
    fs::{self, File},
    io::Read as _,
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject as _};

use crate::{Identity, TlsError};

/// More than any certificate chain or key needs.
const FILE_BYTES: u64 = 1024 * 1024;

/// A certificate and its key in PEM files that somebody else replaces from time to time.
#[derive(Debug)]
pub(crate) struct CertificateFiles {
    cert: PathBuf,
    key: PathBuf,
    seen: [Option<Stamp>; 2],
}

/// What tells one state of a file from the next. A file may be replaced within one tick of its clock, and a link may
/// come to point elsewhere: hence more than the modification time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Stamp {
    device: u64,
    inode: u64,
    size_bytes: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl CertificateFiles {
    pub(crate) fn new(cert: PathBuf, key: PathBuf) -> Self {
        Self { cert, key, seen: [None; 2] }
    }

    /// Reads the pair.
    pub(crate) fn load(&mut self) -> Result<Identity, TlsError> {
        // Looked at before they are read: a change in between is seen the next time.
        self.seen = self.stamps();
        self.read()
    }

    /// Reads the pair when either file looks different from the last time; `None` when nothing changed. So a broken
    /// pair is reported once, and again after the next change.
    pub(crate) fn changed(&mut self) -> Result<Option<Identity>, TlsError> {
        if self.stamps() == self.seen { Ok(None) } else { self.load().map(Some) }
    }

    fn stamps(&self) -> [Option<Stamp>; 2] {
        [Stamp::of(&self.cert), Stamp::of(&self.key)]
    }

    fn read(&self) -> Result<Identity, TlsError> {
        let text = read(&self.cert)?;
        let chain: Vec<_> = CertificateDer::pem_slice_iter(&text)
            .collect::<Result<_, _>>()
            .map_err(|_| TlsError::NoCertificate { path: self.cert.clone() })?;
        if chain.is_empty() {
            return Err(TlsError::NoCertificate { path: self.cert.clone() });
        }
        let key = PrivateKeyDer::from_pem_slice(&read(&self.key)?)
            .map_err(|_| TlsError::NoKey { path: self.key.clone() })?;
        Identity::new(chain, key)
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let meta = fs::metadata(path).ok()?;
        Some(Self {
            device: meta.dev(),
            inode: meta.ino(),
            size_bytes: meta.len(),
            modified: (meta.mtime(), meta.mtime_nsec()),
            changed: (meta.ctime(), meta.ctime_nsec()),
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let mut text = Vec::new();
    File::open(path)
        .and_then(|file| file.take(FILE_BYTES).read_to_end(&mut text))
        .map_err(|source| TlsError::Read { path: path.to_owned(), source })?;
    Ok(text)
}
