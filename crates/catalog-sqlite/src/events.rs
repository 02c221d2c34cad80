use async_trait::async_trait;
use catalog::{
    Event, EventId, Events, EventsMut, LoggedEvent, Notices, Page, PageSize, Position, StoreError, Timestamp,
};
use tokio::sync::watch;

use crate::failure::{failed, refused};
use crate::row::{Malformed, Row, from_json, page, to_json};
use crate::session::Session;

struct EventRow {
    number: i64,
    id: Vec<u8>,
    at: i64,
    topic: String,
    body: String,
}

impl Row for EventRow {
    type Item = LoggedEvent;
    const WHAT: &'static str = "event";

    fn read(self) -> Result<LoggedEvent, Malformed> {
        let event = Event {
            id: EventId::from_bytes(&self.id)?,
            at: Timestamp::from_millis(self.at)?,
            topic: self.topic.parse()?,
            body: from_json(&self.body)?,
        };
        Ok(LoggedEvent { position: position(self.number), event })
    }
}

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
            EventRow,
            "SELECT number, id, at, topic, body FROM events WHERE number > ? ORDER BY number LIMIT ?",
            after.number,
            size.rows_and_one(),
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing events"))?;
        page(rows, size, |logged| logged.position)
    }
}

#[async_trait]
impl EventsMut for Session {
    async fn append(&mut self, event: &Event) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO events (id, at, topic, body) VALUES (?, ?, ?, ?)",
            event.id.as_bytes().as_slice(),
            event.at.as_millis(),
            event.topic.as_str(),
            to_json(&event.body)?,
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
            "SELECT number FROM events WHERE at < ? AND number < ? ORDER BY at LIMIT ?",
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
