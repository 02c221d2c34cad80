use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catalog::{Catalog, Job, JobKind, PageSize};

use super::{Task, TaskError};
use crate::clock::Clock;

/// How long a reader of the log may be away before it misses something.
const KEPT_FOR: Duration = Duration::from_hours(24);

/// Keeps the log of events short.
pub(crate) struct RemoveOldEvents {
    pub(crate) catalog: Arc<dyn Catalog>,
    pub(crate) clock: Arc<dyn Clock>,
}

#[async_trait]
impl Task for RemoveOldEvents {
    fn kind(&self) -> JobKind {
        const KIND: JobKind = JobKind::new("remove-old-events");
        KIND
    }

    fn every(&self) -> Option<Duration> {
        Some(Duration::from_hours(1))
    }

    async fn run(&self, _: &Job) -> Result<(), TaskError> {
        let before = self.clock.now().saturating_sub(KEPT_FOR);
        loop {
            let mut unit = self.catalog.begin().await?;
            let removed = unit.events().remove_before(before, PageSize::MAX).await?;
            unit.commit().await?;
            if removed < PageSize::MAX.rows() as u64 {
                return Ok(());
            }
        }
    }
}
