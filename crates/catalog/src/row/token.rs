use std::fmt;

use uuid::Uuid;

use super::{Malformed, Row, millis, moment};
use crate::{Name, Timestamp, Token, TokenHash, TokenReach};

/// A row of `tokens`.
#[expect(missing_docs, reason = "the columns of the table, and the fields of `Token`")]
#[derive(Clone)]
pub struct TokenRow {
    pub id: Uuid,
    pub name: String,
    pub scope: String,
    pub app_id: Option<Uuid>,
    pub channel_id: Option<Uuid>,
    pub hash: Vec<u8>,
    pub created_at: i64,
    pub expires_at: Option<i64>,
    pub revoked_at: Option<i64>,
    pub last_used_at: Option<i64>,
}

impl Row for TokenRow {
    type Item = Token;
    const WHAT: &'static str = "token";

    fn read(self) -> Result<Token, Malformed> {
        let reach = match (self.app_id, self.channel_id) {
            (None, None) => TokenReach::Everything,
            (Some(app), None) => TokenReach::App(app.try_into()?),
            (None, Some(channel)) => TokenReach::Channel(channel.try_into()?),
            (Some(_), Some(_)) => return Err("it reaches both an app and a channel".into()),
        };
        Ok(Token {
            id: self.id.try_into()?,
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

impl From<&Token> for TokenRow {
    fn from(token: &Token) -> Self {
        let (app_id, channel_id) = match token.reach {
            TokenReach::Everything => (None, None),
            TokenReach::App(id) => (Some(id.into()), None),
            TokenReach::Channel(id) => (None, Some(id.into())),
        };
        Self {
            id: token.id.into(),
            name: token.name.as_str().to_owned(),
            scope: token.scope.as_str().to_owned(),
            app_id,
            channel_id,
            hash: token.hash.as_bytes().to_vec(),
            created_at: token.created_at.as_millis(),
            expires_at: millis(token.expires_at),
            revoked_at: millis(token.revoked_at),
            last_used_at: millis(token.last_used_at),
        }
    }
}

impl fmt::Debug for TokenRow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenRow").field("id", &self.id).finish_non_exhaustive()
    }
}
