use async_trait::async_trait;
use catalog::{
    Apps, AppsMut, Attempts, AttemptsMut, Audit, AuditMut, Blobs, BlobsMut, Builds, BuildsMut, Channels,
    ChannelsMut, Events, EventsMut, Installs, Jobs, JobsMut, Releases, ReleasesMut, Revocations,
    RevocationsMut, SelfChecks, SelfChecksMut, Snapshot, StoreError, TicketKeys, TicketKeysMut, Tokens,
    TokensMut, Unit,
};
use sqlx::sqlite::SqliteConnection;
use sqlx::{Sqlite, Transaction};
use tokio::sync::watch;

use crate::failure::failed;

/// A transaction, on a reader or on the writer. It has every store's methods; [`Snapshot`] shows those that read.
pub(crate) struct Session {
    transaction: Transaction<'static, Sqlite>,
    /// Whom to tell at the commit, once an event was added.
    listeners: watch::Sender<()>,
    added_events: bool,
}

impl Session {
    pub(crate) fn new(transaction: Transaction<'static, Sqlite>, listeners: watch::Sender<()>) -> Self {
        Self { transaction, listeners, added_events: false }
    }

    pub(crate) fn tell_at_commit(&mut self) {
        self.added_events = true;
    }

    pub(crate) fn connection(&mut self) -> &mut SqliteConnection {
        &mut self.transaction
    }
}

macro_rules! stores {
    ($($store:ident: $shown:ident;)+) => {$(
        fn $store(&mut self) -> &mut dyn $shown {
            self
        }
    )+};
}

impl Snapshot for Session {
    stores! {
        apps: Apps;
        attempts: Attempts;
        audit: Audit;
        blobs: Blobs;
        builds: Builds;
        channels: Channels;
        events: Events;
        installs: Installs;
        jobs: Jobs;
        releases: Releases;
        revocations: Revocations;
        self_checks: SelfChecks;
        ticket_keys: TicketKeys;
        tokens: Tokens;
    }
}

#[async_trait]
impl Unit for Session {
    stores! {
        apps: AppsMut;
        attempts: AttemptsMut;
        audit: AuditMut;
        blobs: BlobsMut;
        builds: BuildsMut;
        channels: ChannelsMut;
        events: EventsMut;
        installs: Installs;
        jobs: JobsMut;
        releases: ReleasesMut;
        revocations: RevocationsMut;
        self_checks: SelfChecksMut;
        ticket_keys: TicketKeysMut;
        tokens: TokensMut;
    }

    async fn commit(self: Box<Self>) -> Result<(), StoreError> {
        self.transaction.commit().await.map_err(failed("committing"))?;
        if self.added_events {
            self.listeners.send_replace(());
        }
        Ok(())
    }
}
