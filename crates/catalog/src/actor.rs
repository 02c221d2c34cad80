use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{ParseError, TokenId};

/// Who did something.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(tag = "kind", content = "id", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Actor {
    /// A machine, by its token.
    Token(TokenId),
    /// A person at the server's own command line.
    Operator,
    /// The server itself: retention, expiry, first start.
    Server,
}

impl Actor {
    /// The word that an engine keeps in a column: `token`, `operator` or `server`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Token(_) => "token",
            Self::Operator => "operator",
            Self::Server => "server",
        }
    }

    /// The id that an engine keeps beside [`kind`](Self::kind), where that kind has one.
    #[must_use]
    pub fn id(&self) -> Option<Uuid> {
        match self {
            Self::Token(id) => Some((*id).into()),
            Self::Operator | Self::Server => None,
        }
    }

    /// Puts [`kind`](Self::kind) and [`id`](Self::id) together again.
    ///
    /// # Errors
    ///
    /// [`ParseError::Word`] for a word that is no kind; [`ParseError::Id`] for the id.
    pub fn from_parts(kind: &str, id: Option<Uuid>) -> Result<Self, ParseError> {
        match kind {
            "token" => id.unwrap_or_default().try_into().map(Self::Token),
            "operator" => Ok(Self::Operator),
            "server" => Ok(Self::Server),
            _ => Err(ParseError::word("kind of actor", kind)),
        }
    }
}

/// `operator`, `server`, or `token` and its id.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(id) => write!(f, "token {id}"),
            Self::Operator | Self::Server => f.write_str(self.kind()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Timestamp;

    #[test]
    fn an_actor_is_the_same_after_being_stored() {
        let token = TokenId::new(Timestamp::from_millis(5).unwrap(), [9; 10]);
        for actor in [Actor::Token(token), Actor::Operator, Actor::Server] {
            assert_eq!(Actor::from_parts(actor.kind(), actor.id()), Ok(actor));
            let json = serde_json::to_string(&actor).unwrap();
            assert_eq!(serde_json::from_str::<Actor>(&json).unwrap(), actor, "{json}");
        }
        assert!(Actor::from_parts("token", None).is_err());
        assert!(Actor::from_parts("nobody", None).is_err());
    }
}
