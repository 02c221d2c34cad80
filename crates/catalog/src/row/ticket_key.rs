use std::fmt;

use uuid::Uuid;

use super::{Malformed, Row, millis, moment};
use crate::{TicketKey, Timestamp};

/// A row of `ticket_keys`.
#[expect(missing_docs, reason = "the columns of the table, and the fields of `TicketKey`")]
#[derive(Clone)]
pub struct TicketKeyRow {
    pub id: Uuid,
    pub sealed: Vec<u8>,
    pub created_at: i64,
    pub retired_at: Option<i64>,
}

impl Row for TicketKeyRow {
    type Item = TicketKey;
    const WHAT: &'static str = "ticket key";

    fn read(self) -> Result<TicketKey, Malformed> {
        Ok(TicketKey {
            id: self.id.try_into()?,
            sealed: self.sealed,
            created_at: Timestamp::from_millis(self.created_at)?,
            retired_at: moment(self.retired_at)?,
        })
    }
}

impl From<&TicketKey> for TicketKeyRow {
    fn from(key: &TicketKey) -> Self {
        Self {
            id: key.id.into(),
            sealed: key.sealed.clone(),
            created_at: key.created_at.as_millis(),
            retired_at: millis(key.retired_at),
        }
    }
}

impl fmt::Debug for TicketKeyRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TicketKeyRow").field("id", &self.id).finish_non_exhaustive()
    }
}
