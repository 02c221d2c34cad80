use async_trait::async_trait;
use catalog::row::{AFTER_ALL, AuditRow, page};
use catalog::{Audit, AuditEntry, AuditId, AuditMut, AuditSubject, Page, PageSize, StoreError};
use uuid::Uuid;

use crate::failure::{failed, refused};
use crate::session::Session;

macro_rules! select_audit_entries {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            AuditRow,
            r#"SELECT
                id AS "id: Uuid", at, actor_kind, actor_id AS "actor_id: Uuid", action, subject_kind,
                subject_id AS "subject_id: Uuid", details
             FROM audit_entries "# + $rest,
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
            "WHERE id < ? ORDER BY id DESC LIMIT +?",
            before.map_or(AFTER_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing the audit log"))?;
        page(rows, size, |entry| entry.id)
    }

    async fn list_subject(
        &mut self,
        subject: AuditSubject,
        before: Option<AuditId>,
        size: PageSize,
    ) -> Result<Page<AuditEntry, AuditId>, StoreError> {
        let rows = select_audit_entries!(
            "WHERE subject_kind = ? AND subject_id = ? AND id < ? ORDER BY id DESC LIMIT +?",
            subject.kind(),
            subject.id(),
            before.map_or(AFTER_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing the audit log"))?;
        page(rows, size, |entry| entry.id)
    }
}

#[async_trait]
impl AuditMut for Session {
    async fn append(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        let row = AuditRow::try_from(entry)?;
        sqlx::query!(
            "INSERT INTO audit_entries (id, at, actor_kind, actor_id, action, subject_kind, subject_id, details)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
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
        .map_err(refused("audit entry"))?;
        Ok(())
    }
}
