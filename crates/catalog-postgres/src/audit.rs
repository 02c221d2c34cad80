use async_trait::async_trait;
use catalog::row::{AFTER_ALL, AuditRow, page};
use catalog::{Audit, AuditEntry, AuditId, AuditMut, AuditSubject, Key, Page, PageSize, StoreError};
use uuid::Uuid;

use crate::session::Session;

macro_rules! select_audit_entries {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            AuditRow,
            "SELECT
                id, at, actor_kind, actor_id, action, subject_kind,
                subject_id, details
             FROM audit_entries " + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl Audit for Session {
    async fn list(
        &mut self,
        before: Option<AuditId>,
        size: PageSize,
    ) -> Result<Page<AuditEntry, AuditId>, StoreError> {
        let rows = select_audit_entries!(
            "WHERE id < $1 ORDER BY id DESC LIMIT $2",
            before.map_or(AFTER_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing the audit log"))?;
        page(rows, size, |entry| entry.id)
    }

    async fn list_subject(
        &mut self,
        subject: AuditSubject,
        before: Option<AuditId>,
        size: PageSize,
    ) -> Result<Page<AuditEntry, AuditId>, StoreError> {
        let rows = select_audit_entries!(
            "WHERE subject_kind = $1 AND subject_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
            subject.kind(),
            subject.id(),
            before.map_or(AFTER_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing the audit log"))?;
        page(rows, size, |entry| entry.id)
    }
}

#[async_trait]
impl AuditMut for Session {
    async fn append(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        let row = AuditRow::try_from(entry)?;
        let added = sqlx::query!(
            "INSERT INTO audit_entries (id, at, actor_kind, actor_id, action, subject_kind, subject_id, details)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
            row.id,
            row.at,
            row.actor_kind,
            row.actor_id,
            row.action,
            row.subject_kind,
            row.subject_id,
            row.details,
        )
        .execute(self.connection())
        .await
        .map_err(self.failed("adding to the audit log"))?;
        if added.rows_affected() == 0 { Err(StoreError::Conflict(Key::Id)) } else { Ok(()) }
    }
}
