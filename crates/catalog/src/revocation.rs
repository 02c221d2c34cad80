use async_trait::async_trait;
use uuid::Uuid;

use crate::{BuildId, ChannelId, ParseError, StoreError, TicketId, Timestamp};

/// Says that tickets made until a moment are dead.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Revocation {
    /// Whose tickets.
    pub subject: RevocationSubject,
    /// Tickets issued until then start no attempt.
    pub starts_refused_at: Timestamp,
    /// Attempts started until then are no longer served; `None` when running ones may end well.
    pub running_refused_at: Option<Timestamp>,
}

/// Whose tickets a revocation kills.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum RevocationSubject {
    /// All of a channel.
    Channel(ChannelId),
    /// All for a build, on every channel.
    Build(BuildId),
    /// One ticket: one link.
    Ticket(TicketId),
}

impl RevocationSubject {
    /// The word that an engine keeps in a column: `channel`, `build` or `ticket`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Channel(_) => "channel",
            Self::Build(_) => "build",
            Self::Ticket(_) => "ticket",
        }
    }

    /// The id that an engine keeps beside [`kind`](Self::kind).
    #[must_use]
    pub fn id(&self) -> Uuid {
        match self {
            Self::Channel(id) => (*id).into(),
            Self::Build(id) => (*id).into(),
            Self::Ticket(id) => (*id).into(),
        }
    }

    /// Puts [`kind`](Self::kind) and [`id`](Self::id) together again.
    ///
    /// # Errors
    ///
    /// [`ParseError::Word`] for a word that is no kind; [`ParseError::Id`] for the id.
    pub fn from_parts(kind: &str, id: Uuid) -> Result<Self, ParseError> {
        match kind {
            "channel" => id.try_into().map(Self::Channel),
            "build" => id.try_into().map(Self::Build),
            "ticket" => Ok(Self::Ticket(id.into())),
            _ => Err(ParseError::word("subject of a revocation", kind)),
        }
    }
}

/// The revocations that bear on one ticket.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct TicketRevocations {
    /// That of its channel.
    pub channel: Option<Revocation>,
    /// That of its build.
    pub build: Option<Revocation>,
    /// Its own.
    pub ticket: Option<Revocation>,
}

impl TicketRevocations {
    /// The revocation that keeps a ticket issued at this moment from starting an attempt.
    #[must_use]
    pub fn refuses_start(&self, issued_at: Timestamp) -> Option<&Revocation> {
        self.iter().find(|revocation| issued_at <= revocation.starts_refused_at)
    }

    /// The revocation that ends an attempt started at this moment.
    #[must_use]
    pub fn refuses_running(&self, started_at: Timestamp) -> Option<&Revocation> {
        self.iter().find(|revocation| revocation.running_refused_at.is_some_and(|at| started_at <= at))
    }

    fn iter(&self) -> impl Iterator<Item = &Revocation> {
        [&self.ticket, &self.build, &self.channel].into_iter().flatten()
    }
}

/// Reads revocations.
#[async_trait]
pub trait Revocations: Send {
    /// The revocation of this subject, or `None` when it is not revoked.
    async fn find(&mut self, subject: RevocationSubject) -> Result<Option<Revocation>, StoreError>;
}

/// Keeps revocations: one row for each subject.
#[async_trait]
pub trait RevocationsMut: Revocations {
    /// Revokes. Where the subject is revoked already its two moments move on, never back, and a missing one takes
    /// none away. The subject need not exist. Waits for attempts that are being opened; what it means to them is said
    /// at [`AttemptsMut::open`](crate::AttemptsMut::open).
    async fn revoke(&mut self, revocation: &Revocation) -> Result<(), StoreError>;

    /// Forgets the revocation, so that tickets still in their time are good again. One that is not there is passed
    /// over.
    async fn lift(&mut self, subject: RevocationSubject) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millis(millis).unwrap()
    }

    #[test]
    fn a_subject_is_the_same_after_being_stored() {
        for subject in [
            RevocationSubject::Channel(ChannelId::new(at(1), [1; 10])),
            RevocationSubject::Build(BuildId::new(at(2), [2; 10])),
            RevocationSubject::Ticket(TicketId::new([3; 16])),
        ] {
            assert_eq!(RevocationSubject::from_parts(subject.kind(), subject.id()), Ok(subject));
        }
        assert!(
            RevocationSubject::from_parts("channel", Uuid::from_bytes([3; 16])).is_err(),
            "no version 7 uuid"
        );
        assert!(RevocationSubject::from_parts("server", Uuid::from_bytes([3; 16])).is_err(), "no such kind");
    }

    #[test]
    fn a_ticket_issued_after_the_revocation_is_good() {
        let subject = RevocationSubject::Ticket(TicketId::new([3; 16]));
        let mut revocation = Revocation { subject, starts_refused_at: at(10), running_refused_at: None };
        let revocations = TicketRevocations { channel: Some(revocation), ..Default::default() };
        assert_eq!(revocations.refuses_start(at(9)), Some(&revocation));
        assert_eq!(revocations.refuses_start(at(10)), Some(&revocation));
        assert_eq!(revocations.refuses_start(at(11)), None);
        assert_eq!(revocations.refuses_running(at(1)), None, "running ones end well");

        revocation.running_refused_at = Some(at(8));
        let revocations = TicketRevocations { build: Some(revocation), ..Default::default() };
        assert_eq!(revocations.refuses_running(at(8)), Some(&revocation));
        assert_eq!(revocations.refuses_running(at(9)), None);
    }
}
