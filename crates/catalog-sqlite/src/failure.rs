use catalog::{Key, StoreError};
use sqlx::error::{DatabaseError, ErrorKind};

const SQLITE_FULL: i32 = 13;

/// Turns a failure of the database into what the store says of it.
pub(crate) fn failed(doing: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| {
        if is_busy(&error) {
            StoreError::Busy(error.into())
        } else if result_code(&error) == Some(SQLITE_FULL) {
            StoreError::NoSpace(doing, error.into())
        } else {
            StoreError::Backend(doing, error.into())
        }
    }
}

/// As [`failed`], for an insert: a row it refers to may be missing, its id may be taken.
pub(crate) fn refused(what: &'static str) -> impl Fn(sqlx::Error) -> StoreError {
    move |error| match error.as_database_error().map(DatabaseError::kind) {
        Some(ErrorKind::ForeignKeyViolation) => StoreError::Dangling(what),
        Some(ErrorKind::UniqueViolation) => StoreError::Conflict(Key::Id),
        _ => failed("adding a row")(error),
    }
}

/// The primary result code of SQLite, <https://sqlite.org/rescode.html>.
pub(crate) fn result_code(error: &sqlx::Error) -> Option<i32> {
    let code: i32 = error.as_database_error()?.code()?.parse().ok()?;
    Some(code & 0xff)
}

fn is_busy(error: &sqlx::Error) -> bool {
    const SQLITE_BUSY: i32 = 5;
    matches!(error, sqlx::Error::PoolTimedOut) || result_code(error) == Some(SQLITE_BUSY)
}
