use async_trait::async_trait;

use crate::word::{self, word};
use crate::{JobId, LeaseId, Page, PageSize, StoreError, Timestamp};

/// Work that is owed: some node does it, at its time or later, at least once.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What to do.
    pub kind: JobKind,
    /// To what: of one kind and subject at most one job waits.
    pub subject: String,
    /// What else one must know to do it; an object, no secrets.
    pub body: serde_json::Map<String, serde_json::Value>,
    /// When it was added.
    pub created_at: Timestamp,
    /// From when on it may be begun. For as long as a node holds it, the end of that node's lease.
    pub due_at: Timestamp,
    /// How often it was begun.
    pub tries: u32,
    /// Who works on it, or did when the lease ran out.
    pub lease: Option<LeaseId>,
    /// What the last try failed with.
    pub last_error: Option<String>,
    /// When it was given up: a person must look at it.
    pub given_up_at: Option<Timestamp>,
}

/// A job to add.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewJob {
    /// Its id.
    pub id: JobId,
    /// What to do.
    pub kind: JobKind,
    /// To what; empty where there is only one.
    pub subject: String,
    /// What else one must know to do it; an object, no secrets.
    pub body: serde_json::Map<String, serde_json::Value>,
    /// When it is added.
    pub created_at: Timestamp,
    /// From when on it may be begun.
    pub due_at: Timestamp,
}

word! {
    /// What to do, such as `collect-garbage`: `a` to `z` and `-`, at most 64 characters.
    JobKind, word::is_plain, "kind of job"
}

/// A node's right to work on a job, until it runs out.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Lease {
    /// Which: used once.
    pub id: LeaseId,
    /// Until when nobody else begins the job.
    pub until: Timestamp,
}

/// Whether a job was added.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Added {
    /// It was.
    New,
    /// One of its kind and subject waits or is being done.
    Waiting,
}

/// Whether a lease still held.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Held {
    /// It did, and what was asked is done.
    Yes,
    /// Another node has the job by now, or it is gone: nothing was changed.
    No,
}

/// Reads which work is owed.
#[async_trait]
pub trait Jobs: Send {
    /// The job with this id, or `None` when there is none, or when it is done.
    async fn find(&mut self, id: JobId) -> Result<Option<Job>, StoreError>;

    /// When the next job of this kind is due, or its lease runs out; `None` when none waits.
    async fn next_due(&mut self, kind: &JobKind) -> Result<Option<Timestamp>, StoreError>;

    /// The jobs that wait or are being done, in the order of their ids.
    async fn list_waiting(
        &mut self,
        after: Option<JobId>,
        size: PageSize,
    ) -> Result<Page<Job, JobId>, StoreError>;

    /// The jobs that were given up, newest id first.
    async fn list_given_up(
        &mut self,
        before: Option<JobId>,
        size: PageSize,
    ) -> Result<Page<Job, JobId>, StoreError>;
}

/// Keeps the work that is owed.
#[async_trait]
pub trait JobsMut: Jobs {
    /// Adds a job, unless one of its kind and subject waits or is being done; one that was given up is no hindrance.
    async fn add(&mut self, job: &NewJob) -> Result<Added, StoreError>;

    /// Takes the job of this kind that has been due for longest at `now`, if there is one that no other unit is just
    /// taking, and counts the try. Once the lease has run out the job is due again.
    async fn take(&mut self, kind: &JobKind, lease: Lease, now: Timestamp)
    -> Result<Option<Job>, StoreError>;

    /// Keeps hold of a job until `lease.until`.
    async fn renew(&mut self, id: JobId, lease: Lease) -> Result<Held, StoreError>;

    /// Removes a job that is done.
    async fn finish(&mut self, id: JobId, lease: LeaseId) -> Result<Held, StoreError>;

    /// Lets go of a job that failed: it is due again at `due_at`.
    async fn put_off(
        &mut self,
        id: JobId,
        lease: LeaseId,
        due_at: Timestamp,
        error: &str,
    ) -> Result<Held, StoreError>;

    /// Lets go of a job that failed too often: nobody begins it again by itself.
    async fn give_up(
        &mut self,
        id: JobId,
        lease: LeaseId,
        at: Timestamp,
        error: &str,
    ) -> Result<Held, StoreError>;

    /// Makes a job that was given up due at `due_at`, its tries forgotten.
    ///
    /// [`StoreError::Unknown`] when there is no such job, or it was not given up; [`StoreError::Conflict`] when another
    /// of its kind and subject waits.
    async fn retry(&mut self, id: JobId, due_at: Timestamp) -> Result<(), StoreError>;

    /// Removes up to `limit` jobs that were given up before `before`, the oldest first, and says how many.
    async fn remove_given_up_before(&mut self, before: Timestamp, limit: PageSize)
    -> Result<u64, StoreError>;
}
