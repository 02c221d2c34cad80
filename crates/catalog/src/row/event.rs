use uuid::Uuid;

use super::{Malformed, Row, from_json, to_json};
use crate::{Event, LoggedEvent, Position, StoreError, Timestamp};

/// A row of `events`.
#[expect(missing_docs, reason = "the columns of the table, and the fields of `Event`")]
#[derive(Clone, Debug)]
pub struct EventRow {
    pub id: Uuid,
    pub at: i64,
    pub topic: String,
    pub body: String,
}

/// A row of `events` with its place in the log.
#[expect(missing_docs, reason = "the columns of the table, and the fields of `LoggedEvent`")]
#[derive(Clone, Debug)]
pub struct LoggedEventRow {
    pub transaction: i64,
    pub number: i64,
    pub id: Uuid,
    pub at: i64,
    pub topic: String,
    pub body: String,
}

impl Row for LoggedEventRow {
    type Item = LoggedEvent;
    const WHAT: &'static str = "event";

    fn read(self) -> Result<LoggedEvent, Malformed> {
        let event = Event {
            id: self.id.try_into()?,
            at: Timestamp::from_millis(self.at)?,
            topic: self.topic.parse()?,
            body: from_json(&self.body)?,
        };
        Ok(LoggedEvent { position: Position { transaction: self.transaction, number: self.number }, event })
    }
}

impl TryFrom<&Event> for EventRow {
    type Error = StoreError;

    fn try_from(event: &Event) -> Result<Self, StoreError> {
        Ok(Self {
            id: event.id.into(),
            at: event.at.as_millis(),
            topic: event.topic.as_str().to_owned(),
            body: to_json(&event.body)?,
        })
    }
}
