//! Work that some node does by itself: at its time, at least once, again when it fails.

mod collect_garbage;
mod remove_old_events;
mod worker;

use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use catalog::{Job, JobKind};

pub(crate) use collect_garbage::CollectGarbage;
pub(crate) use remove_old_events::RemoveOldEvents;
pub use worker::Ran;
pub(crate) use worker::Worker;

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
