use async_trait::async_trait;
use uuid::Uuid;

use crate::word::{self, word};
use crate::{
    Actor, AppId, AttemptId, AuditId, BuildId, ChannelId, JobId, Page, PageSize, ParseError, ReleaseId,
    StoreError, TicketId, TicketKeyId, Timestamp, TokenId,
};

/// One line of the log of what was done on the server; never changed, never removed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AuditEntry {
    /// Its id.
    pub id: AuditId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: AuditAction,
    /// To what.
    pub subject: AuditSubject,
    /// What else is worth knowing, such as the old and the new name; an object, no secrets.
    pub details: serde_json::Map<String, serde_json::Value>,
}

word! {
    /// What was done, such as `build.uploaded`: the kind of thing and a verb in the past, of `a` to `z`, `-` and one
    /// dot, at most 64 characters.
    ///
    /// ```
    /// use catalog::AuditAction;
    ///
    /// const UPLOADED: AuditAction = AuditAction::new("build.uploaded");
    /// assert_eq!("build.uploaded".parse(), Ok(UPLOADED));
    /// ```
    AuditAction, word::is_deed, "action"
}

/// What something was done to.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum AuditSubject {
    /// The server as a whole.
    Server,
    /// An app.
    App(AppId),
    /// A build.
    Build(BuildId),
    /// A channel.
    Channel(ChannelId),
    /// A release.
    Release(ReleaseId),
    /// A token.
    Token(TokenId),
    /// A key that signs tickets.
    TicketKey(TicketKeyId),
    /// A ticket.
    Ticket(TicketId),
    /// An attempt.
    Attempt(AttemptId),
    /// A job.
    Job(JobId),
}

impl AuditSubject {
    /// The word that an engine keeps in a column.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Server => "server",
            Self::App(_) => "app",
            Self::Build(_) => "build",
            Self::Channel(_) => "channel",
            Self::Release(_) => "release",
            Self::Token(_) => "token",
            Self::TicketKey(_) => "ticket-key",
            Self::Ticket(_) => "ticket",
            Self::Attempt(_) => "attempt",
            Self::Job(_) => "job",
        }
    }

    /// The id that an engine keeps beside [`kind`](Self::kind); nil for the server, so that one index serves all.
    #[must_use]
    pub fn id(&self) -> Uuid {
        match self {
            Self::Server => Uuid::nil(),
            Self::App(id) => (*id).into(),
            Self::Build(id) => (*id).into(),
            Self::Channel(id) => (*id).into(),
            Self::Release(id) => (*id).into(),
            Self::Token(id) => (*id).into(),
            Self::TicketKey(id) => (*id).into(),
            Self::Ticket(id) => (*id).into(),
            Self::Attempt(id) => (*id).into(),
            Self::Job(id) => (*id).into(),
        }
    }

    /// Puts [`kind`](Self::kind) and [`id`](Self::id) together again.
    ///
    /// # Errors
    ///
    /// [`ParseError::Word`] for a word that is no kind; [`ParseError::Id`] for the id.
    pub fn from_parts(kind: &str, id: Uuid) -> Result<Self, ParseError> {
        match kind {
            "server" => Ok(Self::Server),
            "app" => id.try_into().map(Self::App),
            "build" => id.try_into().map(Self::Build),
            "channel" => id.try_into().map(Self::Channel),
            "release" => id.try_into().map(Self::Release),
            "token" => id.try_into().map(Self::Token),
            "ticket-key" => id.try_into().map(Self::TicketKey),
            "ticket" => Ok(Self::Ticket(id.into())),
            "attempt" => id.try_into().map(Self::Attempt),
            "job" => id.try_into().map(Self::Job),
            _ => Err(ParseError::word("subject of an audit entry", kind)),
        }
    }
}

/// Reads the audit log.
#[async_trait]
pub trait Audit: Send {
    /// Every entry, newest id first.
    async fn list(
        &mut self,
        before: Option<AuditId>,
        size: PageSize,
    ) -> Result<Page<AuditEntry, AuditId>, StoreError>;

    /// The entries about a subject, newest id first; empty when nothing was ever done to it.
    async fn list_subject(
        &mut self,
        subject: AuditSubject,
        before: Option<AuditId>,
        size: PageSize,
    ) -> Result<Page<AuditEntry, AuditId>, StoreError>;
}

/// Keeps the audit log.
#[async_trait]
pub trait AuditMut: Audit {
    /// Adds an entry, which stands once the unit is committed. Its subject need not exist.
    async fn append(&mut self, entry: &AuditEntry) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_the_same_after_being_stored() {
        let at = Timestamp::from_millis(1).unwrap();
        for subject in [
            AuditSubject::Server,
            AuditSubject::App(AppId::new(at, [1; 10])),
            AuditSubject::Build(BuildId::new(at, [2; 10])),
            AuditSubject::Channel(ChannelId::new(at, [3; 10])),
            AuditSubject::Release(ReleaseId::new(at, [4; 10])),
            AuditSubject::Token(TokenId::new(at, [5; 10])),
            AuditSubject::TicketKey(TicketKeyId::new(at, [6; 10])),
            AuditSubject::Ticket(TicketId::new([7; 16])),
            AuditSubject::Attempt(AttemptId::new(at, [8; 10])),
            AuditSubject::Job(JobId::new(at, [9; 10])),
        ] {
            assert_eq!(AuditSubject::from_parts(subject.kind(), subject.id()), Ok(subject));
        }
        assert!(AuditSubject::from_parts("weather", Uuid::nil()).is_err());
    }
}
