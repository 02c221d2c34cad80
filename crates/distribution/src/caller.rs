use std::time::Duration;

use catalog::{
    Actor, AppId, Catalog, Channel, StoreError, Timestamp, Token, TokenHash, TokenReach, TokenScope,
};
use sha2::{Digest, Sha256};

/// Who asks: a machine with a live token, or a person at the server's own command line.
#[derive(Clone, Debug)]
pub enum Caller {
    /// A machine.
    Token(Box<Token>),
    /// A person who can read the server's disk, and so may do anything.
    Operator,
}

/// Why a bearer token does not tell who asks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TokenRefusal {
    /// No token has this secret.
    #[error("the token is unknown")]
    Unknown,
    /// Its time is over.
    #[error("the token expired on {0}")]
    Expired(Timestamp),
    /// Somebody revoked it.
    #[error("the token was revoked on {0}")]
    Revoked(Timestamp),
}

/// What a caller may not do.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the token may not {wanted}: {reason}")]
pub struct NotAllowed {
    /// What was to be done, as a verb.
    pub wanted: &'static str,
    /// What the token lacks.
    pub reason: &'static str,
}

/// How far `last_used_at` may lag, so that a busy token costs no write with each use.
const TOUCH_EVERY: Duration = Duration::from_mins(10);

impl Caller {
    /// Who holds this secret.
    pub(crate) async fn of_secret(
        catalog: &dyn Catalog,
        secret: &str,
        now: Timestamp,
    ) -> Result<Result<Self, TokenRefusal>, StoreError> {
        let found = catalog.read().await?.tokens().find_by_hash(&hash(secret)).await?;
        let Some(token) = found else { return Ok(Err(TokenRefusal::Unknown)) };
        if let Some(at) = token.revoked_at {
            return Ok(Err(TokenRefusal::Revoked(at)));
        }
        if let Some(at) = token.expires_at.filter(|at| *at <= now) {
            return Ok(Err(TokenRefusal::Expired(at)));
        }
        if token.last_used_at.is_none_or(|at| at <= now.saturating_sub(TOUCH_EVERY)) {
            let mut unit = catalog.begin().await?;
            unit.tokens().touch(token.id, now).await?;
            unit.commit().await?;
        }
        Ok(Ok(Self::Token(Box::new(token))))
    }

    /// How the audit log and the builds name it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Token(token) => Actor::Token(token.id),
            Self::Operator => Actor::Operator,
        }
    }

    /// Whether it may publish at all; asked before the first byte is taken.
    pub(crate) fn may_publish(&self) -> Result<(), NotAllowed> {
        match self {
            Self::Token(token) if token.scope < TokenScope::Publish => Err(NotAllowed {
                wanted: "publish",
                reason: "its scope is `read`, publishing needs `publish`",
            }),
            Self::Token(_) | Self::Operator => Ok(()),
        }
    }

    /// Whether it may publish the first build of an app.
    pub(crate) fn may_create_app(&self) -> Result<(), NotAllowed> {
        match self.reach() {
            TokenReach::Everything => Ok(()),
            TokenReach::App(_) | TokenReach::Channel(_) => {
                Err(NotAllowed { wanted: "publish this app", reason: "it reaches another app only" })
            }
        }
    }

    /// Whether it may open a channel of this app.
    pub(crate) fn may_create_channel(&self, app: AppId) -> Result<(), NotAllowed> {
        match self.reach() {
            TokenReach::Everything => Ok(()),
            TokenReach::App(own) if own == app => Ok(()),
            TokenReach::App(_) => {
                Err(NotAllowed { wanted: "publish this app", reason: "it reaches another app only" })
            }
            TokenReach::Channel(_) => Err(NotAllowed {
                wanted: "create a channel",
                reason: "it reaches one channel only; name that one, or create the channel first",
            }),
        }
    }

    /// Whether it may release on this channel.
    pub(crate) fn may_release_on(&self, channel: &Channel) -> Result<(), NotAllowed> {
        let reached = match self.reach() {
            TokenReach::Everything => true,
            TokenReach::App(app) => app == channel.app,
            TokenReach::Channel(own) => own == channel.id,
        };
        let refusal = NotAllowed { wanted: "release on this channel", reason: "it reaches another one only" };
        if reached { Ok(()) } else { Err(refusal) }
    }

    pub(crate) fn reach(&self) -> TokenReach {
        match self {
            Self::Token(token) => token.reach,
            Self::Operator => TokenReach::Everything,
        }
    }
}

/// What the catalog keeps of a secret.
pub(crate) fn hash(secret: &str) -> TokenHash {
    TokenHash::new(Sha256::digest(secret).into())
}
