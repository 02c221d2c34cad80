use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;

use crate::{AppId, ChannelId, Name, Page, PageSize, ParseError, StoreError, Timestamp, TokenId};

/// A machine's scoped secret; only its hash is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Token {
    /// Its id.
    pub id: TokenId,
    /// What its owner calls it; need not be unique.
    pub name: Name,
    /// What it may do.
    pub scope: TokenScope,
    /// To what it may do it.
    pub reach: TokenReach,
    /// What the secret hashes to; unique.
    pub hash: TokenHash,
    /// When it was made.
    pub created_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
    /// Since when it is refused.
    pub revoked_at: Option<Timestamp>,
    /// When it was last seen; may lag behind.
    pub last_used_at: Option<Timestamp>,
}

/// What a token may do; each includes the ones before.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum TokenScope {
    /// Read apps, builds, channels and attempts.
    Read,
    /// Upload builds and release them.
    Publish,
    /// Everything: channels, tokens, revocations.
    Admin,
}

impl TokenScope {
    /// Every scope, the narrowest first.
    pub const ALL: [Self; 3] = [Self::Read, Self::Publish, Self::Admin];

    /// The word for people, JSON and columns: `read`, `publish` or `admin`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Publish => "publish",
            Self::Admin => "admin",
        }
    }
}

impl FromStr for TokenScope {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let found = Self::ALL.into_iter().find(|scope| scope.as_str() == text);
        found.ok_or_else(|| ParseError::word("scope of a token", text))
    }
}

/// What a token's scope applies to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum TokenReach {
    /// The whole server.
    Everything,
    /// One app and its channels.
    App(AppId),
    /// One channel.
    Channel(ChannelId),
}

/// The SHA-256 of a token's secret, which is random and long enough to need no slower hash.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    /// Wraps a digest.
    #[must_use]
    pub fn new(digest: [u8; 32]) -> Self {
        Self(digest)
    }

    /// Reads the 32 bytes that [`as_bytes`](Self::as_bytes) gave.
    ///
    /// # Errors
    ///
    /// [`ParseError::Length`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ParseError> {
        let refuse =
            |_| ParseError::Length { what: "a token's hash", expected_bytes: 32, seen_bytes: bytes.len() };
        bytes.try_into().map(Self).map_err(refuse)
    }

    /// The 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Reads tokens.
#[async_trait]
pub trait Tokens: Send {
    /// The token with this id, or `None` when there is none.
    async fn find(&mut self, id: TokenId) -> Result<Option<Token>, StoreError>;

    /// The token whose secret hashes to this, expired and revoked ones included, or `None` when there is none.
    async fn find_by_hash(&mut self, hash: &TokenHash) -> Result<Option<Token>, StoreError>;

    /// Every token, newest id first.
    async fn list(
        &mut self,
        before: Option<TokenId>,
        size: PageSize,
    ) -> Result<Page<Token, TokenId>, StoreError>;
}

/// Keeps tokens. They are revoked, never removed.
#[async_trait]
pub trait TokensMut: Tokens {
    /// Adds a token; [`StoreError::Conflict`] when its secret is taken, [`StoreError::Dangling`] when what it reaches
    /// is unknown.
    async fn insert(&mut self, token: &Token) -> Result<(), StoreError>;

    /// Refuses the token from now on. A second call keeps the first moment; [`StoreError::Unknown`] when there is no
    /// such token.
    async fn revoke(&mut self, id: TokenId, at: Timestamp) -> Result<(), StoreError>;

    /// Notes that the token was used. Never goes back in time; an unknown token is passed over.
    async fn touch(&mut self, id: TokenId, at: Timestamp) -> Result<(), StoreError>;
}
