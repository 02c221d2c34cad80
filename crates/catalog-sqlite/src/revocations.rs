use async_trait::async_trait;
use catalog::{Revocation, RevocationSubject, Revocations, RevocationsMut, StoreError, Timestamp};

use crate::failure::failed;
use crate::row::{Malformed, Row, millis, moment};
use crate::session::Session;

struct RevocationRow {
    subject_kind: String,
    subject_id: Vec<u8>,
    starts_refused_at: i64,
    running_refused_at: Option<i64>,
}

impl Row for RevocationRow {
    type Item = Revocation;
    const WHAT: &'static str = "revocation";

    fn read(self) -> Result<Revocation, Malformed> {
        Ok(Revocation {
            subject: RevocationSubject::from_parts(&self.subject_kind, &self.subject_id)?,
            starts_refused_at: Timestamp::from_millis(self.starts_refused_at)?,
            running_refused_at: moment(self.running_refused_at)?,
        })
    }
}

#[async_trait]
impl Revocations for Session {
    async fn find(&mut self, subject: RevocationSubject) -> Result<Option<Revocation>, StoreError> {
        let row = sqlx::query_as!(
            RevocationRow,
            "SELECT subject_kind, subject_id, starts_refused_at, running_refused_at FROM revocations
             WHERE subject_kind = ? AND subject_id = ?",
            subject.kind(),
            subject.id().as_slice(),
        )
        .fetch_optional(self.connection())
        .await
        .map_err(failed("finding a revocation"))?;
        row.map(Row::item).transpose()
    }
}

#[async_trait]
impl RevocationsMut for Session {
    async fn revoke(&mut self, revocation: &Revocation) -> Result<(), StoreError> {
        sqlx::query!(
            "INSERT INTO revocations (subject_kind, subject_id, starts_refused_at, running_refused_at)
             VALUES (?, ?, ?, ?)
             ON CONFLICT (subject_kind, subject_id) DO UPDATE SET
                starts_refused_at = max(starts_refused_at, excluded.starts_refused_at),
                running_refused_at = coalesce(
                    max(running_refused_at, excluded.running_refused_at),
                    running_refused_at,
                    excluded.running_refused_at
                )",
            revocation.subject.kind(),
            revocation.subject.id().as_slice(),
            revocation.starts_refused_at.as_millis(),
            millis(revocation.running_refused_at),
        )
        .execute(self.connection())
        .await
        .map_err(failed("revoking"))?;
        Ok(())
    }

    async fn lift(&mut self, subject: RevocationSubject) -> Result<(), StoreError> {
        sqlx::query!(
            "DELETE FROM revocations WHERE subject_kind = ? AND subject_id = ?",
            subject.kind(),
            subject.id().as_slice(),
        )
        .execute(self.connection())
        .await
        .map_err(failed("lifting a revocation"))?;
        Ok(())
    }
}
