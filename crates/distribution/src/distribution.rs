use std::sync::Arc;
use std::time::Duration;

use catalog::{Catalog, Position, StoreError, Timestamp};
use depot::Depot;
use url::Url;

use crate::administration::Administration;
use crate::attempts::Attempts;
use crate::caller::{Caller, TokenRefusal};
use crate::clock::Clock;
use crate::events::NodeId;
use crate::garbage::Collector;
use crate::jobs::{CollectGarbage, RemoveOld, Task, Worker};
use crate::readiness::Readiness;
use crate::secret_key::SecretKey;
use crate::self_check::LastCheck;
use crate::ticket_keys::{TicketKeys, TicketKeysError};

/// What Airstair does, over a catalog and a depot.
#[derive(Clone)]
pub struct Distribution {
    pub(crate) catalog: Arc<dyn Catalog>,
    pub(crate) depot: Arc<dyn Depot>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) policy: Policy,
    pub(crate) ticket_keys: Arc<TicketKeys>,
    pub(crate) attempts: Arc<Attempts>,
    pub(crate) administration: Administration,
    pub(crate) node: NodeId,
    /// Where the log of events ended when it was opened.
    pub(crate) followed_from: Position,
    worker: Worker,
    pub(crate) readiness: Arc<Readiness>,
    pub(crate) last_check: Arc<LastCheck>,
}

/// What the owner decided.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Where people and devices reach this server: `https`, a host, no query. Never taken from a request.
    pub public_url: Url,
    /// Who offers the apps: shown on pages and as the subtitle in the device's prompt.
    pub organisation: Option<String>,
    /// The largest package that is taken.
    pub package_limit_bytes: u64,
    /// Room that uploads must leave on the disk.
    pub reserve_bytes: u64,
    /// How long a ticket may start an attempt.
    pub ticket_starts_for: Duration,
    /// How long a started attempt is served.
    pub attempt_served_for: Duration,
    /// After how much silence a new manifest request is a new attempt.
    pub attempt_silence: Duration,
    /// Whether in-house builds may stand on open channels without a word from each publisher.
    pub in_house_on_open_channels: InHousePolicy,
}

/// Whether in-house builds may stand on open channels, where a leaked link installs on anyone's phone.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum InHousePolicy {
    /// Each channel's owner must agree first.
    AskForEachChannel,
    /// The server's owner has agreed for all.
    Agreed,
}

impl Policy {
    /// The defaults of a server at this address.
    #[must_use]
    pub fn new(public_url: Url) -> Self {
        const DAY: Duration = Duration::from_hours(24);
        Self {
            public_url,
            organisation: None,
            package_limit_bytes: 8 << 30,
            reserve_bytes: 256 << 20,
            ticket_starts_for: DAY * 7,
            attempt_served_for: DAY * 7,
            attempt_silence: Duration::from_mins(10),
            in_house_on_open_channels: InHousePolicy::AskForEachChannel,
        }
    }
}

impl Distribution {
    /// Opens for business: loads the ticket keys, or makes the first one.
    ///
    /// Must be called on a `tokio` runtime, on which attempts are then written in the background.
    ///
    /// # Errors
    ///
    /// [`TicketKeysError`] when the secret key is not the one the catalog was used with, or the catalog fails.
    pub async fn open(
        catalog: Arc<dyn Catalog>,
        depot: Arc<dyn Depot>,
        clock: Arc<dyn Clock>,
        secret_key: SecretKey,
        policy: Policy,
    ) -> Result<Self, TicketKeysError> {
        let administration = Administration::new(Arc::clone(&catalog), Arc::clone(&clock));
        let followed_from = catalog.read().await?.events().end().await?;
        let ticket_keys = TicketKeys::open(&administration, secret_key).await?;
        let node = NodeId::random();
        let attempts = Attempts::start(Arc::clone(&catalog), Arc::clone(&clock), node);
        let collector = Collector::new(Arc::clone(&catalog), Arc::clone(&depot), Arc::clone(&clock));
        let garbage: Box<dyn Task> = Box::new(CollectGarbage(collector));
        let tasks = RemoveOld::all(&catalog, &clock).chain([garbage]);
        let worker = Worker::new(Arc::clone(&catalog), Arc::clone(&clock), tasks);
        Ok(Self {
            catalog,
            depot,
            clock,
            policy,
            ticket_keys: Arc::new(ticket_keys),
            attempts: Arc::new(attempts),
            administration,
            node,
            followed_from,
            worker,
            readiness: Arc::default(),
            last_check: Arc::default(),
        })
    }

    /// The same with links that lead to another address of this server.
    #[must_use]
    pub fn reached_at(&self, public_url: Url) -> Self {
        let mut there = self.clone();
        there.policy.public_url = public_url;
        there
    }

    /// What owners do: tokens and channels.
    #[must_use]
    pub fn administration(&self) -> &Administration {
        &self.administration
    }

    /// Does what a server does by itself, until it is dropped: the jobs that are due, and what other nodes tell.
    pub async fn work(&self) {
        tokio::join!(self.worker.run(), self.follow_events());
    }

    /// What the owner decided.
    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The moment it is now.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Who holds this bearer token.
    ///
    /// # Errors
    ///
    /// What the store fails with; that nobody holds it is the inner error.
    pub async fn caller(&self, secret: &str) -> Result<Result<Caller, TokenRefusal>, StoreError> {
        Caller::of_secret(&*self.catalog, secret, self.now()).await
    }

    /// What removes leftovers of this server's catalog and depot.
    #[must_use]
    pub fn collector(&self) -> Collector {
        Collector::new(Arc::clone(&self.catalog), Arc::clone(&self.depot), Arc::clone(&self.clock))
    }
}
