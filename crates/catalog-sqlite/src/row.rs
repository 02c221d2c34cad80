use std::error::Error;

use catalog::{Page, PageSize, StoreError, Timestamp};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why a row cannot be read: it was not written by this program.
pub(crate) type Malformed = Box<dyn Error + Send + Sync>;

/// A row of some query, which becomes a type of the catalog.
pub(crate) trait Row: Sized {
    /// What it becomes.
    type Item;
    /// What it becomes, for messages.
    const WHAT: &'static str;

    /// Reads every column.
    fn read(self) -> Result<Self::Item, Malformed>;

    /// As [`read`](Self::read), with the error of a store.
    fn item(self) -> Result<Self::Item, StoreError> {
        self.read().map_err(|cause| StoreError::Corrupt(Self::WHAT, cause))
    }
}

/// Below every id, in a list that ascends.
pub(crate) const BEFORE_ALL: [u8; 16] = [0; 16];

/// Above every id, in a list that descends.
pub(crate) const AFTER_ALL: [u8; 16] = [0xff; 16];

/// Makes a page of the rows of a query that asked for one more than fit.
pub(crate) fn page<R: Row, C>(
    rows: Vec<R>,
    size: PageSize,
    cursor: impl Fn(&R::Item) -> C,
) -> Result<Page<R::Item, C>, StoreError> {
    let items = rows.into_iter().map(R::item).collect::<Result<Vec<_>, _>>()?;
    Ok(Page::cut(items, size, cursor))
}

pub(crate) fn moment(millis: Option<i64>) -> Result<Option<Timestamp>, Malformed> {
    Ok(millis.map(Timestamp::from_millis).transpose()?)
}

pub(crate) fn millis(moment: Option<Timestamp>) -> Option<i64> {
    moment.map(Timestamp::as_millis)
}

pub(crate) fn from_json<T: DeserializeOwned>(text: &str) -> Result<T, Malformed> {
    Ok(serde_json::from_str(text)?)
}

pub(crate) fn to_json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Backend("writing JSON", error.into()))
}

/// A size as SQLite keeps it.
pub(crate) fn signed(size_bytes: u64) -> Result<i64, StoreError> {
    i64::try_from(size_bytes).map_err(|error| StoreError::Backend("writing a size", error.into()))
}
