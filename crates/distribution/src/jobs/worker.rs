use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use catalog::{Added, Catalog, Held, Job, JobId, Lease, LeaseId, NewJob, StoreError, Timestamp, Unit};
use futures_util::FutureExt as _;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;

use super::Task;
use crate::clock::Clock;
use crate::random;

/// How long a node that died keeps others from its jobs.
const LEASE_FOR: Duration = Duration::from_mins(2);

/// A lease is renewed when so much of it has passed.
const RENEW_AFTER: Duration = Duration::from_secs(30);

/// How long a job that another node added may wait to be seen.
const LOOK_EVERY: Duration = Duration::from_secs(10);

/// The wait after the first failure; it doubles with each further one.
const FIRST_WAIT: Duration = Duration::from_secs(10);
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// By how much clocks of nodes may differ, roughly, before one must be wrong.
const CLOCKS_DIFFER: Duration = Duration::from_mins(10);

/// So many failures, over some three hours, are enough.
const TRIES: u32 = 12;

/// Does this node's share of the jobs.
#[derive(Clone)]
pub(crate) struct Worker {
    catalog: Arc<dyn Catalog>,
    clock: Arc<dyn Clock>,
    tasks: Arc<[Box<dyn Task>]>,
}

/// What became of a job that was due.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Ran {
    /// It is done.
    Done,
    /// It failed and waits for the next try.
    PutOff,
    /// It failed too often: `airstair admin job list` shows it.
    GivenUp,
    /// It took longer than its lease, and another node has it now.
    Lost,
}

impl Worker {
    pub(crate) fn new(
        catalog: Arc<dyn Catalog>,
        clock: Arc<dyn Clock>,
        tasks: impl IntoIterator<Item = Box<dyn Task>>,
    ) -> Self {
        Self { catalog, clock, tasks: tasks.into_iter().collect() }
    }

    /// Works until it is dropped; what it was at then is begun anew by whoever sees the lease run out.
    pub(crate) async fn run(&self) {
        let mut loops = JoinSet::new();
        for place in 0..self.tasks.len() {
            let worker = self.clone();
            loops.spawn(async move {
                let task = &*worker.tasks[place];
                loop {
                    let wait = match worker.step(task).await {
                        Ok(wait) => wait,
                        // The catalog says itself when it is away.
                        Err(error @ StoreError::Busy(_)) => {
                            let error = &error as &dyn Error;
                            tracing::debug!(error, kind = %task.kind(), "the jobs can't be looked at");
                            LOOK_EVERY
                        }
                        Err(error) => {
                            let error = &error as &dyn Error;
                            tracing::warn!(error, kind = %task.kind(), "the jobs can't be looked at");
                            LOOK_EVERY
                        }
                    };
                    tokio::time::sleep(wait).await;
                }
            });
        }
        loops.join_all().await;
    }

    /// Does what is due of one kind, and says how long there is nothing to do.
    async fn step(&self, task: &dyn Task) -> Result<Duration, StoreError> {
        loop {
            let next = self.catalog.read().await?.jobs().next_due(&task.kind()).await?;
            let now = self.clock.now();
            match next {
                None if task.every().is_some() => self.owe(task, now).await?,
                None => return Ok(LOOK_EVERY),
                Some(at) if at > now && !is_absurd(task, now, at) => {
                    return Ok(now.until(at).min(LOOK_EVERY));
                }
                Some(at) => {
                    if self.do_one(task, at.max(now)).await?.is_none() {
                        return Ok(LOOK_EVERY);
                    }
                }
            }
        }
    }

    /// Adds the job of a task that is owed by itself, unless it waits already.
    async fn owe(&self, task: &dyn Task, due_at: Timestamp) -> Result<(), StoreError> {
        let mut unit = self.catalog.begin().await?;
        if self.add(&mut *unit, task, due_at).await? == Added::New {
            unit.commit().await?;
        }
        Ok(())
    }

    async fn add(
        &self,
        unit: &mut dyn Unit,
        task: &dyn Task,
        due_at: Timestamp,
    ) -> Result<Added, StoreError> {
        let now = self.clock.now();
        let job = NewJob {
            id: JobId::new(now, random::bytes()),
            kind: task.kind(),
            subject: String::new(),
            body: serde_json::Map::new(),
            created_at: now,
            due_at,
        };
        unit.jobs().add(&job).await
    }

    /// Takes the job that is due at `moment` for longest and does it; `None` when none is due.
    async fn do_one(&self, task: &dyn Task, moment: Timestamp) -> Result<Option<Ran>, StoreError> {
        let now = self.clock.now();
        let lease = Lease { id: LeaseId::new(now, random::bytes()), until: now.saturating_add(LEASE_FOR) };
        let mut unit = self.catalog.begin().await?;
        let Some(job) = unit.jobs().take(&task.kind(), lease, moment).await? else { return Ok(None) };
        unit.commit().await?;
        let result = tokio::select! {
            // A job that panics has failed, and nothing else that the node does by itself ends with it.
            result = AssertUnwindSafe(task.run(&job)).catch_unwind() => {
                result.unwrap_or_else(|_| Err("the work panicked; the log says where".into()))
            }
            () = self.keep_hold(&job, lease.id) => {
                tracing::warn!(kind = %job.kind, job = %job.id, "a job was lost to another node");
                return Ok(Some(Ran::Lost));
            }
        };
        self.settle(task, &job, lease.id, result.err()).await.map(Some)
    }

    /// Renews a lease, and comes back when it is lost.
    async fn keep_hold(&self, job: &Job, lease: LeaseId) {
        let mut ticks = tokio::time::interval(RENEW_AFTER);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        ticks.tick().await;
        loop {
            ticks.tick().await;
            match self.renew(job.id, lease).await {
                Ok(Held::Yes) => {}
                Ok(Held::No) => return,
                // The work goes on: it may end before anybody else can begin it.
                Err(error) => {
                    let error = &error as &dyn Error;
                    tracing::warn!(error, kind = %job.kind, "a lease could not be renewed");
                }
            }
        }
    }

    async fn renew(&self, job: JobId, lease: LeaseId) -> Result<Held, StoreError> {
        let until = self.clock.now().saturating_add(LEASE_FOR);
        let mut unit = self.catalog.begin().await?;
        let held = unit.jobs().renew(job, Lease { id: lease, until }).await?;
        unit.commit().await?;
        Ok(held)
    }

    /// Writes down what became of a job, and owes the next one.
    async fn settle(
        &self,
        task: &dyn Task,
        job: &Job,
        lease: LeaseId,
        error: Option<super::TaskError>,
    ) -> Result<Ran, StoreError> {
        let now = self.clock.now();
        let mut unit = self.catalog.begin().await?;
        let (held, ran) = match error {
            None => (unit.jobs().finish(job.id, lease).await?, Ran::Done),
            Some(error) => {
                let error = in_words(&*error);
                if job.tries < TRIES {
                    let due_at = now.saturating_add(wait_after(job.tries, random::bytes()));
                    tracing::warn!(kind = %job.kind, error, tries = job.tries, "a job failed and is tried again");
                    (unit.jobs().put_off(job.id, lease, due_at, &error).await?, Ran::PutOff)
                } else {
                    tracing::error!(kind = %job.kind, job = %job.id, error, "a job was given up");
                    (unit.jobs().give_up(job.id, lease, now, &error).await?, Ran::GivenUp)
                }
            }
        };
        if held == Held::No {
            return Ok(Ran::Lost);
        }
        if let Some(every) = task.every()
            && ran != Ran::PutOff
        {
            self.add(&mut *unit, task, now.saturating_add(every)).await?;
        }
        unit.commit().await?;
        Ok(ran)
    }
}

/// Whether a job is due so late that a clock was wrong when that was written down; nobody is to wait for it.
fn is_absurd(task: &dyn Task, now: Timestamp, due_at: Timestamp) -> bool {
    let latest = task.every().map(|every| every.max(LONGEST_WAIT + LONGEST_WAIT / 4) + CLOCKS_DIFFER);
    latest.is_some_and(|latest| now.until(due_at) > latest)
}

/// Doubles with each try, and lies up to a quarter above, so that jobs which failed together don't come again together.
fn wait_after(tries: u32, [chance]: [u8; 1]) -> Duration {
    let wait = FIRST_WAIT.saturating_mul(1 << (tries.max(1) - 1).min(16)).min(LONGEST_WAIT);
    wait + wait / 4 * u32::from(chance) / 256
}

/// An error and its causes.
fn in_words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        words = format!("{words}: {error}");
        cause = error.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

    use async_trait::async_trait;
    use catalog::{JobKind, PageSize};
    use catalog_sqlite::SqliteCatalog;

    use super::super::TaskError;
    use super::*;

    const TIDY: JobKind = JobKind::new("tidy");

    struct TestClock(AtomicI64);

    impl Clock for TestClock {
        fn now(&self) -> Timestamp {
            Timestamp::from_millis(self.0.load(Ordering::SeqCst)).unwrap()
        }
    }

    impl TestClock {
        fn advance(&self, by: Duration) {
            self.0.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
        }
    }

    /// Owed each hour.
    struct Tidy {
        fate: Fate,
        catalog: Arc<dyn Catalog>,
    }

    /// What happens while the job is done.
    enum Fate {
        Nothing,
        /// It fails so many times.
        Failures(AtomicU32),
        /// Another node takes it over.
        Rival,
        Panic,
    }

    #[async_trait]
    impl Task for Tidy {
        fn kind(&self) -> JobKind {
            TIDY
        }

        fn every(&self) -> Option<Duration> {
            Some(Duration::from_hours(1))
        }

        async fn run(&self, job: &Job) -> Result<(), TaskError> {
            match &self.fate {
                Fate::Nothing => {}
                Fate::Failures(left) if left.load(Ordering::SeqCst) == 0 => {}
                Fate::Failures(left) => {
                    left.fetch_sub(1, Ordering::SeqCst);
                    return Err("the shelf is locked".into());
                }
                Fate::Rival => {
                    let late = job.due_at;
                    let lease =
                        Lease { id: LeaseId::new(late, [9; 10]), until: late.saturating_add(LEASE_FOR) };
                    let mut unit = self.catalog.begin().await?;
                    assert!(unit.jobs().take(&TIDY, lease, late).await?.is_some());
                    unit.commit().await?;
                }
                Fate::Panic => unreachable!("as a test wants it"),
            }
            Ok(())
        }
    }

    struct Bench {
        catalog: Arc<dyn Catalog>,
        clock: Arc<TestClock>,
        worker: Worker,
        _folder: tempfile::TempDir,
    }

    impl Bench {
        async fn with(fate: Fate) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let catalog: Arc<dyn Catalog> =
                Arc::new(SqliteCatalog::open(&folder.path().join("catalog.db")).await.unwrap());
            let clock = Arc::new(TestClock(AtomicI64::new(1_795_000_000_000)));
            let tidy: Box<dyn Task> = Box::new(Tidy { fate, catalog: Arc::clone(&catalog) });
            let worker = Worker::new(Arc::clone(&catalog), Arc::clone(&clock) as Arc<dyn Clock>, [tidy]);
            Self { catalog, clock, worker, _folder: folder }
        }

        /// Does every job that is due, one after the other.
        async fn do_due(&self) -> Vec<Ran> {
            let task = &*self.worker.tasks[0];
            self.worker.owe(task, self.clock.now()).await.unwrap();
            let mut ran = Vec::new();
            while let Some(one) = self.worker.do_one(task, self.clock.now()).await.unwrap() {
                ran.push(one);
            }
            ran
        }

        async fn waiting(&self) -> Vec<Job> {
            self.catalog.read().await.unwrap().jobs().list_waiting(None, PageSize::MAX).await.unwrap().items
        }
    }

    #[tokio::test]
    async fn work_that_is_owed_by_itself_is_done_and_owed_again() {
        let bench = Bench::with(Fate::Nothing).await;
        assert_eq!(bench.do_due().await, [Ran::Done]);
        assert_eq!(bench.do_due().await, [], "not before its time");
        let [next] = bench.waiting().await.try_into().unwrap();
        assert_eq!(bench.clock.now().until(next.due_at), Duration::from_hours(1));
        bench.clock.advance(Duration::from_hours(1));
        assert_eq!(bench.do_due().await, [Ran::Done]);
    }

    #[tokio::test]
    async fn what_fails_is_put_off_longer_each_time_and_then_given_up() {
        let bench = Bench::with(Fate::Failures(TRIES.into())).await;
        for tries in 1..TRIES {
            assert_eq!(bench.do_due().await, [Ran::PutOff], "try {tries}");
            let [job] = bench.waiting().await.try_into().unwrap();
            assert_eq!((job.tries, job.last_error.as_deref()), (tries, Some("the shelf is locked")));
            let wait = bench.clock.now().until(job.due_at);
            assert!(wait >= wait_after(tries, [0]), "{wait:?} after {tries}");
            bench.clock.advance(wait);
        }
        assert_eq!(bench.do_due().await, [Ran::GivenUp]);
        let given_up =
            bench.catalog.read().await.unwrap().jobs().list_given_up(None, PageSize::MAX).await.unwrap();
        assert_eq!(given_up.items.len(), 1);
        let [next] = bench.waiting().await.try_into().unwrap();
        assert_eq!(next.tries, 0, "what is owed by itself is owed again");
        bench.clock.advance(Duration::from_hours(1));
        assert_eq!(bench.do_due().await, [Ran::Done]);
    }

    #[tokio::test]
    async fn a_node_that_lost_its_lease_leaves_the_job_to_the_other() {
        let bench = Bench::with(Fate::Rival).await;
        assert_eq!(bench.do_due().await, [Ran::Lost]);
        let [job] = bench.waiting().await.try_into().unwrap();
        assert_eq!(job.tries, 2, "the other node's try");
        assert_eq!(job.lease, Some(LeaseId::new(job.due_at.saturating_sub(LEASE_FOR), [9; 10])));
    }

    #[tokio::test]
    async fn a_job_that_panics_has_failed_and_its_node_goes_on() {
        let bench = Bench::with(Fate::Panic).await;
        assert_eq!(bench.do_due().await, [Ran::PutOff]);
        let [job] = bench.waiting().await.try_into().unwrap();
        assert_eq!(job.last_error.as_deref(), Some("the work panicked; the log says where"));
    }

    #[tokio::test]
    async fn a_job_put_off_by_a_clock_that_was_wrong_waits_no_longer_than_others() {
        let bench = Bench::with(Fate::Nothing).await;
        let (right, task) = (bench.clock.0.load(Ordering::SeqCst), &*bench.worker.tasks[0]);
        bench.clock.advance(Duration::from_hours(24 * 365));
        assert_eq!(bench.do_due().await, [Ran::Done]);
        bench.clock.0.store(right, Ordering::SeqCst);
        assert_eq!(bench.worker.step(task).await.unwrap(), LOOK_EVERY, "nothing is left to be done now");
        let [job] = bench.waiting().await.try_into().unwrap();
        assert_eq!(bench.clock.now().until(job.due_at), Duration::from_hours(1), "from now");
    }

    #[test]
    fn waits_double_up_to_an_hour() {
        for (tries, seconds) in [(1, 10), (2, 20), (3, 40), (9, 2_560), (10, 3_600), (60, 3_600)] {
            assert_eq!(wait_after(tries, [0]), Duration::from_secs(seconds), "after {tries}");
        }
        let most = wait_after(1, [255]);
        assert!(most > Duration::from_secs(12) && most < Duration::from_millis(12_500), "{most:?}");
    }
}
