use std::sync::Arc;

use futures_util::FutureExt;

use super::samples::{Samples, at};
use super::{Case, assert_refused, cases};
use crate::{Catalog, Event, Key, LoggedEvent, PageSize, Position, StoreError};

pub(super) const CASES: &[Case] = cases![
    an_event_is_kept_whole,
    events_are_read_in_the_order_of_their_commits_and_on_from_any_place,
    an_event_of_a_dropped_unit_never_was,
    the_end_of_the_log_is_after_all_there_is_and_before_all_that_comes,
    who_listens_hears_of_a_commit_with_events,
    who_listens_hears_nothing_of_a_unit_that_was_dropped,
    what_can_be_read_is_not_held_back,
    old_events_are_removed_and_the_last_stays,
    a_place_stays_good_when_what_was_before_it_is_removed,
    an_event_is_added_once,
];

async fn append(catalog: &dyn Catalog, events: &[&Event]) -> Result<(), StoreError> {
    let mut unit = catalog.begin().await?;
    for event in events {
        unit.events().append(event).await?;
    }
    unit.commit().await
}

/// The `count` events after a place. Asks more than once, since they may be held back for as long as a unit that was
/// dropped takes to end.
async fn after(catalog: &dyn Catalog, place: Position, count: usize) -> Result<Vec<LoggedEvent>, StoreError> {
    let mut tries = 0;
    loop {
        let page = catalog.read().await?.events().list(place, PageSize::MAX).await?;
        assert_eq!(page.next, None);
        tries += 1;
        if page.items.len() >= count || tries == 10_000 {
            return Ok(page.items);
        }
    }
}

fn bare(logged: &[LoggedEvent]) -> Vec<&Event> {
    logged.iter().map(|logged| &logged.event).collect()
}

async fn an_event_is_kept_whole(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let event = make.event();
    append(&*catalog, &[&event]).await?;
    assert_eq!(bare(&after(&*catalog, Position::START, 1).await?), [&event]);
    Ok(())
}

async fn events_are_read_in_the_order_of_their_commits_and_on_from_any_place(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let [third, first, second] = [make.event(), make.event(), make.event()];
    append(&*catalog, &[&first, &second]).await?;
    append(&*catalog, &[&third]).await?;
    let all = after(&*catalog, Position::START, 3).await?;
    assert_eq!(bare(&all), [&first, &second, &third], "neither by id nor by moment");
    for (place, logged) in all.iter().enumerate() {
        let rest = &all[place + 1..];
        assert_eq!(after(&*catalog, logged.position, rest.len()).await?, rest);
    }
    let page = catalog.read().await?.events().list(Position::START, PageSize::new(2)).await?;
    assert_eq!(page.items, all[..2]);
    assert_eq!(page.next, Some(all[1].position));
    Ok(())
}

async fn an_event_of_a_dropped_unit_never_was(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let (dropped, kept) = (make.event(), make.event());
    let mut unit = catalog.begin().await?;
    unit.events().append(&dropped).await?;
    drop(unit);
    append(&*catalog, &[&kept]).await?;
    assert_eq!(bare(&after(&*catalog, Position::START, 1).await?), [&kept]);
    Ok(())
}

async fn the_end_of_the_log_is_after_all_there_is_and_before_all_that_comes(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let (early, late) = (make.event(), make.event());
    let empty = catalog.read().await?.events().end().await?;
    append(&*catalog, &[&early]).await?;
    assert_eq!(bare(&after(&*catalog, empty, 1).await?), [&early], "from the end of an empty log");
    let end = catalog.read().await?.events().end().await?;
    assert_eq!(after(&*catalog, end, 0).await?, []);
    append(&*catalog, &[&late]).await?;
    assert_eq!(bare(&after(&*catalog, end, 1).await?), [&late]);
    Ok(())
}

async fn who_listens_hears_of_a_commit_with_events(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let mut one = catalog.listen().await?;
    let mut other = catalog.listen().await?;
    let mut unit = catalog.begin().await?;
    unit.events().append(&make.event()).await?;
    unit.events().append(&make.event()).await?;
    unit.commit().await?;
    one.next().await?;
    other.next().await?;
    append(&*catalog, &[&make.event()]).await?;
    one.next().await
}

async fn who_listens_hears_nothing_of_a_unit_that_was_dropped(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let mut notices = catalog.listen().await?;
    let mut unit = catalog.begin().await?;
    unit.events().append(&make.event()).await?;
    drop(unit);
    let mut unit = catalog.begin().await?;
    unit.apps().insert(&make.app("Without an event")).await?;
    unit.commit().await?;
    assert!(notices.next().now_or_never().is_none());
    Ok(())
}

async fn what_can_be_read_is_not_held_back(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    assert_eq!(catalog.read().await?.events().held_back_since().await?, None);
    append(&*catalog, &[&Samples::default().event()]).await?;
    after(&*catalog, Position::START, 1).await?;
    assert_eq!(catalog.read().await?.events().held_back_since().await?, None);
    Ok(())
}

async fn old_events_are_removed_and_the_last_stays(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let events = [make.event(), make.event(), make.event(), make.event()];
    append(&*catalog, &events.each_ref()).await?;
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.events().remove_before(events[0].at, PageSize::MAX).await?, 0, "none is so old");
    assert_eq!(unit.events().remove_before(events[2].at, PageSize::new(1)).await?, 1, "as many as asked");
    unit.commit().await?;
    assert_eq!(bare(&after(&*catalog, Position::START, 3).await?), events[1..].iter().collect::<Vec<_>>());
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.events().remove_before(at(1_000_000), PageSize::MAX).await?, 2, "all but the last");
    unit.commit().await?;
    assert_eq!(bare(&after(&*catalog, Position::START, 1).await?), [&events[3]]);
    Ok(())
}

async fn a_place_stays_good_when_what_was_before_it_is_removed(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let (old, last, new) = (make.event(), make.event(), make.event());
    append(&*catalog, &[&old, &last]).await?;
    let place = catalog.read().await?.events().end().await?;
    let mut unit = catalog.begin().await?;
    unit.events().remove_before(at(1_000_000), PageSize::MAX).await?;
    unit.commit().await?;
    append(&*catalog, &[&new]).await?;
    assert_eq!(bare(&after(&*catalog, place, 1).await?), [&new]);
    Ok(())
}

async fn an_event_is_added_once(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let event = Samples::default().event();
    let mut unit = catalog.begin().await?;
    unit.events().append(&event).await?;
    assert_refused!(unit.events().append(&event).await, StoreError::Conflict(Key::Id));
    Ok(())
}
