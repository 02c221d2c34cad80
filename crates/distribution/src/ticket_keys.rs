use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use catalog::{Actor, AuditAction, AuditSubject, Catalog, StoreError, TicketKey, TicketKeyId, Timestamp};

use crate::administration::Administration;
use crate::events::{TICKET_KEYS_ROTATED, event};
use crate::random;
use crate::secret_key::{SecretKey, UnsealError};
use crate::ticket::{SigningKey, Ticket, TicketError, UnverifiedTicket};

const ROTATED: AuditAction = AuditAction::new("ticket-key.rotated");

const LABEL: &str = "ticket key";

/// How long a retired key's tickets may still be shown: a ticket starts an attempt for some days, and what it started
/// is served for some days more.
const KEPT_AFTER_RETIRING: Duration = Duration::from_hours(24 * 90);

/// The keys that sign and verify tickets, held in memory and shared by all nodes through the catalog.
pub(crate) struct TicketKeys {
    secret_key: SecretKey,
    /// The newest first.
    keys: RwLock<Vec<HeldKey>>,
}

#[derive(Clone)]
struct HeldKey {
    key: SigningKey,
    retired_at: Option<Timestamp>,
}

/// Why the server has no keys to sign tickets with.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TicketKeysError {
    /// The secret key is not the one that sealed the catalog's keys.
    #[error("the ticket key {id} cannot be opened with this secret key")]
    Sealed {
        /// Which key.
        id: TicketKeyId,
        /// Why.
        #[source]
        source: UnsealError,
    },
    /// The catalog failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TicketKeys {
    /// Loads the keys, and makes the first one where there is none.
    pub(crate) async fn open(
        administration: &Administration,
        secret_key: SecretKey,
    ) -> Result<Self, TicketKeysError> {
        let keys = Self { secret_key, keys: RwLock::default() };
        keys.load(&*administration.catalog, administration.now()).await?;
        if keys.signing().is_none() {
            keys.rotate(administration, Actor::Server).await?;
        }
        Ok(keys)
    }

    /// Retires every key and signs with a new one from now on. Tickets already made stay good.
    pub(crate) async fn rotate(
        &self,
        administration: &Administration,
        by: Actor,
    ) -> Result<(), TicketKeysError> {
        let now = administration.now();
        let id = TicketKeyId::new(now, random::bytes());
        let secret: [u8; SigningKey::SECRET_LEN] = random::bytes();
        let sealed = self.secret_key.seal(LABEL, &secret);
        let mut unit = administration.catalog.begin().await?;
        for key in unit.ticket_keys().list_since(now).await? {
            unit.ticket_keys().retire(key.id, now).await?;
        }
        unit.ticket_keys().insert(&TicketKey { id, sealed, created_at: now, retired_at: None }).await?;
        let entry = administration.audit(by, ROTATED, AuditSubject::TicketKey(id), &[]);
        unit.audit().append(&entry).await?;
        unit.events().append(&event(now, TICKET_KEYS_ROTATED, [])).await?;
        unit.commit().await?;
        self.load(&*administration.catalog, now).await
    }

    /// Signs with the newest key.
    pub(crate) fn sign(&self, ticket: &Ticket) -> String {
        self.signing().expect("a key was made when the keys were opened").sign(ticket)
    }

    /// Believes a ticket's text. A key that another node has just made is fetched first.
    pub(crate) async fn verify(
        &self,
        catalog: &dyn Catalog,
        text: &str,
        now: Timestamp,
    ) -> Result<Result<Ticket, TicketError>, TicketKeysError> {
        let ticket = match UnverifiedTicket::parse(text) {
            Ok(ticket) => ticket,
            Err(error) => return Ok(Err(error)),
        };
        if self.find(ticket.key()).is_none() && is_stored(catalog, ticket.key()).await? {
            self.load(catalog, now).await?;
        }
        let key = self.find(ticket.key()).ok_or(TicketError::UnknownKey(ticket.key()));
        Ok(key.and_then(|key| key.verify(&ticket)))
    }

    /// Takes the keys as the catalog has them now.
    pub(crate) async fn load(&self, catalog: &dyn Catalog, now: Timestamp) -> Result<(), TicketKeysError> {
        let since = now.saturating_sub(KEPT_AFTER_RETIRING);
        let stored = catalog.read().await?.ticket_keys().list_since(since).await?;
        let keys = stored.iter().map(|key| self.unseal(key)).collect::<Result<_, _>>()?;
        *self.keys.write().unwrap_or_else(PoisonError::into_inner) = keys;
        Ok(())
    }

    fn unseal(&self, key: &TicketKey) -> Result<HeldKey, TicketKeysError> {
        let sealed = |source| TicketKeysError::Sealed { id: key.id, source };
        let secret = self.secret_key.unseal(LABEL, &key.sealed).map_err(sealed)?;
        let secret = secret.try_into().map_err(|_| sealed(UnsealError))?;
        Ok(HeldKey { key: SigningKey::new(key.id, secret), retired_at: key.retired_at })
    }

    fn signing(&self) -> Option<SigningKey> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().find(|held| held.retired_at.is_none()).map(|held| held.key.clone())
    }

    fn find(&self, id: TicketKeyId) -> Option<SigningKey> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.iter().find(|held| held.key.id() == id).map(|held| held.key.clone())
    }
}

impl Administration {
    /// Signs tickets with a new key from now on, on every node. Tickets already made stay good.
    ///
    /// # Errors
    ///
    /// [`TicketKeysError`] when the catalog fails, or holds a key that `secret_key` does not open.
    pub async fn rotate_ticket_keys(&self, secret_key: SecretKey, by: Actor) -> Result<(), TicketKeysError> {
        TicketKeys::open(self, secret_key).await?.rotate(self, by).await
    }
}

async fn is_stored(catalog: &dyn Catalog, id: TicketKeyId) -> Result<bool, StoreError> {
    Ok(catalog.read().await?.ticket_keys().find(id).await?.is_some())
}
