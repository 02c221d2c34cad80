//! What engines keep of each type, column by column: ids as UUIDs, moments as milliseconds, lists as JSON.
//!
//! For engines alone. An engine names the columns in its SQL; how they become types of the catalog, and these become
//! columns, is the same for all and stands here.

mod app;
mod attempt;
mod audit;
mod blob;
mod build;
mod channel;
mod channel_page;
mod event;
mod job;
mod release;
mod released;
mod revocation;
mod self_check;
mod subject;
mod ticket_key;
mod token;

use std::error::Error;

use serde::Serialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{Page, PageSize, StoreError, Timestamp};

pub use app::AppRow;
pub use attempt::AttemptRow;
pub use audit::AuditRow;
pub use blob::{BlobRow, BlobUseRow};
pub use build::BuildRow;
pub use channel::ChannelRow;
pub use channel_page::ChannelPageRow;
pub use event::{EventRow, LoggedEventRow};
pub use job::{JobRow, NewJobRow};
pub use release::ReleaseRow;
pub use released::ReleasedRow;
pub use revocation::RevocationRow;
pub use self_check::SelfCheckRow;
pub use subject::SubjectRow;
pub use ticket_key::TicketKeyRow;
pub use token::TokenRow;

/// Why a row cannot be read: it was not written by this program.
pub type Malformed = Box<dyn Error + Send + Sync>;

/// A row of some query, which becomes a type of the catalog.
pub trait Row: Sized {
    /// What it becomes.
    type Item;
    /// What it becomes, for messages.
    const WHAT: &'static str;

    /// Reads every column.
    ///
    /// # Errors
    ///
    /// What is wrong with the first column that no version of this program writes so.
    fn read(self) -> Result<Self::Item, Malformed>;

    /// As [`read`](Self::read), with the error of a store.
    ///
    /// # Errors
    ///
    /// [`StoreError::Corrupt`].
    fn item(self) -> Result<Self::Item, StoreError> {
        self.read().map_err(|cause| StoreError::Corrupt(Self::WHAT, cause))
    }
}

/// Below every id, in a list that ascends.
pub const BEFORE_ALL: Uuid = Uuid::nil();

/// Above every id, in a list that descends.
pub const AFTER_ALL: Uuid = Uuid::max();

/// Makes a page of the rows of a query that asked for one more than fit.
///
/// # Errors
///
/// [`StoreError::Corrupt`] for the first row that cannot be read.
pub fn page<R: Row, C>(
    rows: Vec<R>,
    size: PageSize,
    cursor: impl Fn(&R::Item) -> C,
) -> Result<Page<R::Item, C>, StoreError> {
    let items = rows.into_iter().map(R::item).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, size, cursor))
}

/// Text as every engine can keep it: PostgreSQL has no U+0000, so U+FFFD stands in its place everywhere.
#[must_use]
pub fn text(from_outside: &str) -> String {
    from_outside.replace('\0', "\u{fffd}")
}

fn optional_text(from_outside: Option<&String>) -> Option<String> {
    from_outside.map(|outside| text(outside))
}

/// A moment that may be missing, out of its column.
///
/// # Errors
///
/// For a number of milliseconds outside the years that there are.
pub fn moment(millis: Option<i64>) -> Result<Option<Timestamp>, Malformed> {
    Ok(millis.map(Timestamp::from_millis).transpose()?)
}

fn millis(moment: Option<Timestamp>) -> Option<i64> {
    moment.map(Timestamp::as_millis)
}

fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, Malformed> {
    Ok(serde_json::from_str(text)?)
}

fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Backend("writing JSON", error.into()))
}

/// A size as databases keep it.
fn signed(size_bytes: u64) -> Result<i64, StoreError> {
    i64::try_from(size_bytes).map_err(|error| StoreError::Backend("writing a size", error.into()))
}
