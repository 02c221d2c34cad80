use async_trait::async_trait;

use crate::word::{self, word};
use crate::{EventId, Page, PageSize, StoreError, Timestamp};

/// Something that happened, for whoever must act on it: another node, a job, a hook.
///
/// Written in the unit that makes it true, so neither can be without the other. It carries ids, not state: who reads
/// it asks for what is true by then.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// When.
    pub at: Timestamp,
    /// What.
    pub topic: Topic,
    /// To what; an object, no secrets.
    pub body: serde_json::Map<String, serde_json::Value>,
}

word! {
    /// What an event is about, such as `build.released`: the kind of thing and a verb in the past, of `a` to `z`, `-`
    /// and one dot, at most 64 characters.
    Topic, word::is_deed, "topic of an event"
}

/// A place in the log of events: between two of them, or at its end.
///
/// Means something to the engine that gave it, and nothing to anybody else.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Position {
    /// Which transaction wrote the event before it, where the engine has several at once; 0 otherwise.
    pub transaction: i64,
    /// Which number that event has.
    pub number: i64,
}

impl Position {
    /// Before every event.
    pub const START: Self = Self { transaction: 0, number: 0 };
}

/// An event in the log.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LoggedEvent {
    /// The place behind it.
    pub position: Position,
    /// The event.
    pub event: Event,
}

/// Reads the log of events.
#[async_trait]
pub trait Events: Send {
    /// The log's end: after it comes everything that this unit or snapshot can't see, and what is still held back.
    async fn end(&mut self) -> Result<Position, StoreError>;

    /// What comes after `after`, in one order for every reader; empty at the end.
    ///
    /// Who goes on from the place of the last event it was given sees every event that is ever committed exactly once,
    /// whatever order units commit in. An event may be held back for as long as an older unit is open.
    async fn list(
        &mut self,
        after: Position,
        size: PageSize,
    ) -> Result<Page<LoggedEvent, Position>, StoreError>;

    /// When the oldest event happened that is committed and held back; `None` when none is.
    async fn held_back_since(&mut self) -> Result<Option<Timestamp>, StoreError>;
}

/// Keeps the log of events.
#[async_trait]
pub trait EventsMut: Events {
    /// Adds an event, which can be read once the unit is committed, and then tells those who
    /// [`listen`](crate::Catalog::listen).
    async fn append(&mut self, event: &Event) -> Result<(), StoreError>;

    /// Removes up to `limit` events that happened before `before`, the oldest first, and says how many. The last event
    /// of the log always stays: it marks the end.
    async fn remove_before(&mut self, before: Timestamp, limit: PageSize) -> Result<u64, StoreError>;
}

/// Hears that the log of events has grown.
#[async_trait]
pub trait Notices: Send {
    /// Waits until there may be more to read than at the last call. Answers at once where that is not known: a notice
    /// may be missed, so whoever needs events soon also looks from time to time.
    async fn next(&mut self) -> Result<(), StoreError>;
}
