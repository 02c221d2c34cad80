use std::io;

use catalog::StoreError;
use sqlx::error::{DatabaseError, ErrorKind};

const DISK_FULL: &str = "53100";

/// Turns a failure of the database into what the store says of it.
pub(crate) fn failed(doing: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| {
        if is_busy(&error) {
            StoreError::Busy(error.into())
        } else if code(&error).as_deref() == Some(DISK_FULL) {
            StoreError::NoSpace(doing, error.into())
        } else {
            StoreError::Backend(doing, error.into())
        }
    }
}

/// As [`failed`], for a row that refers to others: one of them may be missing.
pub(crate) fn refused(what: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| match error.as_database_error().map(DatabaseError::kind) {
        Some(ErrorKind::ForeignKeyViolation) => StoreError::Dangling(what),
        _ => failed("adding a row")(error),
    }
}

/// Whether the connection is gone, or could not be made, so that another may do.
pub(crate) fn is_lost(error: &sqlx::Error) -> bool {
    /// The server stops, crashed, starts, or ended a session that did nothing.
    const LEAVING: [&str; 4] = ["57P01", "57P02", "57P03", "57P05"];
    match error {
        // That is how a failed TLS handshake comes; it fails again.
        sqlx::Error::Io(cause) => cause.kind() != io::ErrorKind::InvalidData,
        _ => code(error).is_some_and(|code| code.starts_with("08") || LEAVING.contains(&&*code)),
    }
}

/// Whether the connection ended because nothing was heard for too long, so that others may be dead as well.
pub(crate) fn is_silent(error: &sqlx::Error) -> bool {
    matches!(error, sqlx::Error::Io(cause) if cause.kind() == io::ErrorKind::TimedOut)
}

/// Whether the same unit may succeed in a moment. Codes: PostgreSQL, appendix A.
fn is_busy(error: &sqlx::Error) -> bool {
    const CODES: [&str; 8] = [
        "40001", // serialization failure
        "40P01", // deadlock: the other one goes on
        "53300", // too many connections
        "53400", // some configured limit
        "55P03", // lock_timeout
        "57014", // statement_timeout
        "25P03", // idle_in_transaction_session_timeout
        "25P04", // transaction_timeout
    ];
    let passing = code(error).is_some_and(|code| CODES.contains(&&*code));
    matches!(error, sqlx::Error::PoolTimedOut) || is_lost(error) || passing
}

fn code(error: &sqlx::Error) -> Option<String> {
    Some(error.as_database_error()?.code()?.into_owned())
}
