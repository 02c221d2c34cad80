use async_trait::async_trait;
use catalog::{StoreError, TicketKey, TicketKeyId, TicketKeys, TicketKeysMut, Timestamp};

use crate::failure::{failed, refused};
use crate::row::{Malformed, Row, millis, moment};
use crate::session::Session;

struct TicketKeyRow {
    id: Vec<u8>,
    sealed: Vec<u8>,
    created_at: i64,
    retired_at: Option<i64>,
}

macro_rules! select_ticket_keys {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            TicketKeyRow,
            "SELECT id, sealed, created_at, retired_at FROM ticket_keys " + $rest,
            $($argument),+
        )
    };
}

impl Row for TicketKeyRow {
    type Item = TicketKey;
    const WHAT: &'static str = "ticket key";

    fn read(self) -> Result<TicketKey, Malformed> {
        Ok(TicketKey {
            id: TicketKeyId::from_bytes(&self.id)?,
            sealed: self.sealed,
            created_at: Timestamp::from_millis(self.created_at)?,
            retired_at: moment(self.retired_at)?,
        })
    }
}

#[async_trait]
impl TicketKeys for Session {
    async fn find(&mut self, id: TicketKeyId) -> Result<Option<TicketKey>, StoreError> {
        let row = select_ticket_keys!("WHERE id = ?", id.as_bytes().as_slice())
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding a ticket key"))?;
        row.map(Row::item).transpose()
    }

    async fn list_since(&mut self, moment: Timestamp) -> Result<Vec<TicketKey>, StoreError> {
        let rows = select_ticket_keys!(
            "WHERE retired_at IS NULL OR retired_at > ? ORDER BY id DESC",
            moment.as_millis()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing ticket keys"))?;
        rows.into_iter().map(Row::item).collect()
    }
}

#[async_trait]
impl TicketKeysMut for Session {
    async fn insert(&mut self, key: &TicketKey) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO ticket_keys (id, sealed, created_at, retired_at) VALUES (?, ?, ?, ?)",
            key.id.as_bytes().as_slice(),
            key.sealed,
            key.created_at.as_millis(),
            millis(key.retired_at),
        )
        .execute(self.connection())
        .await
        .map_err(refused("ticket key"))?;
        Ok(())
    }

    async fn retire(&mut self, id: TicketKeyId, at: Timestamp) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE ticket_keys SET retired_at = coalesce(retired_at, ?) WHERE id = ?",
            at.as_millis(),
            id.as_bytes().as_slice(),
        )
        .execute(self.connection())
        .await
        .map_err(failed("retiring a ticket key"))?;
        if changed.rows_affected() == 0 { Err(StoreError::Unknown("ticket key")) } else { Ok(()) }
    }
}
