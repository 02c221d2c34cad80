/// Things of one kind, of which only the first are kept: what is hostile may hold millions.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seen<T> {
    /// How many there are.
    pub count: usize,
    /// The first of them, [`Seen::KEPT`] at most.
    pub first: Vec<T>,
}

impl<T> Seen<T> {
    /// How many are kept.
    pub const KEPT: usize = 20;

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Counts one, and makes it only where it is kept.
    pub(crate) fn add(&mut self, make: impl FnOnce() -> T) {
        self.count += 1;
        if self.first.len() < Self::KEPT {
            self.first.push(make());
        }
    }
}

impl<T> Default for Seen<T> {
    fn default() -> Self {
        Self { count: 0, first: Vec::new() }
    }
}
