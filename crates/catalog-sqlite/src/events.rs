use async_trait::async_trait;
use catalog::row::{EventRow, LoggedEventRow, page};
use catalog::{
    Event, Events, EventsMut, LoggedEvent, Notices, Page, PageSize, Position, StoreError, Timestamp,
};
use tokio::sync::watch;
use uuid::Uuid;

use crate::failure::{failed, refused};
use crate::session::Session;

/// Units commit one after the other, so the order of the numbers is the order of the commits.
fn position(number: i64) -> Position {
    Position { transaction: 0, number }
}

#[async_trait]
impl Events for Session {
    async fn end(&mut self) -> Result<Position, StoreError> {
        let last = sqlx::query_scalar!("SELECT max(number) FROM events")
            .fetch_one(self.connection())
            .await
            .map_err(failed("finding the end of the log of events"))?;
        Ok(position(last.unwrap_or(0)))
    }

    async fn list(
        &mut self,
        after: Position,
        size: PageSize,
    ) -> Result<Page<LoggedEvent, Position>, StoreError> {
        let rows = sqlx::query_as!(
            LoggedEventRow,
            r#"SELECT 0 AS "transaction!", number, id AS "id: Uuid", at, topic, body FROM events
             WHERE number > ? ORDER BY number LIMIT +?"#,
            after.number,
            size.rows_and_one(),
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing events"))?;
        page(rows, size, |logged| logged.position)
    }

    async fn held_back_since(&mut self) -> Result<Option<Timestamp>, StoreError> {
        Ok(None)
    }
}

#[async_trait]
impl EventsMut for Session {
    async fn append(&mut self, event: &Event) -> Result<(), StoreError> {
        let row = EventRow::try_from(event)?;
        sqlx::query!(
            "INSERT INTO events (id, at, topic, body) VALUES (?, ?, ?, ?)",
            row.id,
            row.at,
            row.topic,
            row.body,
        )
        .execute(self.connection())
        .await
        .map_err(refused("event"))?;
        self.tell_at_commit();
        Ok(())
    }

    async fn remove_before(&mut self, before: Timestamp, limit: PageSize) -> Result<u64, StoreError> {
        let last = Events::end(self).await?;
        let old = sqlx::query_scalar!(
            "SELECT number FROM events WHERE at < ? AND number < ? ORDER BY at LIMIT +?",
            before.as_millis(),
            last.number,
            i64::from(limit),
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("finding old events"))?;
        for number in &old {
            sqlx::query!("DELETE FROM events WHERE number = ?", number)
                .execute(self.connection())
                .await
                .map_err(failed("removing old events"))?;
        }
        Ok(old.len() as u64)
    }
}

/// Hears of the commits of this process. What another one adds to the file is seen at the next look.
pub(crate) struct Listener(watch::Receiver<()>);

impl Listener {
    pub(crate) fn new(mut grown: watch::Receiver<()>) -> Self {
        grown.mark_unchanged();
        Self(grown)
    }
}

#[async_trait]
impl Notices for Listener {
    async fn next(&mut self) -> Result<(), StoreError> {
        self.0.changed().await.map_err(|closed| StoreError::Backend("listening", closed.into()))
    }
}
