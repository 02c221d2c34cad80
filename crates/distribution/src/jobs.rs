//! Work that some node does by itself: at its time, at least once, again when it fails.

mod collect_garbage;
mod remove_old;
mod worker;

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use catalog::{Actor, AuditAction, AuditSubject, Job, JobId, JobKind, Page, PageSize, StoreError};

use crate::administration::Administration;

pub(crate) use collect_garbage::CollectGarbage;
pub(crate) use remove_old::RemoveOld;
pub(crate) use worker::Worker;

const RETRIED: AuditAction = AuditAction::new("job.retried");

/// How one kind of job is done.
#[async_trait]
pub(crate) trait Task: Send + Sync {
    /// Which kind.
    fn kind(&self) -> JobKind;

    /// How often it is owed by itself; `None` for work that something must cause.
    fn every(&self) -> Option<Duration>;

    /// Does it. May be called again for a job that was done, when a node dies before it can say so: the second call
    /// must leave things as the first did.
    async fn run(&self, job: &Job) -> Result<(), TaskError>;
}

/// Why a job failed; kept with it in words.
pub(crate) type TaskError = Box<dyn Error + Send + Sync>;

impl Administration {
    /// The jobs that wait or are being done, the oldest first.
    ///
    /// # Errors
    ///
    /// What the store fails with.
    pub async fn list_waiting_jobs(
        &self,
        after: Option<JobId>,
        size: PageSize,
    ) -> Result<Page<Job, JobId>, StoreError> {
        self.catalog.read().await?.jobs().list_waiting(after, size).await
    }

    /// The jobs that failed too often and were given up, the newest first.
    ///
    /// # Errors
    ///
    /// What the store fails with.
    pub async fn list_given_up_jobs(
        &self,
        before: Option<JobId>,
        size: PageSize,
    ) -> Result<Page<Job, JobId>, StoreError> {
        self.catalog.read().await?.jobs().list_given_up(before, size).await
    }

    /// Makes a job that was given up due again, now.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unknown`] when no such job was given up; [`StoreError::Conflict`] when another one for the same
    /// thing waits.
    pub async fn retry_job(&self, id: JobId, by: Actor) -> Result<(), StoreError> {
        let mut unit = self.catalog.begin().await?;
        unit.jobs().retry(id, self.now()).await?;
        unit.audit().append(&self.audit(by, RETRIED, AuditSubject::Job(id), &[])).await?;
        unit.commit().await
    }
}
