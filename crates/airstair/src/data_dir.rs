use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use distribution::SecretKey;

use crate::failure::Failure;

/// The folder where a server keeps everything that is not on a database server or in object storage.
///
/// ```text
/// catalog.db    what the server knows
/// depot/        packages and icons
/// tls/          the local authority and the server's certificate
/// secret.key    seals the secrets in the catalog; back it up apart from it
/// lock          held by the server that runs on this folder
/// ```
pub(crate) struct DataDir {
    path: PathBuf,
}

/// What a catalog holds that was sealed under a secret key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Sealed {
    /// Nothing yet.
    Nothing,
    /// Secrets that no other key opens.
    Secrets,
}

/// Held for as long as a server runs on a folder.
pub(crate) struct DataDirLock {
    _file: File,
}

impl DataDir {
    /// Opens the folder, and makes it where there is none.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let made = fs::DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|error| cannot("create the data directory", path, &error))?;
        Ok(Self { path: path.to_owned() })
    }

    /// Opens the folder of a server that has been there before.
    pub(crate) fn existing(path: &Path) -> Result<Self, Failure> {
        let dir = Self { path: path.to_owned() };
        if dir.catalog().is_file() {
            return Ok(dir);
        }
        Err(Failure::not_done(format!(
            "{} is no data directory of a server: it holds no catalog.db",
            path.display()
        ))
        .help("name the folder that `airstair serve --data` uses, or start a server on it first"))
    }

    /// Makes sure that no other server runs on the folder.
    pub(crate) fn lock(&self) -> Result<DataDirLock, Failure> {
        let path = self.path.join("lock");
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(&path);
        let file = file.map_err(|error| cannot("open", &path, &error))?;
        match file.try_lock() {
            Ok(()) => Ok(DataDirLock { _file: file }),
            Err(TryLockError::WouldBlock) => {
                let message = format!("another server runs on {}", self.path.display());
                Err(Failure::not_done(message)
                    .help("stop it, or give this one a folder of its own with --data"))
            }
            Err(TryLockError::Error(error)) => Err(cannot("lock", &path, &error)),
        }
    }

    /// Where files without a name may be.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn catalog(&self) -> PathBuf {
        self.path.join("catalog.db")
    }

    pub(crate) fn depot(&self) -> PathBuf {
        self.path.join("depot")
    }

    pub(crate) fn tls(&self) -> PathBuf {
        self.path.join("tls")
    }

    /// Reads the secret key, and makes one where there is none and nothing was sealed yet.
    pub(crate) fn secret_key(&self, file: Option<&Path>, sealed: Sealed) -> Result<SecretKey, Failure> {
        let path = file.map_or_else(|| self.path.join("secret.key"), Path::to_owned);
        match fs::read(&path) {
            Ok(bytes) => match <[u8; SecretKey::LEN]>::try_from(bytes.as_slice()) {
                Ok(key) => Ok(SecretKey::new(&key)),
                Err(_) => Err(Failure::not_done(format!(
                    "{} has {} bytes, a secret key has {}",
                    path.display(),
                    bytes.len(),
                    SecretKey::LEN
                ))
                .help("restore the file from a backup")),
            },
            // A new key could not open what the catalog has sealed under the lost one.
            Err(error) if error.kind() == io::ErrorKind::NotFound && sealed == Sealed::Secrets => Err(
                Failure::not_done(format!("{} is missing, but the catalog was used with it", path.display()))
                    .help("restore the file from a backup"),
            ),
            Err(error) if error.kind() == io::ErrorKind::NotFound => make_secret_key(&path),
            Err(error) => Err(cannot("read", &path, &error)),
        }
    }
}

fn make_secret_key(path: &Path) -> Result<SecretKey, Failure> {
    let mut key = [0; SecretKey::LEN];
    getrandom::fill(&mut key).expect("the operating system has a source of randomness");
    let partial = path.with_extension("partial");
    let written = (|| {
        let mut file =
            OpenOptions::new().create(true).truncate(true).write(true).mode(0o600).open(&partial)?;
        file.write_all(&key)?;
        file.sync_all()?;
        fs::rename(&partial, path)?;
        File::open(path.parent().unwrap_or(Path::new(".")))?.sync_all()
    })();
    written.map_err(|error: io::Error| cannot("write", path, &error))?;
    Ok(SecretKey::new(&key))
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::not_done(format!("cannot {what} {}", path.display())).because(error)
}
