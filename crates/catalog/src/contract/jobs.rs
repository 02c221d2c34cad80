use std::sync::Arc;

use futures_util::future::join_all;

use super::samples::{Samples, at};
use super::{Case, assert_refused, cases};
use crate::{Added, Catalog, Held, Job, JobKind, Key, Lease, NewJob, PageSize, StoreError, Timestamp};

const COLLECT: JobKind = JobKind::new("collect-garbage");
const DELIVER: JobKind = JobKind::new("deliver");

pub(super) const CASES: &[Case] = cases![
    a_job_is_kept_whole,
    one_job_of_a_kind_and_subject_waits,
    the_job_that_is_due_for_longest_is_taken_first,
    the_next_job_that_is_due_is_told,
    a_job_of_another_kind_is_not_taken,
    a_job_that_is_held_is_taken_by_nobody_else_until_the_lease_runs_out,
    a_lease_can_be_renewed,
    a_job_that_is_done_is_gone,
    a_job_that_failed_comes_again_at_its_time,
    a_job_that_was_given_up_is_listed_and_can_be_retried,
    a_job_that_was_given_up_does_not_keep_a_new_one_out,
    jobs_that_were_given_up_long_ago_are_removed_and_no_others,
    whoever_lost_a_lease_changes_nothing,
    jobs_that_wait_are_listed_by_id,
    many_nodes_take_each_job_once,
];

async fn add(catalog: &dyn Catalog, job: &NewJob) -> Result<Added, StoreError> {
    let mut unit = catalog.begin().await?;
    let added = unit.jobs().add(job).await?;
    unit.commit().await?;
    Ok(added)
}

async fn take(catalog: &dyn Catalog, lease: Lease, now: Timestamp) -> Result<Option<Job>, StoreError> {
    let mut unit = catalog.begin().await?;
    let taken = unit.jobs().take(&COLLECT, lease, now).await?;
    unit.commit().await?;
    Ok(taken)
}

fn waiting(job: &NewJob) -> Job {
    Job {
        id: job.id,
        kind: job.kind.clone(),
        subject: job.subject.clone(),
        body: job.body.clone(),
        created_at: job.created_at,
        due_at: job.due_at,
        tries: 0,
        lease: None,
        last_error: None,
        given_up_at: None,
    }
}

async fn a_job_is_kept_whole(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let job = make.job(COLLECT, "blobs");
    assert_eq!(add(&*catalog, &job).await?, Added::New);
    assert_eq!(catalog.read().await?.jobs().find(job.id).await?, Some(waiting(&job)));
    let lease = make.lease(job.due_at);
    let taken = take(&*catalog, lease, job.due_at).await?;
    let held = Job { lease: Some(lease.id), due_at: lease.until, tries: 1, ..waiting(&job) };
    assert_eq!(taken.as_ref(), Some(&held));
    assert_eq!(catalog.read().await?.jobs().find(job.id).await?, Some(held));
    Ok(())
}

async fn one_job_of_a_kind_and_subject_waits(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let job = make.job(COLLECT, "blobs");
    assert_eq!(add(&*catalog, &job).await?, Added::New);
    assert_eq!(add(&*catalog, &make.job(COLLECT, "blobs")).await?, Added::Waiting);
    assert_eq!(add(&*catalog, &make.job(COLLECT, "events")).await?, Added::New, "another subject");
    assert_eq!(add(&*catalog, &make.job(DELIVER, "blobs")).await?, Added::New, "another kind");
    take(&*catalog, make.lease(job.due_at), job.due_at).await?;
    assert_eq!(add(&*catalog, &make.job(COLLECT, "blobs")).await?, Added::Waiting, "while it is done");
    Ok(())
}

async fn the_job_that_is_due_for_longest_is_taken_first(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let jobs = [("b", 20), ("c", 30), ("a", 10), ("d", 40)]
        .map(|(subject, due)| NewJob { due_at: at(due), ..make.job(COLLECT, subject) });
    for job in &jobs {
        add(&*catalog, job).await?;
    }
    let mut subjects = Vec::new();
    while let Some(job) = take(&*catalog, make.lease(at(500_000)), at(30)).await? {
        subjects.push(job.subject);
    }
    assert_eq!(subjects, ["a", "b", "c"], "the last is not due yet");
    Ok(())
}

async fn the_next_job_that_is_due_is_told(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.jobs().next_due(&COLLECT).await?, None);
    for (subject, due) in [("b", 20), ("a", 10)] {
        unit.jobs().add(&NewJob { due_at: at(due), ..make.job(COLLECT, subject) }).await?;
    }
    unit.jobs().add(&NewJob { due_at: at(5), ..make.job(DELIVER, "") }).await?;
    assert_eq!(unit.jobs().next_due(&COLLECT).await?, Some(at(10)));
    let lease = Lease { until: at(90), ..make.lease(at(0)) };
    unit.jobs().take(&COLLECT, lease, at(10)).await?;
    assert_eq!(unit.jobs().next_due(&COLLECT).await?, Some(at(20)));
    unit.jobs().take(&COLLECT, Lease { until: at(80), ..make.lease(at(0)) }, at(20)).await?;
    assert_eq!(unit.jobs().next_due(&COLLECT).await?, Some(at(80)), "when a lease runs out");
    Ok(())
}

async fn a_job_of_another_kind_is_not_taken(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let job = make.job(DELIVER, "");
    add(&*catalog, &job).await?;
    assert_eq!(take(&*catalog, make.lease(job.due_at), job.due_at).await?, None);
    Ok(())
}

async fn a_job_that_is_held_is_taken_by_nobody_else_until_the_lease_runs_out(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let job = NewJob { due_at: at(10), ..make.job(COLLECT, "blobs") };
    add(&*catalog, &job).await?;
    let first = Lease { until: at(100), ..make.lease(at(0)) };
    assert!(take(&*catalog, first, at(10)).await?.is_some());
    let second = Lease { until: at(300), ..make.lease(at(0)) };
    assert_eq!(take(&*catalog, second, at(99)).await?, None);
    let taken = take(&*catalog, second, at(100)).await?.map(|job| (job.lease, job.tries));
    assert_eq!(taken, Some((Some(second.id), 2)));
    Ok(())
}

async fn a_lease_can_be_renewed(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let job = NewJob { due_at: at(10), ..make.job(COLLECT, "blobs") };
    add(&*catalog, &job).await?;
    let lease = Lease { until: at(100), ..make.lease(at(0)) };
    take(&*catalog, lease, at(10)).await?;
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.jobs().renew(job.id, Lease { until: at(200), ..lease }).await?, Held::Yes);
    unit.commit().await?;
    assert_eq!(take(&*catalog, make.lease(at(0)), at(150)).await?, None);
    Ok(())
}

async fn a_job_that_is_done_is_gone(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let job = make.job(COLLECT, "blobs");
    add(&*catalog, &job).await?;
    let lease = make.lease(job.due_at);
    take(&*catalog, lease, job.due_at).await?;
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.jobs().finish(job.id, lease.id).await?, Held::Yes);
    assert_eq!(unit.jobs().find(job.id).await?, None);
    assert_eq!(unit.jobs().add(&make.job(COLLECT, "blobs")).await?, Added::New, "its place is free");
    assert_eq!(unit.jobs().finish(job.id, lease.id).await?, Held::No, "a second time");
    Ok(())
}

async fn a_job_that_failed_comes_again_at_its_time(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let job = NewJob { due_at: at(10), ..make.job(COLLECT, "blobs") };
    add(&*catalog, &job).await?;
    let lease = make.lease(at(500_000));
    take(&*catalog, lease, at(10)).await?;
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.jobs().put_off(job.id, lease.id, at(50), "no answer").await?, Held::Yes);
    let put_off = unit.jobs().find(job.id).await?;
    let expected =
        Job { due_at: at(50), tries: 1, last_error: Some("no answer".to_owned()), ..waiting(&job) };
    assert_eq!(put_off, Some(expected));
    unit.commit().await?;
    assert_eq!(take(&*catalog, make.lease(at(0)), at(49)).await?, None);
    let again = take(&*catalog, make.lease(at(0)), at(50)).await?;
    assert_eq!(again.map(|job| job.tries), Some(2));
    Ok(())
}

async fn a_job_that_was_given_up_is_listed_and_can_be_retried(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let jobs = [make.job(COLLECT, "a"), make.job(COLLECT, "b"), make.job(COLLECT, "c")];
    let mut unit = catalog.begin().await?;
    for job in &jobs {
        unit.jobs().add(job).await?;
        let lease = make.lease(job.due_at);
        unit.jobs().take(&COLLECT, lease, job.due_at).await?;
        assert_eq!(unit.jobs().give_up(job.id, lease.id, at(70), "refused").await?, Held::Yes);
    }
    let page = unit.jobs().list_given_up(None, PageSize::new(2)).await?;
    let ids = |jobs: &[Job]| jobs.iter().map(|job| job.id).collect::<Vec<_>>();
    assert_eq!(ids(&page.items), [jobs[2].id, jobs[1].id], "the newest first");
    let last = unit.jobs().list_given_up(page.next, PageSize::new(2)).await?;
    let given_up = Job {
        tries: 1,
        last_error: Some("refused".to_owned()),
        given_up_at: Some(at(70)),
        due_at: last.items[0].due_at,
        ..waiting(&jobs[0])
    };
    assert_eq!(last.items, [given_up]);
    assert_eq!(unit.jobs().list_waiting(None, PageSize::MAX).await?.items, []);
    assert_eq!(unit.jobs().take(&COLLECT, make.lease(at(0)), at(900_000)).await?, None);

    unit.jobs().retry(jobs[1].id, at(80)).await?;
    let retried = unit.jobs().find(jobs[1].id).await?;
    let expected = Job { due_at: at(80), last_error: Some("refused".to_owned()), ..waiting(&jobs[1]) };
    assert_eq!(retried, Some(expected));
    assert_refused!(unit.jobs().retry(jobs[1].id, at(80)).await, StoreError::Unknown(_));
    Ok(())
}

async fn a_job_that_was_given_up_does_not_keep_a_new_one_out(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let (old, new) = (make.job(COLLECT, "a"), make.job(COLLECT, "a"));
    let mut unit = catalog.begin().await?;
    unit.jobs().add(&old).await?;
    let lease = make.lease(old.due_at);
    unit.jobs().take(&COLLECT, lease, old.due_at).await?;
    unit.jobs().give_up(old.id, lease.id, at(70), "refused").await?;
    assert_eq!(unit.jobs().add(&new).await?, Added::New);
    assert_refused!(unit.jobs().retry(old.id, at(80)).await, StoreError::Conflict(Key::Job));
    assert_eq!(unit.jobs().find(new.id).await?, Some(waiting(&new)), "and the unit goes on");
    Ok(())
}

async fn jobs_that_were_given_up_long_ago_are_removed_and_no_others(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let jobs =
        [make.job(COLLECT, "a"), make.job(COLLECT, "b"), make.job(COLLECT, "c"), make.job(COLLECT, "d")];
    let mut unit = catalog.begin().await?;
    for (job, given_up_at) in jobs.iter().zip([at(70), at(71), at(72)]) {
        unit.jobs().add(job).await?;
        let lease = make.lease(job.due_at);
        unit.jobs().take(&COLLECT, lease, job.due_at).await?;
        unit.jobs().give_up(job.id, lease.id, given_up_at, "refused").await?;
    }
    unit.jobs().add(&jobs[3]).await?;
    assert_eq!(unit.jobs().remove_given_up_before(at(70), PageSize::MAX).await?, 0, "none so long ago");
    assert_eq!(unit.jobs().remove_given_up_before(at(72), PageSize::new(1)).await?, 1, "as many as asked");
    assert_eq!(unit.jobs().find(jobs[0].id).await?, None, "the oldest first");
    assert_eq!(unit.jobs().remove_given_up_before(at(72), PageSize::MAX).await?, 1);
    assert_eq!(unit.jobs().remove_given_up_before(at(1_000_000), PageSize::MAX).await?, 1);
    assert_eq!(unit.jobs().list_waiting(None, PageSize::MAX).await?.items, [waiting(&jobs[3])]);
    Ok(())
}

async fn whoever_lost_a_lease_changes_nothing(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let job = NewJob { due_at: at(10), ..make.job(COLLECT, "blobs") };
    let lost = Lease { until: at(20), ..make.lease(at(0)) };
    let lease = Lease { until: at(90), ..make.lease(at(0)) };
    let mut unit = catalog.begin().await?;
    unit.jobs().add(&job).await?;
    unit.jobs().take(&COLLECT, lost, at(10)).await?;
    let held = unit.jobs().take(&COLLECT, lease, at(20)).await?;
    let jobs = unit.jobs();
    assert_eq!(jobs.renew(job.id, Lease { until: at(500), ..lost }).await?, Held::No);
    assert_eq!(jobs.put_off(job.id, lost.id, at(30), "late").await?, Held::No);
    assert_eq!(jobs.give_up(job.id, lost.id, at(30), "late").await?, Held::No);
    assert_eq!(jobs.finish(job.id, lost.id).await?, Held::No);
    assert_eq!(jobs.find(job.id).await?, held);
    assert_eq!(jobs.finish(job.id, lease.id).await?, Held::Yes);
    Ok(())
}

async fn jobs_that_wait_are_listed_by_id(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let jobs = [make.job(DELIVER, "a"), make.job(COLLECT, "b"), make.job(DELIVER, "c")];
    for job in jobs.iter().rev() {
        add(&*catalog, job).await?;
    }
    let mut snapshot = catalog.read().await?;
    let page = snapshot.jobs().list_waiting(None, PageSize::new(2)).await?;
    assert_eq!(page.items, [waiting(&jobs[0]), waiting(&jobs[1])]);
    let last = snapshot.jobs().list_waiting(page.next, PageSize::new(2)).await?;
    assert_eq!((last.items, last.next), (vec![waiting(&jobs[2])], None));
    Ok(())
}

async fn many_nodes_take_each_job_once(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let jobs: Vec<_> = (0..12).map(|number| make.job(COLLECT, &number.to_string())).collect();
    for job in &jobs {
        add(&*catalog, job).await?;
    }
    let now = make.now();
    let leases: Vec<_> = jobs.iter().map(|_| make.lease(at(500_000))).collect();
    let taken = join_all(leases.iter().map(|lease| take(&*catalog, *lease, now))).await;
    let mut ids = Vec::new();
    for job in taken {
        ids.extend(job?.map(|job| job.id));
    }
    ids.sort_unstable();
    assert_eq!(ids, jobs.iter().map(|job| job.id).collect::<Vec<_>>());
    Ok(())
}
