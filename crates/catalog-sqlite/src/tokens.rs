use async_trait::async_trait;
use catalog::{
    AppId, ChannelId, Key, Name, Page, PageSize, StoreError, Timestamp, Token, TokenHash, TokenId,
    TokenReach, Tokens, TokensMut,
};

use crate::failure::{failed, refused};
use crate::row::{AFTER_ALL, Malformed, Row, millis, moment, page};
use crate::session::Session;

struct TokenRow {
    id: Vec<u8>,
    name: String,
    scope: String,
    app_id: Option<Vec<u8>>,
    channel_id: Option<Vec<u8>>,
    hash: Vec<u8>,
    created_at: i64,
    expires_at: Option<i64>,
    revoked_at: Option<i64>,
    last_used_at: Option<i64>,
}

macro_rules! select_tokens {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            TokenRow,
            "SELECT id, name, scope, app_id, channel_id, hash, created_at, expires_at, revoked_at, last_used_at
             FROM tokens " + $rest,
            $($argument),+
        )
    };
}

impl Row for TokenRow {
    type Item = Token;
    const WHAT: &'static str = "token";

    fn read(self) -> Result<Token, Malformed> {
        let reach = match (self.app_id, self.channel_id) {
            (None, None) => TokenReach::Everything,
            (Some(app), None) => TokenReach::App(AppId::from_bytes(&app)?),
            (None, Some(channel)) => TokenReach::Channel(ChannelId::from_bytes(&channel)?),
            (Some(_), Some(_)) => return Err("it reaches both an app and a channel".into()),
        };
        Ok(Token {
            id: TokenId::from_bytes(&self.id)?,
            name: Name::parse(&self.name)?,
            scope: self.scope.parse()?,
            reach,
            hash: TokenHash::from_bytes(&self.hash)?,
            created_at: Timestamp::from_millis(self.created_at)?,
            expires_at: moment(self.expires_at)?,
            revoked_at: moment(self.revoked_at)?,
            last_used_at: moment(self.last_used_at)?,
        })
    }
}

#[async_trait]
impl Tokens for Session {
    async fn find(&mut self, id: TokenId) -> Result<Option<Token>, StoreError> {
        let row = select_tokens!("WHERE id = ?", id.as_bytes().as_slice())
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding a token"))?;
        row.map(Row::item).transpose()
    }

    async fn find_by_hash(&mut self, hash: &TokenHash) -> Result<Option<Token>, StoreError> {
        let row = select_tokens!("WHERE hash = ?", hash.as_bytes().as_slice())
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding a token"))?;
        row.map(Row::item).transpose()
    }

    async fn list(
        &mut self,
        before: Option<TokenId>,
        size: PageSize,
    ) -> Result<Page<Token, TokenId>, StoreError> {
        let rows = select_tokens!(
            "WHERE id < ? ORDER BY id DESC LIMIT ?",
            before.as_ref().map_or(&AFTER_ALL, TokenId::as_bytes).as_slice(),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing tokens"))?;
        page(rows, size, |token| token.id)
    }
}

#[async_trait]
impl TokensMut for Session {
    async fn insert(&mut self, token: &Token) -> Result<(), StoreError> {
        let (app, channel) = match &token.reach {
            TokenReach::Everything => (None, None),
            TokenReach::App(id) => (Some(id.as_bytes().as_slice()), None),
            TokenReach::Channel(id) => (None, Some(id.as_bytes().as_slice())),
        };
        let added = sqlx::query!(
            "INSERT INTO tokens
                (id, name, scope, app_id, channel_id, hash, created_at, expires_at, revoked_at, last_used_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
            token.id.as_bytes().as_slice(),
            token.name.as_str(),
            token.scope.as_str(),
            app,
            channel,
            token.hash.as_bytes().as_slice(),
            token.created_at.as_millis(),
            millis(token.expires_at),
            millis(token.revoked_at),
            millis(token.last_used_at),
        )
        .execute(self.connection())
        .await
        .map_err(refused("token"))?;
        if added.rows_affected() == 0 { Err(StoreError::Conflict(Key::TokenHash)) } else { Ok(()) }
    }

    async fn revoke(&mut self, id: TokenId, at: Timestamp) -> Result<(), StoreError> {
        let changed = sqlx::query!(
            "UPDATE tokens SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?",
            at.as_millis(),
            id.as_bytes().as_slice(),
        )
        .execute(self.connection())
        .await
        .map_err(failed("revoking a token"))?;
        if changed.rows_affected() == 0 { Err(StoreError::Unknown("token")) } else { Ok(()) }
    }

    async fn touch(&mut self, id: TokenId, at: Timestamp) -> Result<(), StoreError> {
        sqlx::query!(
            "UPDATE tokens SET last_used_at = ?1 WHERE id = ?2 AND (last_used_at IS NULL OR last_used_at < ?1)",
            at.as_millis(),
            id.as_bytes().as_slice(),
        )
        .execute(self.connection())
        .await
        .map_err(failed("noting a token's use"))?;
        Ok(())
    }
}
