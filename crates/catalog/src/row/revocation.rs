use uuid::Uuid;

use super::{Malformed, Row, millis, moment};
use crate::{Revocation, RevocationSubject, Timestamp};

/// A row of `revocations`.
#[expect(missing_docs, reason = "the columns of the table, and the fields of `Revocation`")]
#[derive(Clone, Debug)]
pub struct RevocationRow {
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub starts_refused_at: i64,
    pub running_refused_at: Option<i64>,
}

impl Row for RevocationRow {
    type Item = Revocation;
    const WHAT: &'static str = "revocation";

    fn read(self) -> Result<Revocation, Malformed> {
        Ok(Revocation {
            subject: RevocationSubject::from_parts(&self.subject_kind, self.subject_id)?,
            starts_refused_at: Timestamp::from_millis(self.starts_refused_at)?,
            running_refused_at: moment(self.running_refused_at)?,
        })
    }
}

impl From<&Revocation> for RevocationRow {
    fn from(revocation: &Revocation) -> Self {
        Self {
            subject_kind: revocation.subject.kind().to_owned(),
            subject_id: revocation.subject.id(),
            starts_refused_at: revocation.starts_refused_at.as_millis(),
            running_refused_at: millis(revocation.running_refused_at),
        }
    }
}
