use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use catalog::{Catalog, Notices, Snapshot, StoreError, Unit};
use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteConnection, SqliteJournalMode, SqlitePool, SqlitePoolOptions,
    SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::watch;

use crate::events::Listener;
use crate::failure::{failed, result_code};
use crate::session::Session;

/// The catalog in one SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteCatalog {
    /// One connection, lent in the order it was asked for.
    writer: SqlitePool,
    readers: SqlitePool,
    /// Those who hear of new events.
    listeners: watch::Sender<()>,
}

/// Why a file was not opened. It was not written to either, except where a migration failed half-way and was undone.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Not a SQLite database, or one that is damaged: restore a backup, or move it away to begin anew.
    #[error("{} is damaged, or not a database", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: sqlx::Error,
    },
    /// A SQLite database of some other program.
    #[error("{} is the database of another program (application id {application_id:#010x})", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Its `application_id`; this program's is 0x41495253.
        application_id: i64,
    },
    /// Written by a newer version of this program.
    #[error("{} has schema {found}, this program knows schemas up to {known}: use a newer one", path.display())]
    NewerSchema {
        /// The file.
        path: PathBuf,
        /// The last migration it has seen.
        found: i64,
        /// The last migration this program has.
        known: i64,
    },
    /// Bringing the schema up to date failed; it is as it was.
    #[error("the schema of {} cannot be brought up to date", path.display())]
    Migration {
        /// The file.
        path: PathBuf,
        /// What went wrong.
        source: MigrateError,
    },
    /// The file cannot be opened, created or read.
    #[error("{} cannot be opened", path.display())]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite said.
        source: sqlx::Error,
    },
}

/// Marks a database as ours: `AIRS`.
const APPLICATION_ID: i64 = 0x4149_5253;

static MIGRATIONS: Migrator = sqlx::migrate!();

/// Readers at once; more wait their turn.
const READERS: u32 = 8;

/// How long to wait for a connection, and for another process (a backup, say) to let go of the file.
const PATIENCE: Duration = Duration::from_secs(10);

impl SqliteCatalog {
    /// Opens the database at `path`, brings its schema up to date, and makes it where there is none.
    ///
    /// A file of no bytes counts as none. The folder must exist, on a local disk: the write-ahead log and its shared
    /// memory lie beside the file.
    ///
    /// # Errors
    ///
    /// [`OpenError`]; a file that is not a catalog this program knows is left as it is.
    pub async fn open(path: &Path) -> Result<Self, OpenError> {
        let file = SqliteConnectOptions::new().filename(path).foreign_keys(true).busy_timeout(PATIENCE);
        let empty = std::fs::metadata(path).is_ok_and(|file| file.len() == 0);
        if path.exists() && !empty {
            recognise(path, &file).await?;
        }
        let lasting = file
            .clone()
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            // Left to itself the log stays as long as the longest snapshot made it.
            .pragma("journal_size_limit", "67108864");
        let pool = || {
            // A connection to a file does not break, so it is neither tested nor renewed.
            SqlitePoolOptions::new()
                .test_before_acquire(false)
                .max_lifetime(None)
                .idle_timeout(None)
                .acquire_timeout(PATIENCE)
        };
        let writer = pool()
            .max_connections(1)
            // A full disk ends a transaction without the driver's knowing; it then begins no other on this connection.
            .before_acquire(|connection, _| {
                let is_free = !connection.is_in_transaction();
                Box::pin(async move { Ok(is_free) })
            })
            .connect_with(lasting)
            .await
            .map_err(|source| cannot_open(path, source))?;
        mark(&writer).await.map_err(|source| cannot_open(path, source))?;
        MIGRATIONS
            .run(&writer)
            .await
            .map_err(|source| OpenError::Migration { path: path.to_owned(), source })?;
        let readers = pool()
            .max_connections(READERS)
            .connect_with(file.pragma("query_only", "on"))
            .await
            .map_err(|source| cannot_open(path, source))?;
        Ok(Self { writer, readers, listeners: watch::Sender::new(()) })
    }
}

#[async_trait]
impl Catalog for SqliteCatalog {
    async fn read(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        let transaction = self.readers.begin().await.map_err(failed("beginning to read"))?;
        Ok(Box::new(Session::new(transaction, self.listeners.clone())))
    }

    async fn begin(&self) -> Result<Box<dyn Unit>, StoreError> {
        // Taking the lock at once: a transaction that reads first and writes later may find that it cannot.
        let begun = self.writer.begin_with("BEGIN IMMEDIATE").await;
        Ok(Box::new(Session::new(begun.map_err(failed("beginning a unit"))?, self.listeners.clone())))
    }

    async fn listen(&self) -> Result<Box<dyn Notices>, StoreError> {
        Ok(Box::new(Listener::new(self.listeners.subscribe())))
    }

    async fn check(&self) -> Result<(), StoreError> {
        let mut reading = self.readers.acquire().await.map_err(failed("beginning to read"))?;
        sqlx::query("SELECT count(*) FROM ticket_keys")
            .execute(&mut *reading)
            .await
            .map_err(failed("reading"))?;
        let begun = self.writer.begin_with("BEGIN IMMEDIATE").await;
        begun.map_err(failed("beginning a unit"))?.rollback().await.map_err(failed("ending a unit"))
    }

    /// The log is written back into the file.
    async fn close(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }
}

/// Looks at a file without changing it: is it a catalog, and one that this program knows?
async fn recognise(path: &Path, file: &SqliteConnectOptions) -> Result<(), OpenError> {
    let looking = file.clone().pragma("query_only", "on");
    let mut connection = looking.connect().await.map_err(|source| cannot_open(path, source))?;
    let found = schema(&mut connection).await.map_err(|source| cannot_open(path, source))?;
    connection.close().await.map_err(|source| cannot_open(path, source))?;
    if found.tables > 0 && found.application_id != APPLICATION_ID {
        return Err(OpenError::Foreign { path: path.to_owned(), application_id: found.application_id });
    }
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
    if found.version > known {
        return Err(OpenError::NewerSchema { path: path.to_owned(), found: found.version, known });
    }
    Ok(())
}

/// What a file says of itself.
struct Schema {
    application_id: i64,
    tables: i64,
    version: i64,
}

async fn schema(connection: &mut SqliteConnection) -> Result<Schema, sqlx::Error> {
    let application_id = sqlx::query_scalar("PRAGMA application_id").fetch_one(&mut *connection).await?;
    let count = "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name LIKE ?";
    let tables = sqlx::query_scalar(count).bind("%").fetch_one(&mut *connection).await?;
    let migrations: i64 =
        sqlx::query_scalar(count).bind("_sqlx_migrations").fetch_one(&mut *connection).await?;
    let version = if migrations == 0 {
        0
    } else {
        let last = "SELECT coalesce(max(version), 0) FROM _sqlx_migrations";
        sqlx::query_scalar(last).fetch_one(&mut *connection).await?
    };
    Ok(Schema { application_id, tables, version })
}

async fn mark(writer: &SqlitePool) -> Result<(), sqlx::Error> {
    let mut connection = writer.acquire().await?;
    if schema(&mut connection).await?.tables == 0 {
        sqlx::query("PRAGMA application_id = 0x41495253").execute(&mut *connection).await?;
    }
    Ok(())
}

fn cannot_open(path: &Path, source: sqlx::Error) -> OpenError {
    const SQLITE_CORRUPT: i32 = 11;
    const SQLITE_NOTADB: i32 = 26;
    let path = path.to_owned();
    match result_code(&source) {
        Some(SQLITE_CORRUPT | SQLITE_NOTADB) => OpenError::Damaged { path, source },
        _ => OpenError::Database { path, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn connections_are_as_careful_as_promised() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = SqliteCatalog::open(&folder.path().join("catalog.db")).await.unwrap();
        for (pool, who, settings) in [
            (&catalog.writer, "writer", [("synchronous", "2"), ("query_only", "0")]),
            (&catalog.readers, "reader", [("synchronous", "2"), ("query_only", "1")]),
        ] {
            let shared = [("journal_mode", "wal"), ("foreign_keys", "1"), ("busy_timeout", "10000")];
            for (name, expected) in settings.into_iter().chain(shared) {
                let sql = format!("SELECT CAST({name} AS TEXT) FROM pragma_{name}");
                let sql = sql.replace("CAST(busy_timeout", "CAST(timeout");
                let found: String =
                    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(pool).await.unwrap();
                assert_eq!(found, expected, "{name} of a {who}");
            }
        }
        let write = sqlx::query("DELETE FROM apps").execute(&catalog.readers).await;
        assert!(write.unwrap_err().to_string().contains("readonly"), "a reader cannot write");
    }

    #[tokio::test]
    async fn units_wait_their_turn_however_many_they_are() {
        let folder = tempfile::tempdir().unwrap();
        let catalog = SqliteCatalog::open(&folder.path().join("catalog.db")).await.unwrap();
        let first = catalog.begin().await.unwrap();
        let waiting: Vec<_> = (0..3)
            .map(|_| {
                let catalog = catalog.clone();
                tokio::spawn(async move { catalog.begin().await.unwrap().commit().await })
            })
            .collect();
        tokio::task::yield_now().await;
        assert!(waiting.iter().all(|unit| !unit.is_finished()), "one unit at a time");
        first.commit().await.unwrap();
        for unit in waiting {
            unit.await.unwrap().unwrap();
        }
    }
}
