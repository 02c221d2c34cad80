use uuid::Uuid;

use super::{Malformed, Row, from_json, to_json};
use crate::{Actor, AuditEntry, AuditSubject, StoreError, Timestamp};

/// A row of `audit_entries`.
#[expect(missing_docs, reason = "the columns of the table, and the fields of `AuditEntry`")]
#[derive(Clone, Debug)]
pub struct AuditRow {
    pub id: Uuid,
    pub at: i64,
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub details: String,
}

impl Row for AuditRow {
    type Item = AuditEntry;
    const WHAT: &'static str = "audit entry";

    fn read(self) -> Result<AuditEntry, Malformed> {
        Ok(AuditEntry {
            id: self.id.try_into()?,
            at: Timestamp::from_millis(self.at)?,
            actor: Actor::from_parts(&self.actor_kind, self.actor_id)?,
            action: self.action.parse()?,
            subject: AuditSubject::from_parts(&self.subject_kind, self.subject_id)?,
            details: from_json(&self.details)?,
        })
    }
}

impl TryFrom<&AuditEntry> for AuditRow {
    type Error = StoreError;

    fn try_from(entry: &AuditEntry) -> Result<Self, StoreError> {
        Ok(Self {
            id: entry.id.into(),
            at: entry.at.as_millis(),
            actor_kind: entry.actor.kind().to_owned(),
            actor_id: entry.actor.id(),
            action: entry.action.as_str().to_owned(),
            subject_kind: entry.subject.kind().to_owned(),
            subject_id: entry.subject.id(),
            details: to_json(&entry.details)?,
        })
    }
}
