use std::sync::Arc;

use catalog::{Actor, AuditAction, AuditEntry, AuditId, AuditSubject, Catalog, Timestamp};

use crate::clock::Clock;
use crate::random;

/// What owners do, on a running server or beside it: tokens and channels. It needs the catalog alone.
#[derive(Clone)]
pub struct Administration {
    pub(crate) catalog: Arc<dyn Catalog>,
    clock: Arc<dyn Clock>,
}

impl Administration {
    /// Works on this catalog.
    #[must_use]
    pub fn new(catalog: Arc<dyn Catalog>, clock: Arc<dyn Clock>) -> Self {
        Self { catalog, clock }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// A line for the audit log, as of now.
    pub(crate) fn audit(
        &self,
        actor: Actor,
        action: AuditAction,
        subject: AuditSubject,
        details: &[(&str, &str)],
    ) -> AuditEntry {
        let at = self.now();
        let details = details.iter().map(|(key, value)| ((*key).to_owned(), (*value).into())).collect();
        AuditEntry { id: AuditId::new(at, random::bytes()), at, actor, action, subject, details }
    }
}
