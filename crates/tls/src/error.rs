use std::{io, path::PathBuf};

use time::UtcDateTime;

/// Why there is no certificate to serve with, or no new one.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// A file or folder cannot be read.
    #[error("cannot read {path}", path = .path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A file or folder cannot be written.
    #[error("cannot write {path}", path = .path.display())]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        #[source]
        source: io::Error,
    },
    /// A file holds no certificate in PEM form.
    #[error("{path} holds no PEM certificate", path = .path.display())]
    NoCertificate {
        /// The file.
        path: PathBuf,
    },
    /// A file holds no private key in PEM form, or an encrypted one.
    #[error("{path} holds no unencrypted PEM private key", path = .path.display())]
    NoKey {
        /// The file.
        path: PathBuf,
    },
    /// The private key belongs to another certificate. Also seen for a moment while both files are being replaced.
    #[error("the private key does not belong to the certificate")]
    KeyMismatch,
    /// The certificate or key cannot be used.
    #[error("the certificate or its key cannot be used")]
    Unusable(#[source] rustls::Error),
    /// A certificate is no X.509 certificate.
    #[error("a certificate cannot be read: {0}")]
    Certificate(String),
    /// No name was given to make a certificate for.
    #[error("a certificate needs at least one name")]
    NoName,
    /// The local CA was made for other names and cannot sign for these.
    #[error(
        "the local CA in {folder} was not made for {names}: go back to the old names, or replace the CA, which every \
         phone then has to install and trust again",
        folder = .folder.display(),
        names = .names.join(", ")
    )]
    NotPermitted {
        /// The CA's folder.
        folder: PathBuf,
        /// The names it may not sign for.
        names: Vec<String>,
    },
    /// The local CA is not valid at this moment: it has run out, or the clock of this machine is wrong.
    #[error("the local CA is valid from {not_before} to {not_after}, and the clock says {now}")]
    OutsideValidity {
        /// Start of its validity.
        not_before: UtcDateTime,
        /// End of its validity.
        not_after: UtcDateTime,
        /// The moment asked for.
        now: UtcDateTime,
    },
    /// The clock stands before this software was written, as on a machine that has not asked for the time yet. A CA made
    /// now would have run out before anybody could use it.
    #[error("the clock says {now}: it has to be set before a local CA is made")]
    ClockNotSet {
        /// What the clock says.
        now: UtcDateTime,
    },
    /// The files of the local CA do not belong together. Restore them from a backup, or replace the CA, which every
    /// phone then has to install and trust again.
    #[error("the local CA in {folder} is damaged: {reason}", folder = .folder.display())]
    Damaged {
        /// The CA's folder.
        folder: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A certificate could not be made.
    #[error("cannot make a certificate")]
    Make(#[source] rcgen::Error),
}
