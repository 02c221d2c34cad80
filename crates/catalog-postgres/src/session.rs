use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catalog::{
    Apps, AppsMut, Attempts, AttemptsMut, Audit, AuditMut, Blobs, BlobsMut, Builds, BuildsMut, Channels,
    ChannelsMut, Events, EventsMut, Installs, Jobs, JobsMut, Releases, ReleasesMut, Revocations,
    RevocationsMut, SelfChecks, SelfChecksMut, Snapshot, StoreError, TicketKeys, TicketKeysMut, Tokens,
    TokensMut, Unit,
};
use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::pool::PoolConnection;
use sqlx::postgres::{PgArguments, PgPool};
use sqlx::query::Query;
use sqlx::{Executor, Postgres};
use tokio::runtime::Handle;
use tokio::time::timeout;

use crate::bounded::Bounded;
use crate::failure::{self, is_silent};
use crate::outage::Outage;

/// How long the database may be silent.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Where it has next to nothing to do.
    pub(crate) silence: Duration,
    /// Where it executes a statement, which it ends itself when that takes too long.
    pub(crate) statement: Duration,
}

/// A transaction. It has every store's methods; [`Snapshot`] shows those that read.
pub(crate) struct Session {
    /// Held until this is dropped.
    connection: Option<PoolConnection<Postgres>>,
    limits: Limits,
    outage: Arc<Outage>,
    /// A statement failed, so PostgreSQL undoes everything, even when asked to commit.
    is_broken: bool,
    is_committed: bool,
}

impl Session {
    /// Takes a connection, and begins a transaction on it.
    pub(crate) async fn begin(
        pool: &PgPool,
        begin: &'static str,
        limits: Limits,
        outage: Arc<Outage>,
    ) -> Result<Self, sqlx::Error> {
        let connection = Some(pool.acquire().await?);
        let mut session = Self { connection, limits, outage, is_broken: false, is_committed: false };
        match session.bounded(limits.silence).execute(begin).await {
            Ok(_) => Ok(session),
            Err(error) => {
                session.note_broken(&error);
                Err(error)
            }
        }
    }

    pub(crate) fn connection(&mut self) -> Bounded<'_> {
        self.bounded(self.limits.statement)
    }

    fn bounded(&mut self, limit: Duration) -> Bounded<'_> {
        Bounded::new(self.connection.as_mut().expect("held until this is dropped"), limit)
    }

    /// [`failure::failed`], remembered.
    pub(crate) fn failed(&mut self, doing: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
        move |error| {
            self.note_broken(&error);
            failure::failed(doing)(error)
        }
    }

    /// [`failure::refused`], remembered.
    pub(crate) fn refused(&mut self, what: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
        move |error| {
            self.note_broken(&error);
            failure::refused(what)(error)
        }
    }

    fn note_broken(&mut self, error: &sqlx::Error) {
        self.is_broken = true;
        if is_silent(error) {
            self.outage.note_silent();
        }
    }

    /// Executes a statement that may break a unique key. An update has no `ON CONFLICT`, and one that fails would take
    /// the whole transaction with it: so it gets a savepoint.
    pub(crate) async fn execute_unless_taken(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
        doing: &'static str,
    ) -> Result<Tried, StoreError> {
        self.connection().execute("SAVEPOINT untaken").await.map_err(self.failed(doing))?;
        let executed = query.execute(self.connection()).await;
        let taken = executed.as_ref().err().and_then(sqlx::Error::as_database_error).and_then(taken_key);
        let (end, tried) = match (taken, executed) {
            (Some(key), _) => ("ROLLBACK TO SAVEPOINT untaken", Tried::Taken(key)),
            (None, Ok(done)) => ("RELEASE SAVEPOINT untaken", Tried::Done(done.rows_affected())),
            (None, Err(error)) => return Err(self.failed(doing)(error)),
        };
        self.connection().execute(end).await.map_err(self.failed(doing))?;
        Ok(tried)
    }
}

/// What came of a statement that may break a unique key.
#[derive(Debug)]
pub(crate) enum Tried {
    /// It changed so many rows.
    Done(u64),
    /// It did nothing: another row has the key of this index.
    Taken(String),
}

fn taken_key(error: &dyn DatabaseError) -> Option<String> {
    let taken = matches!(error.kind(), ErrorKind::UniqueViolation);
    error.constraint().filter(|_| taken).map(str::to_owned)
}

macro_rules! stores {
    ($($store:ident: $shown:ident;)+) => {$(
        fn $store(&mut self) -> &mut dyn $shown {
            self
        }
    )+};
}

impl Snapshot for Session {
    stores! {
        apps: Apps;
        attempts: Attempts;
        audit: Audit;
        blobs: Blobs;
        builds: Builds;
        channels: Channels;
        events: Events;
        installs: Installs;
        jobs: Jobs;
        releases: Releases;
        revocations: Revocations;
        self_checks: SelfChecks;
        ticket_keys: TicketKeys;
        tokens: Tokens;
    }
}

#[async_trait]
impl Unit for Session {
    stores! {
        apps: AppsMut;
        attempts: AttemptsMut;
        audit: AuditMut;
        blobs: BlobsMut;
        builds: BuildsMut;
        channels: ChannelsMut;
        events: EventsMut;
        installs: Installs;
        jobs: JobsMut;
        releases: ReleasesMut;
        revocations: RevocationsMut;
        self_checks: SelfChecksMut;
        ticket_keys: TicketKeysMut;
        tokens: TokensMut;
    }

    async fn commit(mut self: Box<Self>) -> Result<(), StoreError> {
        if self.is_broken {
            return Err(StoreError::Backend("committing", "a statement of this unit failed".into()));
        }
        self.connection().execute("COMMIT").await.map_err(self.failed("committing"))?;
        self.is_committed = true;
        Ok(())
    }
}

/// Undoes what was not committed and gives the connection back, or lets go of it when that takes too long: no dead
/// connection keeps its place in the pool.
impl Drop for Session {
    fn drop(&mut self) {
        let (Some(mut connection), Ok(runtime)) = (self.connection.take(), Handle::try_current()) else {
            return;
        };
        let (is_committed, silence) = (self.is_committed, self.limits.silence);
        let outage = Arc::clone(&self.outage);
        runtime.spawn(async move {
            // Else it would be waited for without end.
            connection.close_on_drop();
            let giving_back = async move {
                if is_committed || connection.execute("ROLLBACK").await.is_ok() {
                    connection.return_to_pool().await;
                }
            };
            if timeout(silence, giving_back).await.is_err() {
                outage.note_silent();
            }
        });
    }
}
