use async_trait::async_trait;
use catalog::row::{Row, TicketKeyRow};
use catalog::{Key, StoreError, TicketKey, TicketKeyId, TicketKeys, TicketKeysMut, Timestamp};
use uuid::Uuid;

use crate::session::Session;

macro_rules! select_ticket_keys {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            TicketKeyRow,
            "SELECT
                id, sealed, created_at, retired_at
             FROM ticket_keys " + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl TicketKeys for Session {
    async fn find(&mut self, id: TicketKeyId) -> Result<Option<TicketKey>, StoreError> {
        let row = select_ticket_keys!("WHERE id = $1", Uuid::from(id))
            .fetch_optional(self.connection())
            .await
            .map_err(self.failed("finding a ticket key"))?;
        row.map(Row::item).transpose()
    }

    async fn list_since(&mut self, moment: Timestamp) -> Result<Vec<TicketKey>, StoreError> {
        let rows = select_ticket_keys!(
            "WHERE retired_at IS NULL OR retired_at > $1 ORDER BY id DESC",
            moment.as_millis()
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing ticket keys"))?;
        rows.into_iter().map(Row::item).collect()
    }
}

#[async_trait]
impl TicketKeysMut for Session {
    async fn insert(&mut self, key: &TicketKey) -> Result<(), StoreError> {
        let row = TicketKeyRow::from(key);
        let added = sqlx::query!(
            "INSERT INTO ticket_keys (id, sealed, created_at, retired_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT DO NOTHING",
            row.id,
            row.sealed,
            row.created_at,
            row.retired_at,
        )
        .execute(self.connection())
        .await
        .map_err(self.failed("adding a ticket key"))?;
        if added.rows_affected() == 0 { Err(StoreError::Conflict(Key::Id)) } else { Ok(()) }
    }

    async fn retire(&mut self, id: TicketKeyId, at: Timestamp) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE ticket_keys SET retired_at = coalesce(retired_at, $1) WHERE id = $2",
            at.as_millis(),
            Uuid::from(id),
        )
        .execute(self.connection())
        .await
        .map_err(self.failed("retiring a ticket key"))?;
        if changed.rows_affected() == 0 { Err(StoreError::Unknown("ticket key")) } else { Ok(()) }
    }
}
