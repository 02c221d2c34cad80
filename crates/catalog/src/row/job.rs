use uuid::Uuid;

use super::{Malformed, Row, from_json, moment, text, to_json};
use crate::{Job, LeaseId, NewJob, StoreError, Timestamp};

/// A row of `jobs`.
#[expect(missing_docs, reason = "the columns of the table, and the fields of `Job`")]
#[derive(Clone, Debug)]
pub struct JobRow {
    pub id: Uuid,
    pub kind: String,
    pub subject: String,
    pub body: String,
    pub created_at: i64,
    pub due_at: i64,
    pub tries: i64,
    pub lease_id: Option<Uuid>,
    pub last_error: Option<String>,
    pub given_up_at: Option<i64>,
}

/// The columns of `jobs` that a new job fills.
#[expect(missing_docs, reason = "the columns of the table, and the fields of `NewJob`")]
#[derive(Clone, Debug)]
pub struct NewJobRow {
    pub id: Uuid,
    pub kind: String,
    pub subject: String,
    pub body: String,
    pub created_at: i64,
    pub due_at: i64,
}

impl Row for JobRow {
    type Item = Job;
    const WHAT: &'static str = "job";

    fn read(self) -> Result<Job, Malformed> {
        Ok(Job {
            id: self.id.try_into()?,
            kind: self.kind.parse()?,
            subject: self.subject,
            body: from_json(&self.body)?,
            created_at: Timestamp::from_millis(self.created_at)?,
            due_at: Timestamp::from_millis(self.due_at)?,
            tries: self.tries.try_into()?,
            lease: self.lease_id.map(LeaseId::try_from).transpose()?,
            last_error: self.last_error,
            given_up_at: moment(self.given_up_at)?,
        })
    }
}

impl TryFrom<&NewJob> for NewJobRow {
    type Error = StoreError;

    fn try_from(job: &NewJob) -> Result<Self, StoreError> {
        Ok(Self {
            id: job.id.into(),
            kind: job.kind.as_str().to_owned(),
            subject: text(&job.subject),
            body: to_json(&job.body)?,
            created_at: job.created_at.as_millis(),
            due_at: job.due_at.as_millis(),
        })
    }
}
