/// One page of a list, and where the next one begins.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Page<T, C> {
    /// In the order that the list promises; empty when nothing is there.
    pub items: Vec<T>,
    /// Give it to the same list to go on; `None` on the last page.
    pub next: Option<C>,
}

impl<T, C> Page<T, C> {
    /// Makes a page of one more row than asked for: the extra row only says that there is more.
    #[must_use]
    pub fn cut(mut rows: Vec<T>, size: PageSize, cursor: impl Fn(&T) -> C) -> Self {
        let more = rows.len() > size.rows();
        rows.truncate(size.rows());
        let next = rows.last().filter(|_| more).map(cursor);
        Self { items: rows, next }
    }
}

/// How many rows a page has at most: 1 to 200.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PageSize(u8);

impl PageSize {
    /// The greatest page.
    pub const MAX: Self = Self(200);

    /// So many rows; 0 becomes 1, more than 200 becomes 200.
    #[must_use]
    pub fn new(rows: usize) -> Self {
        Self(u8::try_from(rows).map_or(Self::MAX.0, |rows| rows.clamp(1, Self::MAX.0)))
    }

    /// The number of rows.
    #[must_use]
    pub fn rows(self) -> usize {
        usize::from(self.0)
    }

    /// The number of rows to ask a database for, so that [`Page::cut`] can tell whether more follow.
    #[must_use]
    pub fn rows_and_one(self) -> i64 {
        i64::from(self.0) + 1
    }
}

/// The number of rows.
impl From<PageSize> for i64 {
    fn from(size: PageSize) -> Self {
        size.0.into()
    }
}

/// 50 rows.
impl Default for PageSize {
    fn default() -> Self {
        Self(50)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_goes_on_only_where_more_rows_were_found() {
        for (rows, items, next, why) in [
            (vec![], vec![], None, "nothing"),
            (vec![1], vec![1], None, "fewer than asked"),
            (vec![1, 2], vec![1, 2], None, "as many as asked"),
            (vec![1, 2, 3], vec![1, 2], Some(2), "one more"),
        ] {
            let page = Page::cut(rows, PageSize::new(2), |row| *row);
            assert_eq!(page, Page { items, next }, "{why}");
        }
    }

    #[test]
    fn a_page_has_between_1_and_200_rows() {
        for (asked, rows) in [(0, 1), (1, 1), (200, 200), (201, 200), (usize::MAX, 200)] {
            assert_eq!(PageSize::new(asked).rows(), rows, "{asked}");
        }
    }
}
