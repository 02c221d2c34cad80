//! What devices do with their tickets: held in memory while it happens, written to the catalog in batches.

mod live;
mod writer;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use catalog::{
    Attempt, AttemptDevice, AttemptId, AttemptStart, Catalog, Revocation, StoreError, TicketId, Timestamp,
};
use tokio::sync::broadcast;

pub use live::Sending;
pub(crate) use live::{Asked, LiveAttempt};

use writer::Writer;

use crate::clock::Clock;
use crate::events::NodeId;

/// How many attempts' news a slow listener may lag behind before it loses some.
const NEWS_HELD: usize = 1_024;

/// How long an attempt is held in memory after its last sign of life.
const HELD_FOR: Duration = Duration::from_hours(1);

/// With fewer tickets than this nothing is let go.
const SWEEP_FROM: usize = 1_024;

/// The attempts of this node.
pub(crate) struct Attempts {
    held: Mutex<Held>,
    writer: Writer,
    news: broadcast::Sender<Attempt>,
}

#[derive(Default)]
struct Held {
    by_ticket: HashMap<TicketId, Vec<Arc<LiveAttempt>>>,
    /// The number of tickets at which the silent ones are let go next.
    sweep_at: usize,
}

impl Attempts {
    /// Starts the task that writes attempts down.
    pub(crate) fn start(catalog: Arc<dyn Catalog>, clock: Arc<dyn Clock>, node: NodeId) -> Self {
        let (news, _) = broadcast::channel(NEWS_HELD);
        Self { held: Mutex::default(), writer: Writer::start(catalog, clock, node), news }
    }

    /// How attempts go on, from now on, on this node and others: each as it stands after something happened to it.
    pub(crate) fn watch(&self) -> broadcast::Receiver<Attempt> {
        self.news.subscribe()
    }

    /// The attempt of this ticket and device, if it is held in memory.
    pub(crate) fn held(&self, ticket: TicketId, device: &AttemptDevice) -> Option<Arc<LiveAttempt>> {
        self.lock().by_ticket.get(&ticket)?.iter().find(|attempt| attempt.is_of(device)).cloned()
    }

    /// The attempt of this ticket that was last heard of, whatever the device, if one is held in memory.
    pub(crate) fn held_of_ticket(&self, ticket: TicketId) -> Option<Arc<LiveAttempt>> {
        self.lock().by_ticket.get(&ticket)?.iter().max_by_key(|attempt| attempt.last_seen_at()).cloned()
    }

    /// Opens an attempt, or finds the one that another node opened or that went on after a restart; or gives the
    /// revocation that came between.
    pub(crate) async fn open(
        &self,
        start: AttemptStart,
    ) -> Result<Result<Arc<LiveAttempt>, Revocation>, StoreError> {
        let opened = self.writer.open(start).await?;
        Ok(opened.map(|attempt| self.hold(attempt)))
    }

    /// Holds an attempt that the catalog knows.
    pub(crate) fn hold(&self, attempt: Attempt) -> Arc<LiveAttempt> {
        let mut held = self.lock();
        if held.by_ticket.len() >= held.sweep_at {
            held.sweep(attempt.progress.last_seen_at);
        }
        let of_ticket = held.by_ticket.entry(attempt.ticket).or_default();
        if let Some(known) = of_ticket.iter().find(|known| known.id() == attempt.id) {
            return Arc::clone(known);
        }
        of_ticket.retain(|known| !known.is_of(&attempt.device));
        let live = Arc::new(LiveAttempt::new(attempt, self.writer.clone(), self.news.clone()));
        of_ticket.push(Arc::clone(&live));
        live
    }

    /// Takes over how attempts stand after another node wrote them down.
    pub(crate) async fn went_on_elsewhere(
        &self,
        catalog: &dyn Catalog,
        ids: &[AttemptId],
    ) -> Result<(), StoreError> {
        if ids.is_empty() || (self.news.receiver_count() == 0 && self.lock().by_ticket.is_empty()) {
            return Ok(());
        }
        let mut snapshot = catalog.read().await?;
        for id in ids {
            let Some(attempt) = snapshot.attempts().find(*id).await? else { continue };
            match self.held(attempt.ticket, &attempt.device).filter(|held| held.id() == attempt.id) {
                Some(held) => held.went_on_elsewhere(&attempt.progress),
                // Nobody listening is no error.
                None => drop(self.news.send(attempt)),
            }
        }
        Ok(())
    }

    /// Writes down all that happened until now.
    pub(crate) async fn flush(&self) -> Result<(), StoreError> {
        self.writer.flush().await
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    /// Lets go of silent attempts; the next time only when twice as many have come, so that each costs little.
    fn sweep(&mut self, now: Timestamp) {
        let silent_since = now.saturating_sub(HELD_FOR);
        self.by_ticket.retain(|_, attempts| {
            attempts.retain(|attempt| attempt.last_seen_at() > silent_since);
            !attempts.is_empty()
        });
        self.sweep_at = (self.by_ticket.len() * 2).max(SWEEP_FROM);
    }
}
