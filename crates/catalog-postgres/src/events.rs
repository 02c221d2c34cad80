use std::time::Duration;

use async_trait::async_trait;
use catalog::row::{EventRow, LoggedEventRow, moment, page};
use catalog::{
    Event, Events, EventsMut, Key, LoggedEvent, Notices, Page, PageSize, Position, StoreError, Timestamp,
};
use sqlx::postgres::{PgListener, PgPoolOptions};
use tokio::time::Instant;

use crate::bounded::within;
use crate::failure::failed;
use crate::session::Session;
use crate::settings::Settings;

/// Whoever listens on this channel hears of commits with events.
pub(crate) const CHANNEL: &str = "airstair_events";

#[async_trait]
impl Events for Session {
    async fn end(&mut self) -> Result<Position, StoreError> {
        let last = sqlx::query!(
            "SELECT transaction, number FROM events
             WHERE transaction < (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
             ORDER BY transaction DESC, number DESC LIMIT 1"
        )
        .fetch_optional(self.connection())
        .await
        .map_err(self.failed("finding the end of the log of events"))?;
        Ok(last
            .map_or(Position::START, |last| Position { transaction: last.transaction, number: last.number }))
    }

    async fn list(
        &mut self,
        after: Position,
        size: PageSize,
    ) -> Result<Page<LoggedEvent, Position>, StoreError> {
        let rows = sqlx::query_as!(
            LoggedEventRow,
            "SELECT transaction, number, id, at, topic, body FROM events
             WHERE (transaction, number) > ($1, $2)
                AND transaction < (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
             ORDER BY transaction, number LIMIT $3",
            after.transaction,
            after.number,
            size.rows_and_one(),
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing events"))?;
        page(rows, size, |logged| logged.position)
    }

    async fn held_back_since(&mut self) -> Result<Option<Timestamp>, StoreError> {
        let held_back = sqlx::query_scalar!(
            "SELECT at FROM events
             WHERE transaction >= (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
             ORDER BY transaction, number LIMIT 1"
        )
        .fetch_optional(self.connection())
        .await
        .map_err(self.failed("looking for events that are held back"))?;
        moment(held_back).map_err(|cause| StoreError::Corrupt("event", cause))
    }
}

#[async_trait]
impl EventsMut for Session {
    async fn append(&mut self, event: &Event) -> Result<(), StoreError> {
        let row = EventRow::try_from(event)?;
        // However often a transaction notifies, at its commit listeners are told once.
        let added = sqlx::query!(
            "WITH added AS (
                INSERT INTO events (id, at, topic, body) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING RETURNING id
             )
             SELECT pg_notify($5, '') FROM added",
            row.id,
            row.at,
            row.topic,
            row.body,
            CHANNEL,
        )
        .fetch_optional(self.connection())
        .await
        .map_err(self.failed("adding an event"))?;
        if added.is_none() { Err(StoreError::Conflict(Key::Id)) } else { Ok(()) }
    }

    async fn remove_before(&mut self, before: Timestamp, limit: PageSize) -> Result<u64, StoreError> {
        let last = Events::end(self).await?;
        let removed = sqlx::query!(
            "DELETE FROM events WHERE number = ANY(ARRAY(
                SELECT number FROM events WHERE at < $1 AND (transaction, number) < ($2, $3) ORDER BY at LIMIT $4
             ))",
            before.as_millis(),
            last.transaction,
            last.number,
            i64::from(limit),
        )
        .execute(self.connection())
        .await
        .map_err(self.failed("removing old events"))?;
        Ok(removed.rows_affected())
    }
}

/// How long nothing may be told before the connection is made anew: it may be dead without a word.
const QUIET: Duration = Duration::from_mins(5);

/// A connection of its own, on which the server tells of commits.
pub(crate) struct Listener {
    connection: PgListener,
    settings: Settings,
    heard_at: Instant,
}

impl Listener {
    pub(crate) async fn start(settings: &Settings) -> Result<Self, sqlx::Error> {
        // A connection that does nothing else, made anew whenever it breaks.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(settings.patience)
            .max_lifetime(None)
            .idle_timeout(None)
            .connect_lazy_with(settings.for_work());
        let mut connection = PgListener::connect_with(&pool).await?;
        within(settings.patience, connection.listen(CHANNEL)).await?;
        Ok(Self { connection, settings: settings.clone(), heard_at: Instant::now() })
    }
}

#[async_trait]
impl Notices for Listener {
    async fn next(&mut self) -> Result<(), StoreError> {
        if self.heard_at.elapsed() > QUIET {
            *self = Self::start(&self.settings).await.map_err(failed("listening"))?;
            // What was told meanwhile is lost: there may be something to read.
            return Ok(());
        }
        // With nothing heard the connection broke, and what was told meanwhile is lost: there may be more to read.
        self.connection.try_recv().await.map_err(failed("listening"))?;
        self.heard_at = Instant::now();
        Ok(())
    }
}
