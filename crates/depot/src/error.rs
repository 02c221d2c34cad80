use std::io;

use crate::BlobKey;

/// What a depot can answer instead of doing its work.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DepotError {
    /// No blob has this key: it was never finished, or it was deleted.
    #[error("there is no blob {0}")]
    NotFound(BlobKey),
    /// A blob with this key is stored already, or is just being written.
    #[error("there is a blob {0} already")]
    Exists(BlobKey),
    /// The storage is full, or the quota of its owner is used up.
    #[error("the storage has no room left while {0}")]
    NoSpace(&'static str, #[source] io::Error),
    /// The storage may be read but not written: mounted read-only, or owned by somebody else.
    #[error("the storage cannot be written while {0}")]
    ReadOnly(&'static str, #[source] io::Error),
    /// Object storage does not answer, or not as it should; it was tried for as long as the owner said.
    #[error("the storage does not answer as it should while {0}")]
    Unavailable(&'static str, #[source] io::Error),
    /// Object storage refuses the key, or what it is asked to do with it.
    #[error("the storage refuses it while {0}")]
    Refused(&'static str, #[source] io::Error),
    /// Object storage has not kept what it was sent; only sending all of it again helps.
    #[error("the storage lost what it was sent while {0}")]
    Lost(&'static str, #[source] io::Error),
    /// The bytes asked for are not all in the blob.
    #[error("bytes {start}..{end} are not within the blob's {size_bytes} bytes")]
    Range {
        /// First byte asked for.
        start: u64,
        /// One past the last byte asked for.
        end: u64,
        /// Size of the blob.
        size_bytes: u64,
    },
    /// An earlier write of this blob failed, so nothing more can be added to it.
    #[error("an earlier write of blob {0} failed")]
    Failed(BlobKey),
    /// The folders of received and of arriving blobs are on different file systems, so a blob cannot become visible in
    /// one step.
    #[error("`blobs` and `incoming` must be on one file system")]
    Divided,
    /// The storage failed otherwise; no caller can do better than report it.
    #[error("the storage failed while {0}")]
    Io(&'static str, #[source] io::Error),
}

impl DepotError {
    /// What a failed read of a [`reader`](crate::Depot::reader) comes to.
    #[must_use]
    pub fn of_reading(doing: &'static str, cause: io::Error) -> Self {
        cause.downcast::<Self>().unwrap_or_else(Self::while_doing(doing))
    }

    /// Sorts an operating system's error into the variants a caller acts on.
    pub(crate) fn while_doing(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |cause| match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::NoSpace(doing, cause),
            io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied => {
                Self::ReadOnly(doing, cause)
            }
            _ => Self::Io(doing, cause),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    #[test]
    fn errors_a_caller_acts_on_have_their_own_variant() {
        for (number, expected) in [
            (rustix::io::Errno::NOSPC, "the storage has no room left while writing"),
            (rustix::io::Errno::DQUOT, "the storage has no room left while writing"),
            (rustix::io::Errno::ROFS, "the storage cannot be written while writing"),
            (rustix::io::Errno::ACCESS, "the storage cannot be written while writing"),
            (rustix::io::Errno::PERM, "the storage cannot be written while writing"),
            (rustix::io::Errno::IO, "the storage failed while writing"),
        ] {
            let error = DepotError::while_doing("writing")(number.into());
            assert_eq!(error.to_string(), expected, "{number}");
            assert!(error.source().is_some(), "{number} keeps its cause");
        }
    }
}
