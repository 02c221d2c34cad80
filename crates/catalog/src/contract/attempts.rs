use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;

use super::samples::{Samples, at};
use super::{Case, assert_refused, cases};
use crate::{
    Attempt, AttemptDevice, AttemptId, AttemptProgress, AttemptStart, Blocks, BuildId, Catalog, ChannelId,
    Key, PageSize, Progress, Revocation, RevocationSubject, StoreError, Timestamp,
};

pub(super) const CASES: &[Case] = cases![
    an_attempt_comes_back_as_it_was_opened,
    a_device_that_asks_again_soon_goes_on_with_its_attempt,
    a_device_that_was_silent_begins_another_attempt,
    one_ticket_on_two_devices_makes_two_attempts,
    however_many_requests_come_at_once_one_attempt_is_opened,
    an_attempt_on_unknown_things_is_refused,
    an_id_is_given_out_once,
    a_ticket_that_was_revoked_starts_nothing_but_what_it_started_goes_on,
    progress_adds_up_in_any_order_and_any_number_of_times,
    a_batch_may_name_an_attempt_twice_and_unknown_ones,
    progress_from_two_units_at_once_is_not_lost,
    an_attempt_that_made_progress_is_not_silent,
    attempts_are_listed_by_ticket_build_and_channel_newest_first,
    attempts_that_ended_long_ago_are_removed_and_no_others,
];

async fn an_attempt_comes_back_as_it_was_opened(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let attempt = make.attempt(make.ticket(), &shelf);
    let opened = open(&*catalog, &attempt).await?;
    assert_eq!(opened, attempt);
    let mut snapshot = catalog.read().await?;
    assert_eq!(snapshot.attempts().find(attempt.id).await?.as_ref(), Some(&attempt));
    let unknown = AttemptId::new(make.now(), [0; 10]);
    assert_eq!(snapshot.attempts().find(unknown).await?, None);
    assert_eq!(snapshot.attempts().latest(make.ticket(), &attempt.device).await?, None);
    assert_eq!(snapshot.attempts().latest(attempt.ticket, &attempt.device).await?, Some(attempt));
    Ok(())
}

async fn a_device_that_asks_again_soon_goes_on_with_its_attempt(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let ticket = make.ticket();
    let first = open(&*catalog, &make.attempt(ticket, &shelf)).await?;
    let again = Attempt { findings: Vec::new(), ..make.attempt(ticket, &shelf) };
    let mut unit = catalog.begin().await?;
    let found = unit.attempts().open(&start(&again, first.progress.last_seen_at)).await?;
    assert_eq!(found.as_ref(), Ok(&first), "seen at that very moment");
    assert_eq!(unit.attempts().find(again.id).await?, None);
    Ok(())
}

async fn a_device_that_was_silent_begins_another_attempt(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let ticket = make.ticket();
    let first = open(&*catalog, &make.attempt(ticket, &shelf)).await?;
    let again = make.attempt(ticket, &shelf);
    let since = first.progress.last_seen_at.saturating_add(Duration::from_millis(1));
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.attempts().open(&start(&again, since)).await?.as_ref(), Ok(&again));
    assert_eq!(unit.attempts().latest(ticket, &again.device).await?, Some(again));
    assert_eq!(unit.attempts().find(first.id).await?, Some(first), "the first stays");
    Ok(())
}

async fn one_ticket_on_two_devices_makes_two_attempts(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let ticket = make.ticket();
    let phone = make.attempt(ticket, &shelf);
    let device = |model: &str, os_version: &str, os_build: &str| AttemptDevice {
        model: model.to_owned(),
        os_version: os_version.to_owned(),
        os_build: os_build.to_owned(),
    };
    let mut opened = vec![open(&*catalog, &phone).await?];
    for (device, why) in [
        (device("iPad14,1", "18.0", "22A3354"), "another model"),
        (device("iPhone15,2", "18.1", "22B83"), "a later OS build"),
        (device("iPhone15,2", "17.7", "21H16"), "an earlier OS build"),
        (device("", "", ""), "a device that says nothing"),
    ] {
        let attempt = Attempt { device, ..make.attempt(ticket, &shelf) };
        assert_eq!(open(&*catalog, &attempt).await?, attempt, "{why}");
        opened.insert(0, attempt);
    }
    let mut snapshot = catalog.read().await?;
    for attempt in &opened {
        let latest = snapshot.attempts().latest(ticket, &attempt.device).await?;
        assert_eq!(latest.as_ref(), Some(attempt), "each device finds its own");
    }
    let page = snapshot.attempts().list_ticket(ticket, None, PageSize::MAX).await?;
    assert_eq!(page.items, opened);
    Ok(())
}

async fn however_many_requests_come_at_once_one_attempt_is_opened(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let ticket = make.ticket();
    let attempts: Vec<Attempt> = (0..6).map(|_| make.attempt(ticket, &shelf)).collect();
    let opened = join_all(attempts.iter().map(|attempt| open(&*catalog, attempt))).await;
    let opened = opened.into_iter().collect::<Result<Vec<_>, _>>()?;
    assert!(opened.iter().all(|attempt| attempt == &opened[0]));
    let page = catalog.read().await?.attempts().list_ticket(ticket, None, PageSize::MAX).await?;
    assert_eq!(page.items.len(), 1);
    Ok(())
}

async fn an_attempt_on_unknown_things_is_refused(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let fine = make.attempt(make.ticket(), &shelf);
    let no_build = Attempt { build: BuildId::new(at(0), [0; 10]), ..fine.clone() };
    let no_channel = Attempt { channel: ChannelId::new(at(0), [0; 10]), ..fine };
    for attempt in [no_build, no_channel] {
        let mut unit = catalog.begin().await?;
        assert_refused!(unit.attempts().open(&start(&attempt, at(0))).await, StoreError::Dangling("attempt"));
    }
    Ok(())
}

async fn an_id_is_given_out_once(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let first = open(&*catalog, &make.attempt(make.ticket(), &shelf)).await?;
    let second = Attempt { id: first.id, ..make.attempt(make.ticket(), &shelf) };
    let mut unit = catalog.begin().await?;
    let refused = unit.attempts().open(&start(&second, at(0))).await;
    assert_refused!(refused, StoreError::Conflict(Key::Id));
    assert_eq!(unit.attempts().find(first.id).await?, Some(first), "the unit goes on");
    Ok(())
}

async fn a_ticket_that_was_revoked_starts_nothing_but_what_it_started_goes_on(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let running = open(&*catalog, &make.attempt(make.ticket(), &shelf)).await?;
    for subject in [
        RevocationSubject::Ticket(running.ticket),
        RevocationSubject::Build(shelf.build.id),
        RevocationSubject::Channel(shelf.channel.id),
    ] {
        let revocation = Revocation { subject, starts_refused_at: at(300), running_refused_at: None };
        let mut unit = catalog.begin().await?;
        unit.revocations().revoke(&revocation).await?;
        let again = make.attempt(running.ticket, &shelf);
        let goes_on = AttemptStart { issued_at: at(300), ..start(&again, at(0)) };
        assert_eq!(unit.attempts().open(&goes_on).await?.as_ref(), Ok(&running), "{subject:?}");
        let silent = AttemptStart { silent_since: at(400), ..goes_on };
        assert_eq!(unit.attempts().open(&silent).await?, Err(revocation), "issued at that very moment");
        assert_eq!(unit.attempts().find(again.id).await?, None);
        let newer = AttemptStart { issued_at: at(301), ..silent };
        assert_eq!(unit.attempts().open(&newer).await?, Ok(again), "issued later");
    }
    Ok(())
}

async fn progress_adds_up_in_any_order_and_any_number_of_times(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let batch = [
        Progress { icon_at: Some(at(210)), blocks: sent(&[0, 1]), ..Progress::seen(at(220)) },
        Progress { icon_at: Some(at(205)), size_asked_at: Some(at(206)), ..Progress::seen(at(206)) },
        Progress { package_first_at: Some(at(215)), blocks: sent(&[1, 9]), ..Progress::seen(at(230)) },
        Progress { all_sent_at: Some(at(240)), manifest_at: Some(at(250)), ..Progress::seen(at(225)) },
    ];
    for order in [[0, 1, 2, 3, 3, 2], [3, 2, 1, 0, 0, 1], [2, 0, 2, 3, 1, 1]] {
        let attempt = open(&*catalog, &make.attempt(make.ticket(), &shelf)).await?;
        for place in order {
            let mut unit = catalog.begin().await?;
            let progress = batch[place].clone();
            unit.attempts().merge(&[AttemptProgress { attempt: attempt.id, progress }]).await?;
            unit.commit().await?;
        }
        let together = Attempt {
            progress: Progress {
                last_seen_at: at(230),
                manifest_at: Some(attempt.started_at),
                icon_at: Some(at(205)),
                size_asked_at: Some(at(206)),
                package_first_at: Some(at(215)),
                all_sent_at: Some(at(240)),
                blocks: sent(&[0, 1, 9]),
            },
            ..attempt
        };
        let found = catalog.read().await?.attempts().find(together.id).await?;
        assert_eq!(found, Some(together), "in the order {order:?}");
    }
    Ok(())
}

async fn a_batch_may_name_an_attempt_twice_and_unknown_ones(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let first = open(&*catalog, &make.attempt(make.ticket(), &shelf)).await?;
    let second = open(&*catalog, &make.attempt(make.ticket(), &shelf)).await?;
    let item = |attempt, block| AttemptProgress {
        attempt,
        progress: Progress { blocks: sent(&[block]), ..Progress::seen(at(220)) },
    };
    let unknown = AttemptId::new(make.now(), [0; 10]);
    let batch = [item(second.id, 0), item(unknown, 1), item(first.id, 2), item(second.id, 3)];
    let mut unit = catalog.begin().await?;
    let merged = unit.attempts().merge(&batch).await?;
    let blocks: Vec<_> = merged.iter().map(|attempt| (attempt.id, &attempt.progress.blocks)).collect();
    assert_eq!(blocks, [(second.id, &sent(&[0, 3])), (first.id, &sent(&[2]))]);
    assert_eq!(unit.attempts().find(second.id).await?.as_ref(), merged.first(), "as it is kept");
    assert_eq!(unit.attempts().merge(&batch).await?, merged, "the same batch again");
    assert_eq!(unit.attempts().merge(&[]).await?, []);
    Ok(())
}

async fn progress_from_two_units_at_once_is_not_lost(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let attempt = open(&*catalog, &make.attempt(make.ticket(), &shelf)).await?;
    let nodes = (0..6).map(async |node| {
        let progress = Progress { blocks: sent(&[node]), ..Progress::seen(at(220)) };
        let mut unit = catalog.begin().await?;
        unit.attempts().merge(&[AttemptProgress { attempt: attempt.id, progress }]).await?;
        unit.commit().await
    });
    for merged in join_all(nodes).await {
        merged?;
    }
    let found = catalog.read().await?.attempts().find(attempt.id).await?;
    assert_eq!(found.map(|attempt| attempt.progress.blocks), Some(sent(&[0, 1, 2, 3, 4, 5])));
    Ok(())
}

async fn an_attempt_that_made_progress_is_not_silent(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let ticket = make.ticket();
    let attempt = open(&*catalog, &make.attempt(ticket, &shelf)).await?;
    let again = make.attempt(ticket, &shelf);
    let mut unit = catalog.begin().await?;
    let progress = Progress::seen(at(300));
    unit.attempts().merge(&[AttemptProgress { attempt: attempt.id, progress }]).await?;
    let opened = unit.attempts().open(&start(&again, at(299))).await?;
    assert_eq!(opened.map(|opened| opened.id), Ok(attempt.id));
    Ok(())
}

async fn attempts_are_listed_by_ticket_build_and_channel_newest_first(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let (shelf, other) = (make.shelf(&*catalog).await?, make.shelf(&*catalog).await?);
    let ticket = make.ticket();
    let mut attempts = Vec::new();
    for model in ["iPhone15,2", "iPhone15,3", "iPad14,1"] {
        let mut attempt = make.attempt(ticket, &shelf);
        model.clone_into(&mut attempt.device.model);
        attempts.insert(0, open(&*catalog, &attempt).await?);
        open(&*catalog, &make.attempt(make.ticket(), &other)).await?;
    }
    let (size, middle) = (PageSize::new(2), Some(attempts[1].id));
    let mut snapshot = catalog.read().await?;
    let store = snapshot.attempts();
    for (list, page) in [
        ("by ticket", store.list_ticket(ticket, None, size).await?),
        ("by build", store.list_build(shelf.build.id, None, size).await?),
        ("by channel", store.list_channel(shelf.channel.id, None, size).await?),
    ] {
        assert_eq!((&page.items[..], page.next), (&attempts[..2], middle), "{list}");
    }
    for (list, page) in [
        ("by ticket", store.list_ticket(ticket, middle, size).await?),
        ("by build", store.list_build(shelf.build.id, middle, size).await?),
        ("by channel", store.list_channel(shelf.channel.id, middle, size).await?),
    ] {
        assert_eq!((&page.items[..], page.next), (&attempts[2..], None), "{list}, further");
    }
    assert_eq!(store.list_ticket(make.ticket(), None, size).await?.items, [], "an unused ticket");
    Ok(())
}

async fn attempts_that_ended_long_ago_are_removed_and_no_others(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let mut attempts = Vec::new();
    for served_until in [at(500), at(501), at(900), at(502)] {
        let attempt = Attempt { served_until, ..make.attempt(make.ticket(), &shelf) };
        attempts.push(open(&*catalog, &attempt).await?);
    }
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.attempts().remove_before(at(500), PageSize::MAX).await?, 0, "none so long ago");
    assert_eq!(unit.attempts().remove_before(at(600), PageSize::new(1)).await?, 1, "as many as asked");
    assert_eq!(unit.attempts().find(attempts[0].id).await?, None, "the oldest first");
    assert_eq!(unit.attempts().remove_before(at(600), PageSize::MAX).await?, 2);
    let left = unit.attempts().list_channel(shelf.channel.id, None, PageSize::MAX).await?.items;
    assert_eq!(left, attempts[2..3], "one that is served still");
    Ok(())
}

/// Opens an attempt, or finds the one of the last moments.
async fn open(catalog: &dyn Catalog, attempt: &Attempt) -> Result<Attempt, StoreError> {
    let mut unit = catalog.begin().await?;
    let since = attempt.started_at.saturating_sub(Duration::from_millis(50));
    let opened = unit.attempts().open(&start(attempt, since)).await?;
    unit.commit().await?;
    Ok(opened.expect("nothing is revoked"))
}

fn start(attempt: &Attempt, silent_since: Timestamp) -> AttemptStart {
    AttemptStart { attempt: attempt.clone(), issued_at: at(0), silent_since }
}

fn sent(blocks: &[u64]) -> Blocks {
    let mut sent = Blocks::default();
    for block in blocks {
        let start = block * Blocks::BLOCK_BYTES;
        sent.send(start..start + Blocks::BLOCK_BYTES, 1 << 30);
    }
    sent
}
