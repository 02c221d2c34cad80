use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use catalog::{
    Actor, AuditAction, AuditSubject, Name, Page, PageSize, StoreError, Timestamp, Token, TokenId,
    TokenReach, TokenScope,
};

use crate::administration::Administration;
use crate::caller::hash;
use crate::random;

const CREATED: AuditAction = AuditAction::new("token.created");
const REVOKED: AuditAction = AuditAction::new("token.revoked");

/// Begins every token's secret, so that scanners recognise one that leaked.
const PREFIX: &str = "airstair_";

/// A token to be made.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What its owner calls it.
    pub name: Name,
    /// What it may do.
    pub scope: TokenScope,
    /// To what.
    pub reach: TokenReach,
    /// From when on it is refused.
    pub expires_at: Option<Timestamp>,
}

/// A token's secret: shown once, kept nowhere.
///
/// `airstair_` and 43 characters of URL-safe base64: 256 random bits.
#[derive(Clone, Eq, PartialEq)]
pub struct TokenSecret(String);

impl TokenSecret {
    fn random() -> Self {
        Self(format!("{PREFIX}{}", BASE64_URL_SAFE_NO_PAD.encode(random::bytes::<32>())))
    }

    /// The secret itself, to be shown to its owner.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for TokenSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenSecret([redacted])")
    }
}

/// A token just made, with the only copy of its secret.
#[derive(Clone, Debug)]
pub struct CreatedToken {
    /// What is kept.
    pub token: Token,
    /// What is not.
    pub secret: TokenSecret,
}

impl Administration {
    /// Makes a token.
    ///
    /// # Errors
    ///
    /// [`StoreError::Dangling`] when what it is to reach is unknown.
    pub async fn create_token(&self, new: NewToken, by: Actor) -> Result<CreatedToken, StoreError> {
        let now = self.now();
        let secret = TokenSecret::random();
        let token = Token {
            id: TokenId::new(now, random::bytes()),
            name: new.name,
            scope: new.scope,
            reach: new.reach,
            hash: hash(secret.reveal()),
            created_at: now,
            expires_at: new.expires_at,
            revoked_at: None,
            last_used_at: None,
        };
        let mut unit = self.catalog.begin().await?;
        unit.tokens().insert(&token).await?;
        let entry = self.audit(by, CREATED, AuditSubject::Token(token.id), &[("name", token.name.as_str())]);
        unit.audit().append(&entry).await?;
        unit.commit().await?;
        Ok(CreatedToken { token, secret })
    }

    /// Refuses a token from now on; a second call changes nothing.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unknown`] when there is no such token.
    pub async fn revoke_token(&self, id: TokenId, by: Actor) -> Result<(), StoreError> {
        let mut unit = self.catalog.begin().await?;
        unit.tokens().revoke(id, self.now()).await?;
        unit.audit().append(&self.audit(by, REVOKED, AuditSubject::Token(id), &[])).await?;
        unit.commit().await
    }

    /// Every token, the newest first.
    ///
    /// # Errors
    ///
    /// What the store fails with.
    pub async fn list_tokens(
        &self,
        before: Option<TokenId>,
        size: PageSize,
    ) -> Result<Page<Token, TokenId>, StoreError> {
        self.catalog.read().await?.tokens().list(before, size).await
    }
}
