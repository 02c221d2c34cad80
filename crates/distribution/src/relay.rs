use std::error::Error;
use std::time::{Duration, Instant};

use catalog::{LoggedEvent, Notices, PageSize, Position, StoreError};

use crate::Distribution;
use crate::events::{self, ATTEMPTS_PROGRESSED, TICKET_KEYS_ROTATED};
use crate::ticket_keys::TicketKeysError;

/// How late a node is at most when a notice was missed.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// For how long events may be held back before an owner is told, and how often that is.
const TELL_AFTER: Duration = Duration::from_mins(1);

impl Distribution {
    /// Takes over what other nodes have done since this one was opened, until it is dropped: attempts for those who
    /// watch, keys for tickets.
    pub(crate) async fn follow_events(&self) {
        let mut place = self.followed_from;
        loop {
            match self.follow(&mut place).await {
                Ok(()) => {}
                // The catalog says itself when it is away.
                Err(error @ StoreError::Busy(_)) => {
                    tracing::debug!(error = &error as &dyn Error, "other nodes can't be heard of");
                }
                Err(error) => tracing::warn!(error = &error as &dyn Error, "other nodes can't be heard of"),
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    async fn follow(&self, place: &mut Position) -> Result<(), StoreError> {
        let mut notices = self.catalog.listen().await?;
        let mut looked_at = Instant::now();
        loop {
            *place = self.take_over(*place).await?;
            if looked_at.elapsed() >= TELL_AFTER {
                looked_at = Instant::now();
                self.tell_what_is_held_back().await?;
            }
            wait(&mut *notices).await?;
        }
    }

    /// Something else in the database's server has been at work for long: nothing of this server's own may last so.
    async fn tell_what_is_held_back(&self) -> Result<(), StoreError> {
        let since = self.catalog.read().await?.events().held_back_since().await?;
        if let Some(held_for) = since.map(|since| since.until(self.now())).filter(|held| *held >= TELL_AFTER)
        {
            tracing::warn!(
                seconds = held_for.as_secs(),
                "what other nodes do is heard of late: a transaction that another program keeps open in the same \
                 PostgreSQL server holds events back; docs/guide/postgresql.md says how to find it"
            );
        }
        Ok(())
    }

    /// Reads the log from this place on, and says where it ends now.
    async fn take_over(&self, mut place: Position) -> Result<Position, StoreError> {
        loop {
            let page = self.catalog.read().await?.events().list(place, PageSize::MAX).await?;
            for logged in &page.items {
                self.heard(logged).await?;
                place = logged.position;
            }
            if page.next.is_none() {
                return Ok(place);
            }
        }
    }

    async fn heard(&self, logged: &LoggedEvent) -> Result<(), StoreError> {
        let event = &logged.event;
        if event.topic == ATTEMPTS_PROGRESSED {
            let elsewhere = events::attempts_elsewhere(&event.body, self.node);
            self.attempts.went_on_elsewhere(&*self.catalog, &elsewhere).await?;
        } else if event.topic == TICKET_KEYS_ROTATED
            && let Err(error) = self.ticket_keys.load(&*self.catalog, self.now()).await
        {
            match error {
                TicketKeysError::Store(error) => return Err(error),
                sealed @ TicketKeysError::Sealed { .. } => {
                    let error = &sealed as &dyn Error;
                    tracing::error!(error, "another node signs tickets with a key that this one can't open");
                }
            }
        }
        Ok(())
    }
}

/// Waits for a notice, but not for long: one may be missed.
async fn wait(notices: &mut dyn Notices) -> Result<(), StoreError> {
    tokio::time::timeout(LOOK_EVERY, notices.next()).await.unwrap_or(Ok(()))
}
