use async_trait::async_trait;
use catalog::row::{AFTER_ALL, Row, TokenRow, page};
use catalog::{Key, Page, PageSize, StoreError, Timestamp, Token, TokenHash, TokenId, Tokens, TokensMut};
use uuid::Uuid;

use crate::failure::{failed, refused};
use crate::session::Session;

macro_rules! select_tokens {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            TokenRow,
            r#"SELECT
                id AS "id: Uuid", name, scope, app_id AS "app_id: Uuid", channel_id AS "channel_id: Uuid",
                hash, created_at, expires_at, revoked_at, last_used_at
             FROM tokens "# + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl Tokens for Session {
    async fn find(&mut self, id: TokenId) -> Result<Option<Token>, StoreError> {
        let row = select_tokens!("WHERE id = ?", Uuid::from(id))
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
            "WHERE id < ? ORDER BY id DESC LIMIT +?",
            before.map_or(AFTER_ALL, Uuid::from),
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
        let row = TokenRow::from(token);
        let added = sqlx::query!(
            "INSERT INTO tokens
                (id, name, scope, app_id, channel_id, hash, created_at, expires_at, revoked_at, last_used_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING",
            row.id,
            row.name,
            row.scope,
            row.app_id,
            row.channel_id,
            row.hash,
            row.created_at,
            row.expires_at,
            row.revoked_at,
            row.last_used_at,
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
            Uuid::from(id),
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
            Uuid::from(id),
        )
        .execute(self.connection())
        .await
        .map_err(failed("noting a token's use"))?;
        Ok(())
    }
}
