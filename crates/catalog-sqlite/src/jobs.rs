use async_trait::async_trait;
use catalog::row::{AFTER_ALL, BEFORE_ALL, JobRow, NewJobRow, Row, moment, page, text};
use catalog::{
    Added, Held, Job, JobId, JobKind, Jobs, JobsMut, Key, Lease, LeaseId, NewJob, Page, PageSize, StoreError,
    Timestamp,
};
use sqlx::sqlite::SqliteQueryResult;
use uuid::Uuid;

use crate::failure::{failed, refused};
use crate::session::Session;

macro_rules! select_jobs {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            JobRow,
            r#"SELECT
                id AS "id: Uuid", kind, subject, body, created_at, due_at, tries, lease_id AS "lease_id: Uuid",
                last_error, given_up_at
             FROM jobs "# + $rest,
            $($argument),+
        )
    };
}

#[async_trait]
impl Jobs for Session {
    async fn find(&mut self, id: JobId) -> Result<Option<Job>, StoreError> {
        let row = select_jobs!("WHERE id = ?", Uuid::from(id))
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding a job"))?;
        row.map(Row::item).transpose()
    }

    async fn next_due(&mut self, kind: &JobKind) -> Result<Option<Timestamp>, StoreError> {
        let due = sqlx::query_scalar!(
            "SELECT due_at FROM jobs WHERE kind = ? AND given_up_at IS NULL ORDER BY due_at, id LIMIT 1",
            kind.as_str(),
        )
        .fetch_optional(self.connection())
        .await
        .map_err(failed("finding the next job"))?;
        moment(due).map_err(|cause| StoreError::Corrupt(JobRow::WHAT, cause))
    }

    async fn list_waiting(
        &mut self,
        after: Option<JobId>,
        size: PageSize,
    ) -> Result<Page<Job, JobId>, StoreError> {
        let rows = select_jobs!(
            "WHERE given_up_at IS NULL AND id > ? ORDER BY id LIMIT +?",
            after.map_or(BEFORE_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing jobs"))?;
        page(rows, size, |job| job.id)
    }

    async fn list_given_up(
        &mut self,
        before: Option<JobId>,
        size: PageSize,
    ) -> Result<Page<Job, JobId>, StoreError> {
        let rows = select_jobs!(
            "WHERE given_up_at IS NOT NULL AND id < ? ORDER BY id DESC LIMIT +?",
            before.map_or(AFTER_ALL, Uuid::from),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing jobs that were given up"))?;
        page(rows, size, |job| job.id)
    }
}

#[async_trait]
impl JobsMut for Session {
    async fn add(&mut self, job: &NewJob) -> Result<Added, StoreError> {
        let row = NewJobRow::try_from(job)?;
        let added = sqlx::query!(
            "INSERT INTO jobs (id, kind, subject, body, created_at, due_at) VALUES (?, ?, ?, ?, ?, ?)
             ON CONFLICT (kind, subject) WHERE given_up_at IS NULL DO NOTHING",
            row.id,
            row.kind,
            row.subject,
            row.body,
            row.created_at,
            row.due_at,
        )
        .execute(self.connection())
        .await
        .map_err(refused("job"))?;
        Ok(if added.rows_affected() == 0 { Added::Waiting } else { Added::New })
    }

    async fn take(
        &mut self,
        kind: &JobKind,
        lease: Lease,
        now: Timestamp,
    ) -> Result<Option<Job>, StoreError> {
        let due = sqlx::query_scalar!(
            "SELECT id FROM jobs WHERE kind = ? AND given_up_at IS NULL AND due_at <= ?
             ORDER BY due_at, id LIMIT 1",
            kind.as_str(),
            now.as_millis(),
        )
        .fetch_optional(self.connection())
        .await
        .map_err(failed("finding a job that is due"))?;
        let Some(id) = due else { return Ok(None) };
        sqlx::query!(
            "UPDATE jobs SET lease_id = ?, due_at = ?, tries = tries + 1 WHERE id = ?",
            Uuid::from(lease.id),
            lease.until.as_millis(),
            id,
        )
        .execute(self.connection())
        .await
        .map_err(failed("taking a job"))?;
        let row = select_jobs!("WHERE id = ?", id)
            .fetch_one(self.connection())
            .await
            .map_err(failed("taking a job"))?;
        row.item().map(Some)
    }

    async fn renew(&mut self, id: JobId, lease: Lease) -> Result<Held, StoreError> {
        let changed = sqlx::query!(
            "UPDATE jobs SET due_at = ? WHERE id = ? AND lease_id = ? AND given_up_at IS NULL",
            lease.until.as_millis(),
            Uuid::from(id),
            Uuid::from(lease.id),
        )
        .execute(self.connection())
        .await
        .map_err(failed("renewing a lease"))?;
        Ok(held(&changed))
    }

    async fn finish(&mut self, id: JobId, lease: LeaseId) -> Result<Held, StoreError> {
        let removed = sqlx::query!(
            "DELETE FROM jobs WHERE id = ? AND lease_id = ? AND given_up_at IS NULL",
            Uuid::from(id),
            Uuid::from(lease),
        )
        .execute(self.connection())
        .await
        .map_err(failed("finishing a job"))?;
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
            "UPDATE jobs SET due_at = ?, lease_id = NULL, last_error = ?
             WHERE id = ? AND lease_id = ? AND given_up_at IS NULL",
            due_at.as_millis(),
            text(error),
            Uuid::from(id),
            Uuid::from(lease),
        )
        .execute(self.connection())
        .await
        .map_err(failed("putting a job off"))?;
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
            "UPDATE jobs SET given_up_at = ?, lease_id = NULL, last_error = ?
             WHERE id = ? AND lease_id = ? AND given_up_at IS NULL",
            at.as_millis(),
            text(error),
            Uuid::from(id),
            Uuid::from(lease),
        )
        .execute(self.connection())
        .await
        .map_err(failed("giving a job up"))?;
        Ok(held(&changed))
    }

    async fn retry(&mut self, id: JobId, due_at: Timestamp) -> Result<(), StoreError> {
        let id = Uuid::from(id);
        let given_up =
            sqlx::query!("SELECT kind, subject FROM jobs WHERE id = ? AND given_up_at IS NOT NULL", id)
                .fetch_optional(self.connection())
                .await
                .map_err(failed("finding a job that was given up"))?
                .ok_or(StoreError::Unknown("job that was given up"))?;
        let waiting = sqlx::query_scalar!(
            "SELECT id FROM jobs WHERE kind = ? AND subject = ? AND given_up_at IS NULL",
            given_up.kind,
            given_up.subject,
        )
        .fetch_optional(self.connection())
        .await
        .map_err(failed("finding a job that waits"))?;
        if waiting.is_some() {
            return Err(StoreError::Conflict(Key::Job));
        }
        sqlx::query!(
            "UPDATE jobs SET given_up_at = NULL, tries = 0, due_at = ? WHERE id = ?",
            due_at.as_millis(),
            id,
        )
        .execute(self.connection())
        .await
        .map_err(failed("retrying a job"))?;
        Ok(())
    }

    async fn remove_given_up_before(
        &mut self,
        before: Timestamp,
        limit: PageSize,
    ) -> Result<u64, StoreError> {
        let removed = sqlx::query!(
            "DELETE FROM jobs WHERE id IN (
                SELECT id FROM jobs WHERE given_up_at IS NOT NULL AND id < ? AND given_up_at < ?
                ORDER BY id LIMIT +?
             )",
            Uuid::from(JobId::new(before, [0; 10])),
            before.as_millis(),
            i64::from(limit),
        )
        .execute(self.connection())
        .await
        .map_err(failed("removing jobs that were given up"))?;
        Ok(removed.rows_affected())
    }
}

fn held(changed: &SqliteQueryResult) -> Held {
    if changed.rows_affected() == 0 { Held::No } else { Held::Yes }
}
