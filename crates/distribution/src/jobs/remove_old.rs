use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use catalog::{Catalog, Job, JobKind, PageSize, StoreError, Timestamp, Unit};

use super::{Task, TaskError};
use crate::clock::Clock;

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Keeps short what grows by itself.
pub(crate) struct RemoveOld {
    what: Old,
    catalog: Arc<dyn Catalog>,
    clock: Arc<dyn Clock>,
}

/// What nobody needs after a while.
#[derive(Clone, Copy, Debug)]
enum Old {
    /// Attempts that are served no more.
    Attempts,
    /// Events that every reader has seen, unless it was away for longer.
    Events,
    /// Jobs that were given up and that nobody tried again.
    GivenUpJobs,
}

impl RemoveOld {
    /// A task for each thing that grows.
    pub(crate) fn all<'a>(
        catalog: &'a Arc<dyn Catalog>,
        clock: &'a Arc<dyn Clock>,
    ) -> impl Iterator<Item = Box<dyn Task>> + 'a {
        [Old::Attempts, Old::Events, Old::GivenUpJobs].into_iter().map(|what| {
            let task = Self { what, catalog: Arc::clone(catalog), clock: Arc::clone(clock) };
            Box::new(task) as Box<dyn Task>
        })
    }
}

impl Old {
    fn kept_for(self) -> Duration {
        match self {
            Self::Attempts => DAY * 90,
            Self::Events => DAY,
            Self::GivenUpJobs => DAY * 30,
        }
    }

    async fn remove(self, unit: &mut dyn Unit, before: Timestamp) -> Result<u64, StoreError> {
        match self {
            Self::Attempts => unit.attempts().remove_before(before, PageSize::MAX).await,
            Self::Events => unit.events().remove_before(before, PageSize::MAX).await,
            Self::GivenUpJobs => unit.jobs().remove_given_up_before(before, PageSize::MAX).await,
        }
    }
}

#[async_trait]
impl Task for RemoveOld {
    fn kind(&self) -> JobKind {
        JobKind::new(match self.what {
            Old::Attempts => "remove-old-attempts",
            Old::Events => "remove-old-events",
            Old::GivenUpJobs => "remove-given-up-jobs",
        })
    }

    fn every(&self) -> Option<Duration> {
        Some(HOUR)
    }

    async fn run(&self, _: &Job) -> Result<(), TaskError> {
        let before = self.clock.now().saturating_sub(self.what.kept_for());
        loop {
            // A unit for each page, so that nobody waits for long.
            let mut unit = self.catalog.begin().await?;
            let removed = self.what.remove(&mut *unit, before).await?;
            unit.commit().await?;
            if removed < PageSize::MAX.rows() as u64 {
                return Ok(());
            }
        }
    }
}
