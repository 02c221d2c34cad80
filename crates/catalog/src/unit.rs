use async_trait::async_trait;

use crate::{
    Apps, AppsMut, Attempts, AttemptsMut, Audit, AuditMut, Blobs, BlobsMut, Builds, BuildsMut, Channels,
    ChannelsMut, Events, EventsMut, Installs, Jobs, JobsMut, Notices, Releases, ReleasesMut, Revocations,
    RevocationsMut, SelfChecks, SelfChecksMut, StoreError, TicketKeys, TicketKeysMut, Tokens, TokensMut,
};

/// Everything the server knows, in some database.
#[async_trait]
pub trait Catalog: Send + Sync {
    /// Begins reading. All reads of one snapshot see the same moment, which lies between this call and the first
    /// read: every unit committed before this call, and of later ones all or nothing.
    async fn read(&self) -> Result<Box<dyn Snapshot>, StoreError>;

    /// Begins a unit of work, waiting for its turn where the engine writes one unit at a time. Hold it for as long as
    /// the database needs, never across a request, an upload or a sleep.
    async fn begin(&self) -> Result<Box<dyn Unit>, StoreError>;

    /// Begins to hear of events that are committed from now on, in this process or, where the engine can tell, in
    /// others.
    async fn listen(&self) -> Result<Box<dyn Notices>, StoreError>;

    /// Says whether the database answers and takes writes.
    async fn check(&self) -> Result<(), StoreError>;

    /// Waits for what is under way and lets go of the database; whatever is asked afterwards fails.
    async fn close(&self);
}

/// One moment of the catalog, for reading.
pub trait Snapshot: Send {
    /// The apps.
    fn apps(&mut self) -> &mut dyn Apps;
    /// The attempts.
    fn attempts(&mut self) -> &mut dyn Attempts;
    /// The audit log.
    fn audit(&mut self) -> &mut dyn Audit;
    /// The blobs.
    fn blobs(&mut self) -> &mut dyn Blobs;
    /// The builds.
    fn builds(&mut self) -> &mut dyn Builds;
    /// The channels.
    fn channels(&mut self) -> &mut dyn Channels;
    /// The log of events.
    fn events(&mut self) -> &mut dyn Events;
    /// What pages and devices ask for.
    fn installs(&mut self) -> &mut dyn Installs;
    /// The work that is owed.
    fn jobs(&mut self) -> &mut dyn Jobs;
    /// The releases.
    fn releases(&mut self) -> &mut dyn Releases;
    /// The revocations.
    fn revocations(&mut self) -> &mut dyn Revocations;
    /// What servers found on their own road.
    fn self_checks(&mut self) -> &mut dyn SelfChecks;
    /// The keys that sign tickets.
    fn ticket_keys(&mut self) -> &mut dyn TicketKeys;
    /// The tokens.
    fn tokens(&mut self) -> &mut dyn Tokens;
}

/// Changes that become true together, at [`commit`](Self::commit), or not at all.
///
/// Dropping it undoes all it did. It sees its own changes; nobody else does before they are committed.
#[async_trait]
pub trait Unit: Send {
    /// The apps.
    fn apps(&mut self) -> &mut dyn AppsMut;
    /// The attempts.
    fn attempts(&mut self) -> &mut dyn AttemptsMut;
    /// The audit log.
    fn audit(&mut self) -> &mut dyn AuditMut;
    /// The blobs.
    fn blobs(&mut self) -> &mut dyn BlobsMut;
    /// The builds.
    fn builds(&mut self) -> &mut dyn BuildsMut;
    /// The channels.
    fn channels(&mut self) -> &mut dyn ChannelsMut;
    /// The log of events.
    fn events(&mut self) -> &mut dyn EventsMut;
    /// What pages and devices ask for.
    fn installs(&mut self) -> &mut dyn Installs;
    /// The work that is owed.
    fn jobs(&mut self) -> &mut dyn JobsMut;
    /// The releases.
    fn releases(&mut self) -> &mut dyn ReleasesMut;
    /// The revocations.
    fn revocations(&mut self) -> &mut dyn RevocationsMut;
    /// What servers found on their own road.
    fn self_checks(&mut self) -> &mut dyn SelfChecksMut;
    /// The keys that sign tickets.
    fn ticket_keys(&mut self) -> &mut dyn TicketKeysMut;
    /// The tokens.
    fn tokens(&mut self) -> &mut dyn TokensMut;

    /// Makes it all true. Once this answers `Ok`, it survives a crash and the loss of power; an error means that
    /// nothing was done, or, where the connection broke while waiting for the answer, that nobody knows.
    async fn commit(self: Box<Self>) -> Result<(), StoreError>;
}
