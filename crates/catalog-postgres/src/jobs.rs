use async_trait::async_trait;
use catalog::row::{AFTER_ALL, BEFORE_ALL, JobRow, NewJobRow, Row, moment, page, text};
use catalog::{
    Added, Held, Job, JobId, JobKind, Jobs, JobsMut, Key, Lease, LeaseId, NewJob, Page, PageSize, StoreError,
    Timestamp,
};
use sqlx::postgres::PgQueryResult;
use uuid::Uuid;

use crate::session::{Session, Tried};

macro_rules! select_jobs {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            JobRow,
            "SELECT
                id, kind, subject, body, created_at, due_at, tries, lease_id,
                last_error, given_up_at
             FROM jobs " + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl Jobs for Session {
    async fn find(&mut self, id: JobId) -> Result<Option<Job>, StoreError> {
        let row = select_jobs!("WHERE id = $1", Uuid::from(id))
            .fetch_optional(self.connection())
            .await
            .map_err(self.failed("finding a job"))?;
        row.map(Row::item).transpose()
    }

    async fn next_due(&mut self, kind: &JobKind) -> Result<Option<Timestamp>, StoreError> {
        let due = sqlx::query_scalar!(
            "SELECT due_at FROM jobs WHERE kind = $1 AND given_up_at IS NULL ORDER BY due_at, id LIMIT 1",
            kind.as_str(),
        )
        .fetch_optional(self.connection())
        .await
        .map_err(self.failed("finding the next job"))?;
        moment(due).map_err(|cause| StoreError::Corrupt(JobRow::WHAT, cause))
    }

    async fn list_waiting(
        &mut self,
        after: Option<JobId>,
        size: PageSize,
    ) -> Result<Page<Job, JobId>, StoreError> {
        let rows = select_jobs!(
            "WHERE given_up_at IS NULL AND id > $1 ORDER BY id LIMIT $2",
            after.map_or(BEFORE_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing jobs"))?;
        page(rows, size, |job| job.id)
    }

    async fn list_given_up(
        &mut self,
        before: Option<JobId>,
        size: PageSize,
    ) -> Result<Page<Job, JobId>, StoreError> {
        let rows = select_jobs!(
            "WHERE given_up_at IS NOT NULL AND id < $1 ORDER BY id DESC LIMIT $2",
            before.map_or(AFTER_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing jobs that were given up"))?;
        page(rows, size, |job| job.id)
    }
}

#[async_trait]
impl JobsMut for Session {
    async fn add(&mut self, job: &NewJob) -> Result<Added, StoreError> {
        let row = NewJobRow::try_from(job)?;
        loop {
            let added = sqlx::query!(
                "INSERT INTO jobs (id, kind, subject, body, created_at, due_at) VALUES ($1, $2, $3, $4, $5, $6)
                 ON CONFLICT DO NOTHING",
                row.id,
                row.kind,
                row.subject,
                row.body,
                row.created_at,
                row.due_at,
            )
            .execute(self.connection())
            .await
            .map_err(self.failed("adding a job"))?;
            if added.rows_affected() > 0 {
                return Ok(Added::New);
            }
            let waiting = sqlx::query_scalar!(
                "SELECT id FROM jobs WHERE kind = $1 AND subject = $2 AND given_up_at IS NULL",
                row.kind,
                row.subject,
            )
            .fetch_optional(self.connection())
            .await
            .map_err(self.failed("finding a job that waits"))?;
            if waiting.is_some() {
                return Ok(Added::Waiting);
            }
            if Jobs::find(self, job.id).await?.is_some() {
                return Err(StoreError::Conflict(Key::Id));
            }
            // It was done between the two statements, so there is room now.
        }
    }

    async fn take(
        &mut self,
        kind: &JobKind,
        lease: Lease,
        now: Timestamp,
    ) -> Result<Option<Job>, StoreError> {
        let row = sqlx::query_as!(
            JobRow,
            "UPDATE jobs SET lease_id = $1, due_at = $2, tries = tries + 1
             WHERE id = (
                SELECT id FROM jobs WHERE kind = $3 AND given_up_at IS NULL AND due_at <= $4
                ORDER BY due_at, id LIMIT 1 FOR UPDATE SKIP LOCKED
             )
             RETURNING id, kind, subject, body, created_at, due_at, tries, lease_id, last_error, given_up_at",
            Uuid::from(lease.id),
            lease.until.as_millis(),
            kind.as_str(),
            now.as_millis(),
        )
        .fetch_optional(self.connection())
        .await
        .map_err(self.failed("taking a job"))?;
        row.map(Row::item).transpose()
    }

    async fn renew(&mut self, id: JobId, lease: Lease) -> Result<Held, StoreError> {
        let changed = sqlx::query!(
            "UPDATE jobs SET due_at = $1 WHERE id = $2 AND lease_id = $3 AND given_up_at IS NULL",
            lease.until.as_millis(),
            Uuid::from(id),
            Uuid::from(lease.id),
        )
        .execute(self.connection())
        .await
        .map_err(self.failed("renewing a lease"))?;
        Ok(held(&changed))
    }

    async fn finish(&mut self, id: JobId, lease: LeaseId) -> Result<Held, StoreError> {
        let removed = sqlx::query!(
            "DELETE FROM jobs WHERE id = $1 AND lease_id = $2 AND given_up_at IS NULL",
            Uuid::from(id),
            Uuid::from(lease),
        )
        .execute(self.connection())
        .await
        .map_err(self.failed("finishing a job"))?;
        Ok(held(&removed))
    }

    async fn put_off(
        &mut self,
        id: JobId,
        lease: LeaseId,
        due_at: Timestamp,
        error: &str,
    ) -> Result<Held, StoreError> {
        let changed = sqlx::query!(
            "UPDATE jobs SET due_at = $1, lease_id = NULL, last_error = $2
             WHERE id = $3 AND lease_id = $4 AND given_up_at IS NULL",
            due_at.as_millis(),
            text(error),
            Uuid::from(id),
            Uuid::from(lease),
        )
        .execute(self.connection())
        .await
        .map_err(self.failed("putting a job off"))?;
        Ok(held(&changed))
    }

    async fn give_up(
        &mut self,
        id: JobId,
        lease: LeaseId,
        at: Timestamp,
        error: &str,
    ) -> Result<Held, StoreError> {
        let changed = sqlx::query!(
            "UPDATE jobs SET given_up_at = $1, lease_id = NULL, last_error = $2
             WHERE id = $3 AND lease_id = $4 AND given_up_at IS NULL",
            at.as_millis(),
            text(error),
            Uuid::from(id),
            Uuid::from(lease),
        )
        .execute(self.connection())
        .await
        .map_err(self.failed("giving a job up"))?;
        Ok(held(&changed))
    }

    async fn retry(&mut self, id: JobId, due_at: Timestamp) -> Result<(), StoreError> {
        let retry = sqlx::query!(
            "UPDATE jobs SET given_up_at = NULL, tries = 0, due_at = $1 WHERE id = $2 AND given_up_at IS NOT NULL",
            due_at.as_millis(),
            Uuid::from(id),
        );
        match self.execute_unless_taken(retry, "retrying a job").await? {
            Tried::Done(0) => Err(StoreError::Unknown("job that was given up")),
            Tried::Done(_) => Ok(()),
            Tried::Taken(_) => Err(StoreError::Conflict(Key::Job)),
        }
    }

    async fn remove_given_up_before(
        &mut self,
        before: Timestamp,
        limit: PageSize,
    ) -> Result<u64, StoreError> {
        let removed = sqlx::query!(
            "DELETE FROM jobs WHERE id = ANY(ARRAY(
                SELECT id FROM jobs WHERE given_up_at IS NOT NULL AND id < $1 AND given_up_at < $2
                ORDER BY id LIMIT $3
             ))",
            Uuid::from(JobId::new(before, [0; 10])),
            before.as_millis(),
            i64::from(limit),
        )
        .execute(self.connection())
        .await
        .map_err(self.failed("removing jobs that were given up"))?;
        Ok(removed.rows_affected())
    }
}

fn held(changed: &PgQueryResult) -> Held {
    if changed.rows_affected() == 0 { Held::No } else { Held::Yes }
}
