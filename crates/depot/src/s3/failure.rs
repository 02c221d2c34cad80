use std::io;

use object_store::Error;

use crate::DepotError;

/// Sorts what object storage answers into the variants a caller acts on.
pub(super) fn while_doing(doing: &'static str) -> impl Fn(Error) -> DepotError {
    move |error| match error {
        Error::PermissionDenied { .. } | Error::Unauthenticated { .. } => {
            DepotError::ReadOnly(doing, io::Error::new(io::ErrorKind::PermissionDenied, error))
        }
        Error::NotFound { .. } => DepotError::Io(doing, io::Error::new(io::ErrorKind::NotFound, error)),
        _ => DepotError::Io(doing, io::Error::other(error)),
    }
}
