use async_trait::async_trait;
use catalog::{
    Actor, Audit, AuditEntry, AuditId, AuditMut, AuditSubject, Page, PageSize, StoreError, Timestamp,
};

use crate::failure::{failed, refused};
use crate::row::{AFTER_ALL, Malformed, Row, from_json, page, to_json};
use crate::session::Session;

struct AuditRow {
    id: Vec<u8>,
    at: i64,
    actor_kind: String,
    actor_id: Option<Vec<u8>>,
    action: String,
    subject_kind: String,
    subject_id: Vec<u8>,
    details: String,
}

macro_rules! select_audit_entries {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            AuditRow,
            "SELECT id, at, actor_kind, actor_id, action, subject_kind, subject_id, details
             FROM audit_entries " + $rest,
            $($argument),+
        )
    };
}

impl Row for AuditRow {
    type Item = AuditEntry;
    const WHAT: &'static str = "audit entry";

    fn read(self) -> Result<AuditEntry, Malformed> {
        Ok(AuditEntry {
            id: AuditId::from_bytes(&self.id)?,
            at: Timestamp::from_millis(self.at)?,
            actor: Actor::from_parts(&self.actor_kind, self.actor_id.as_deref())?,
            action: self.action.parse()?,
            subject: AuditSubject::from_parts(&self.subject_kind, &self.subject_id)?,
            details: from_json(&self.details)?,
        })
    }
}

#[async_trait]
impl Audit for Session {
    async fn list(
        &mut self,
        before: Option<AuditId>,
        size: PageSize,
    ) -> Result<Page<AuditEntry, AuditId>, StoreError> {
        let rows = select_audit_entries!(
            "WHERE id < ? ORDER BY id DESC LIMIT ?",
            before.as_ref().map_or(&AFTER_ALL, AuditId::as_bytes).as_slice(),
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
            "WHERE subject_kind = ? AND subject_id = ? AND id < ? ORDER BY id DESC LIMIT ?",
            subject.kind(),
            subject.id().as_slice(),
            before.as_ref().map_or(&AFTER_ALL, AuditId::as_bytes).as_slice(),
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
        sqlx::query!(
            "INSERT INTO audit_entries (id, at, actor_kind, actor_id, action, subject_kind, subject_id, details)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            entry.id.as_bytes().as_slice(),
            entry.at.as_millis(),
            entry.actor.kind(),
            entry.actor.id().map(<[u8; 16]>::as_slice),
            entry.action.as_str(),
            entry.subject.kind(),
            entry.subject.id().as_slice(),
            to_json(&entry.details)?,
        )
        .execute(self.connection())
        .await
        .map_err(refused("audit entry"))?;
        Ok(())
    }
}
