use std::error::Error;
use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// What is known of the way to the database, so that the log tells only changes and no connection is used that is
/// likely to be dead.
#[derive(Debug, Default)]
pub(crate) struct Outage {
    is_away: AtomicBool,
    /// When a connection last turned out to be dead without a word; older ones may be, too.
    silent_at: Mutex<Option<Instant>>,
}

impl Outage {
    pub(crate) fn note_away(&self, database: &dyn Display, error: &sqlx::Error) {
        if !self.is_away.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                %database,
                error = error as &dyn Error,
                "no connection to the database: look at it, and at the way to it. Until there is one requests that \
                 need it are answered with 503"
            );
        }
    }

    pub(crate) fn note_back(&self, database: &dyn Display) {
        if self.is_away.load(Ordering::Relaxed) && self.is_away.swap(false, Ordering::Relaxed) {
            // As loud as what it ends.
            tracing::warn!(%database, "the database answers again");
        }
    }

    pub(crate) fn note_silent(&self) {
        *self.silent_at.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether a connection of this age may be dead, like another one that was there at the time.
    pub(crate) fn may_have_cut(&self, age: Duration) -> bool {
        let silent_at = *self.silent_at.lock().unwrap_or_else(PoisonError::into_inner);
        silent_at.is_some_and(|at| age >= at.elapsed())
    }
}
