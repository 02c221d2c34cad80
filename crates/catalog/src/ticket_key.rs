use std::fmt;

use async_trait::async_trait;

use crate::{StoreError, TicketKeyId, Timestamp};

/// A key that signs tickets, sealed under the server's secret key.
#[derive(Clone, Eq, PartialEq)]
pub struct TicketKey {
    /// Its id.
    pub id: TicketKeyId,
    /// The key, encrypted; only the server's secret key opens it.
    pub sealed: Vec<u8>,
    /// When it was made.
    pub created_at: Timestamp,
    /// Since when it signs no new ticket; those it signed stay good until they expire.
    pub retired_at: Option<Timestamp>,
}

impl fmt::Debug for TicketKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TicketKey")
            .field("id", &self.id)
            .field("sealed", &"[redacted]")
            .field("created_at", &self.created_at)
            .field("retired_at", &self.retired_at)
            .finish()
    }
}

/// Reads ticket keys.
#[async_trait]
pub trait TicketKeys: Send {
    /// The key with this id, or `None` when there is none.
    async fn find(&mut self, id: TicketKeyId) -> Result<Option<TicketKey>, StoreError>;

    /// The keys whose tickets may still be good: those not retired, or retired after this moment; newest id first.
    ///
    /// One list, not paged: keys are made by the month, not by the ticket.
    async fn list_since(&mut self, moment: Timestamp) -> Result<Vec<TicketKey>, StoreError>;
}

/// Keeps ticket keys.
#[async_trait]
pub trait TicketKeysMut: TicketKeys {
    /// Adds a key.
    async fn insert(&mut self, key: &TicketKey) -> Result<(), StoreError>;

    /// Signs no new ticket with it. A second call keeps the first moment; [`StoreError::Unknown`] when there is no
    /// such key.
    async fn retire(&mut self, id: TicketKeyId, at: Timestamp) -> Result<(), StoreError>;
}
