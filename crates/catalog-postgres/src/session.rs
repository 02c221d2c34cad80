use async_trait::async_trait;
use catalog::{
    Apps, AppsMut, Attempts, AttemptsMut, Audit, AuditMut, Blobs, BlobsMut, Builds, BuildsMut, Channels,
    ChannelsMut, Events, EventsMut, Installs, Jobs, JobsMut, Releases, ReleasesMut, Revocations,
    RevocationsMut, Snapshot, StoreError, TicketKeys, TicketKeysMut, Tokens, TokensMut, Unit,
};
use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::postgres::{PgArguments, PgConnection};
use sqlx::query::Query;
use sqlx::{Connection, Postgres, Transaction};

use crate::failure;

/// A transaction. It has every store's methods; [`Snapshot`] shows those that read.
pub(crate) struct Session {
    transaction: Transaction<'static, Postgres>,
    /// A statement failed, so PostgreSQL undoes everything, even when asked to commit.
    is_broken: bool,
}

impl Session {
    pub(crate) fn new(transaction: Transaction<'static, Postgres>) -> Self {
        Self { transaction, is_broken: false }
    }

    pub(crate) fn connection(&mut self) -> &mut PgConnection {
        &mut self.transaction
    }

    /// [`failure::failed`], remembered.
    pub(crate) fn failed(&mut self, doing: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
        move |error| {
            self.is_broken = true;
            failure::failed(doing)(error)
        }
    }

    /// [`failure::refused`], remembered.
    pub(crate) fn refused(&mut self, what: &'static str) -> impl FnOnce(sqlx::Error) -> StoreError {
        move |error| {
            self.is_broken = true;
            failure::refused(what)(error)
        }
    }

    /// Executes a statement that may break a unique key. An update has no `ON CONFLICT`, and one that fails would take
    /// the whole transaction with it: so it gets a savepoint.
    pub(crate) async fn execute_unless_taken(
        &mut self,
        query: Query<'_, Postgres, PgArguments>,
        doing: &'static str,
    ) -> Result<Tried, StoreError> {
        let mut savepoint = self.transaction.begin().await.map_err(failure::failed(doing))?;
        let executed = query.execute(&mut *savepoint).await;
        let taken = executed.as_ref().err().and_then(sqlx::Error::as_database_error).and_then(taken_key);
        let ended = if taken.is_some() { savepoint.rollback().await } else { savepoint.commit().await };
        match taken {
            Some(key) => ended.map(|()| Tried::Taken(key)),
            None => executed.map(|done| Tried::Done(done.rows_affected())),
        }
        .map_err(self.failed(doing))
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
        ticket_keys: TicketKeysMut;
        tokens: TokensMut;
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        if self.is_broken {
            return Err(StoreError::Backend("committing", "a statement of this unit failed".into()));
        }
        self.transaction.commit().await.map_err(failure::failed("committing"))
    }
}
