use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catalog::{Catalog, Notices, Snapshot, StoreError, Unit};
use sqlx::migrate::MigrateError;
use sqlx::postgres::{PgConnection, PgPool, PgPoolOptions};
use sqlx::{ConnectOptions, Connection, Executor};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use crate::events::Listener;
use crate::failure::{failed, is_lost};
use crate::outage::Outage;
use crate::schema;
use crate::session::Session;
use crate::settings::Settings;

/// The catalog in one schema of a PostgreSQL database, shared by as many servers as like.
#[derive(Clone, Debug)]
pub struct PostgresCatalog {
    pool: PgPool,
    settings: Settings,
    outage: Arc<Outage>,
}

/// Why a database was not opened. It is as it was, except that a migration may have come to its end.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// No server answered in time.
    #[error("the database {database} could not be reached for {} seconds", waited.as_secs())]
    Unreachable {
        /// Which one.
        database: String,
        /// For how long it was tried.
        waited: Duration,
        /// What the last try came to.
        source: sqlx::Error,
    },
    /// The server answered, and refused: user, password, database, certificate.
    #[error("the database {database} cannot be opened")]
    Refused {
        /// Which one.
        database: String,
        /// What it said.
        source: sqlx::Error,
    },
    /// No schema of the `search_path` exists and may be used.
    #[error("the database {database} has no schema for this user: create one, or say which with search_path")]
    NoSchema {
        /// Which one.
        database: String,
    },
    /// It does not keep all text.
    #[error("the database {database} keeps text as {encoding}, not as UTF8: create it with ENCODING 'UTF8'")]
    Encoding {
        /// Which one.
        database: String,
        /// What it says of itself.
        encoding: String,
    },
    /// The schema belongs to some other program.
    #[error("the schema {schema} of {database} has tables of another program, such as {table}")]
    Foreign {
        /// Which one.
        database: String,
        /// The first schema of its `search_path`.
        schema: String,
        /// A table in it.
        table: String,
    },
    /// Written by a newer version of this program.
    #[error(
        "the database {database} has schema {found}, this program knows schemas up to {known}: use a newer one"
    )]
    NewerSchema {
        /// Which one.
        database: String,
        /// The last migration it has seen.
        found: i64,
        /// The last migration this program has.
        known: i64,
    },
    /// Bringing the schema up to date failed; the migration that failed left nothing behind.
    #[error("the schema of {database} cannot be brought up to date")]
    Migration {
        /// Which one.
        database: String,
        /// What went wrong.
        source: MigrateError,
    },
}

/// How long to wait before the next try, at first and at most.
const FIRST_PAUSE: Duration = Duration::from_millis(20);
const LAST_PAUSE: Duration = Duration::from_secs(2);

impl PostgresCatalog {
    /// Opens the database, waiting for a server that starts, and brings its schema up to date.
    ///
    /// Where several servers start together one does that and the others wait for it.
    ///
    /// # Errors
    ///
    /// [`OpenError`]; a schema that is not a catalog this program knows is left as it is.
    pub async fn open(settings: &Settings) -> Result<Self, OpenError> {
        if !settings.is_verified() {
            tracing::warn!(
                database = %settings,
                "the database's certificate is not verified, so anybody on the way can read and change what is \
                 sent; add sslmode=verify-full to its address"
            );
        }
        let mut connection = reach(settings).await?;
        schema::bring_up_to_date(&mut connection, settings).await?;
        let refused = |source| OpenError::Refused { database: settings.to_string(), source };
        connection.close().await.map_err(refused)?;
        let outage = Arc::new(Outage::default());
        let suspicion = Arc::clone(&outage);
        let pool = PgPoolOptions::new()
            .max_connections(settings.connections)
            .acquire_timeout(settings.patience)
            .after_connect(|connection, _| Box::pin(commit_durably(connection)))
            .before_acquire(move |_, connection| {
                let usable = !suspicion.may_have_cut(connection.age);
                Box::pin(async move { Ok(usable) })
            })
            // A round trip each time; instead, `begin` tries another when one is broken.
            .test_before_acquire(false)
            .connect_with(settings.for_work())
            .await
            .map_err(refused)?;
        Ok(Self { pool, settings: settings.clone(), outage })
    }

    /// Begins a transaction. A connection that broke while nobody used it is replaced, and for a server that is away
    /// it waits; nothing was done yet, so nothing is done twice.
    async fn transaction(&self, begin: &'static str, doing: &'static str) -> Result<Session, StoreError> {
        let deadline = Instant::now() + self.settings.patience;
        let mut broken = 0;
        let mut pause = FIRST_PAUSE;
        loop {
            let session = Session::begin(&self.pool, begin, self.settings.limits(), Arc::clone(&self.outage));
            let error = match timeout_at(deadline, session).await {
                Ok(Ok(session)) => {
                    self.outage.note_back(&self.settings);
                    return Ok(session);
                }
                Ok(Err(error)) => error,
                Err(_) => sqlx::Error::PoolTimedOut,
            };
            let over = Instant::now() + pause > deadline;
            if over || !is_lost(&error) {
                if is_lost(&error) || matches!(error, sqlx::Error::PoolTimedOut) {
                    self.outage.note_away(&self.settings, &error);
                }
                return Err(failed(doing)(error));
            }
            broken += 1;
            if broken > self.pool.options().get_max_connections() {
                sleep(pause).await;
                pause = (pause * 2).min(LAST_PAUSE);
            }
        }
    }
}

#[async_trait]
impl Catalog for PostgresCatalog {
    async fn read(&self) -> Result<Box<dyn Snapshot>, StoreError> {
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        Ok(Box::new(self.transaction(begin, "beginning to read").await?))
    }

    async fn begin(&self) -> Result<Box<dyn Unit>, StoreError> {
        // Each statement sees what was committed before it: whoever waited for a lock sees why.
        let begin = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE";
        Ok(Box::new(self.transaction(begin, "beginning a unit").await?))
    }

    async fn listen(&self) -> Result<Box<dyn Notices>, StoreError> {
        Ok(Box::new(Listener::start(&self.settings).await.map_err(failed("listening"))?))
    }

    async fn check(&self) -> Result<(), StoreError> {
        // A server that only follows another one, or was set to read only, refuses.
        let mut unit = self.transaction("BEGIN READ WRITE", "beginning a unit").await?;
        let keys = sqlx::query!("SELECT id FROM ticket_keys LIMIT 1").fetch_optional(unit.connection()).await;
        keys.map(drop).map_err(failed("reading"))
    }

    async fn close(&self) {
        self.pool.close().await;
    }
}

/// Makes what is acknowledged outlive a crash of the server, where it was set not to. Stricter settings stay.
async fn commit_durably(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let unless_it_does = "SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') = 'off'";
    connection.execute(unless_it_does).await.map(drop)
}

/// Connects for migrations. Waits, with growing pauses, for a server that starts or is not there yet.
async fn reach(settings: &Settings) -> Result<PgConnection, OpenError> {
    let began = Instant::now();
    let mut pause = FIRST_PAUSE;
    let mut waiting = false;
    loop {
        let source = match timeout(settings.patience, settings.for_migrations().connect()).await {
            Ok(Ok(connection)) => {
                if waiting {
                    tracing::info!(database = %settings, "the database answers");
                }
                return Ok(connection);
            }
            Ok(Err(error)) if !may_come(&error) => {
                return Err(OpenError::Refused { database: settings.to_string(), source: error });
            }
            Ok(Err(error)) => error,
            Err(_) => sqlx::Error::PoolTimedOut,
        };
        let waited = began.elapsed();
        if waited + pause > settings.start_patience {
            return Err(OpenError::Unreachable { database: settings.to_string(), waited, source });
        }
        if !waiting {
            waiting = true;
            tracing::warn!(
                database = %settings,
                error = &source as &dyn std::error::Error,
                "the database can't be reached yet; trying for {} seconds",
                settings.start_patience.as_secs()
            );
        }
        sleep(pause).await;
        pause = (pause * 2).min(LAST_PAUSE);
    }
}

/// Whether a server that refused like this may take us in a moment: it starts, or has too many others.
fn may_come(error: &sqlx::Error) -> bool {
    const TOO_MANY_CONNECTIONS: &str = "53300";
    let code = error.as_database_error().and_then(sqlx::error::DatabaseError::code);
    is_lost(error) || code.is_some_and(|code| code == TOO_MANY_CONNECTIONS)
}
