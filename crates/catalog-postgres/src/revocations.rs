use async_trait::async_trait;
use catalog::row::{RevocationRow, Row};
use catalog::{
    BuildId, ChannelId, Revocation, RevocationSubject, Revocations, RevocationsMut, StoreError, TicketId,
    TicketRevocations,
};

use crate::session::Session;

#[async_trait]
impl Revocations for Session {
    async fn find(&mut self, subject: RevocationSubject) -> Result<Option<Revocation>, StoreError> {
        let row = sqlx::query_as!(
            RevocationRow,
            "SELECT subject_kind, subject_id, starts_refused_at, running_refused_at
             FROM revocations WHERE subject_kind = $1 AND subject_id = $2",
            subject.kind(),
            subject.id(),
        )
        .fetch_optional(self.connection())
        .await
        .map_err(self.failed("finding a revocation"))?;
        row.map(Row::item).transpose()
    }
}

impl Session {
    /// The revocations that bear on a ticket for this build on this channel.
    pub(crate) async fn of_ticket(
        &mut self,
        ticket: TicketId,
        channel: ChannelId,
        build: BuildId,
    ) -> Result<TicketRevocations, StoreError> {
        Ok(TicketRevocations {
            channel: Revocations::find(self, RevocationSubject::Channel(channel)).await?,
            build: Revocations::find(self, RevocationSubject::Build(build)).await?,
            ticket: Revocations::find(self, RevocationSubject::Ticket(ticket)).await?,
        })
    }
}

#[async_trait]
impl RevocationsMut for Session {
    async fn revoke(&mut self, revocation: &Revocation) -> Result<(), StoreError> {
        // An insert takes its table's lock before it looks around, so whoever opens an attempt either did before this and
        // is waited for here, or sees the revocation once this unit is over. Reading goes on meanwhile.
        sqlx::query!("LOCK TABLE attempts IN SHARE MODE")
            .execute(self.connection())
            .await
            .map_err(self.failed("waiting for attempts that start"))?;
        let row = RevocationRow::from(revocation);
        sqlx::query!(
            "INSERT INTO revocations (subject_kind, subject_id, starts_refused_at, running_refused_at)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (subject_kind, subject_id) DO UPDATE SET
                starts_refused_at = greatest(revocations.starts_refused_at, excluded.starts_refused_at),
                running_refused_at = greatest(revocations.running_refused_at, excluded.running_refused_at)",
            row.subject_kind,
            row.subject_id,
            row.starts_refused_at,
            row.running_refused_at,
        )
        .execute(self.connection())
        .await
        .map_err(self.failed("revoking"))?;
        Ok(())
    }

    async fn lift(&mut self, subject: RevocationSubject) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM revocations WHERE subject_kind = $1 AND subject_id = $2",
            subject.kind(),
            subject.id(),
        )
        .execute(self.connection())
        .await
        .map_err(self.failed("lifting a revocation"))?;
        Ok(())
    }
}
