use std::time::Duration;

use async_trait::async_trait;
use catalog::{Job, JobKind};

use super::{Task, TaskError};
use crate::garbage::Collector;
use crate::publish::ARRIVES_WITHIN;

/// Older than any upload is, on whatever node, when its rows are committed.
const GRACE: Duration = Duration::from_hours(24);
const _: () = assert!(GRACE.as_secs() >= 2 * ARRIVES_WITHIN.as_secs());

/// Removes what crashes, refused uploads and retention left behind.
pub(crate) struct CollectGarbage(pub(crate) Collector);

#[async_trait]
impl Task for CollectGarbage {
    fn kind(&self) -> JobKind {
        const KIND: JobKind = JobKind::new("collect-garbage");
        KIND
    }

    fn every(&self) -> Option<Duration> {
        Some(Duration::from_hours(1))
    }

    async fn run(&self, _: &Job) -> Result<(), TaskError> {
        let collected = self.0.collect(GRACE).await?;
        if collected.blobs > 0 {
            let (blobs, size_bytes) = (collected.blobs, collected.size_bytes);
            tracing::info!(blobs, size_bytes, "garbage was collected");
        }
        Ok(())
    }
}
