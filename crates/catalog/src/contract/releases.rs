use std::sync::Arc;

use super::samples::Samples;
use super::{Case, assert_refused, cases};
use crate::{
    BuildId, Catalog, ChannelId, NewRelease, PageSize, Release, ReleaseId, Sequence, StoreError, Timestamp,
};

pub(super) const CASES: &[Case] = cases![
    a_release_gets_the_next_place_on_its_channel,
    a_place_that_was_undone_is_given_again_or_skipped_but_never_twice,
    the_sequence_decides_what_is_current_not_the_clock,
    a_withdrawn_release_makes_the_one_before_current,
    nothing_is_current_when_all_is_withdrawn,
    withdrawing_again_keeps_the_first_moment,
    an_unknown_release_is_none_and_cannot_be_withdrawn,
    a_build_may_be_released_again,
    a_release_of_unknown_things_is_refused,
    the_history_of_a_channel_shows_everything_newest_first,
    the_releases_of_a_build_span_channels,
];

async fn a_release_gets_the_next_place_on_its_channel(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let (one, other) = (make.shelf(&*catalog).await?, make.shelf(&*catalog).await?);
    let new = make.release(one.channel.id, one.build.id);
    let first = released(&*catalog, &new).await?;
    assert_eq!(first, new.placed(Sequence::new(1).expect("a place")));
    let second = released(&*catalog, &make.release(one.channel.id, one.build.id)).await?;
    assert_eq!(second.sequence.number(), 2);
    let elsewhere = released(&*catalog, &make.release(other.channel.id, other.build.id)).await?;
    assert_eq!(elsewhere.sequence.number(), 1, "each channel counts for itself");
    let mut snapshot = catalog.read().await?;
    assert_eq!(snapshot.releases().find(first.id).await?, Some(first));
    assert_eq!(snapshot.releases().current(one.channel.id).await?, Some(second));
    Ok(())
}

async fn a_place_that_was_undone_is_given_again_or_skipped_but_never_twice(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let first = released(&*catalog, &make.release(shelf.channel.id, shelf.build.id)).await?;
    let mut unit = catalog.begin().await?;
    unit.releases().insert(&make.release(shelf.channel.id, shelf.build.id)).await?;
    drop(unit);
    let second = released(&*catalog, &make.release(shelf.channel.id, shelf.build.id)).await?;
    assert!(second.sequence > first.sequence);
    let page = catalog.read().await?.releases().list(shelf.channel.id, None, PageSize::MAX).await?;
    assert_eq!(page.items, [second, first]);
    Ok(())
}

async fn the_sequence_decides_what_is_current_not_the_clock(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let earlier_id = make.release(shelf.channel.id, shelf.build.id);
    let early = Timestamp::from_millis(0).expect("1970");
    released(&*catalog, &make.release(shelf.channel.id, shelf.build.id)).await?;
    let late = released(&*catalog, &NewRelease { released_at: early, ..earlier_id }).await?;
    assert_eq!(catalog.read().await?.releases().current(shelf.channel.id).await?, Some(late));
    Ok(())
}

async fn a_withdrawn_release_makes_the_one_before_current(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let first = released(&*catalog, &make.release(shelf.channel.id, shelf.build.id)).await?;
    let second = released(&*catalog, &make.release(shelf.channel.id, shelf.build.id)).await?;
    let now = make.now();
    let mut unit = catalog.begin().await?;
    unit.releases().withdraw(second.id, now).await?;
    assert_eq!(unit.releases().current(shelf.channel.id).await?, Some(first));
    let withdrawn = Release { withdrawn_at: Some(now), ..second };
    assert_eq!(unit.releases().find(withdrawn.id).await?, Some(withdrawn));
    let third = unit.releases().insert(&make.release(shelf.channel.id, shelf.build.id)).await?;
    assert_eq!(third.sequence.number(), 3, "a withdrawn place is not given again");
    Ok(())
}

async fn nothing_is_current_when_all_is_withdrawn(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.releases().current(shelf.channel.id).await?, None, "nothing was released");
    let only = unit.releases().insert(&make.release(shelf.channel.id, shelf.build.id)).await?;
    unit.releases().withdraw(only.id, make.now()).await?;
    assert_eq!(unit.releases().current(shelf.channel.id).await?, None);
    Ok(())
}

async fn withdrawing_again_keeps_the_first_moment(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let release = released(&*catalog, &make.release(shelf.channel.id, shelf.build.id)).await?;
    let (first, second) = (make.now(), make.now());
    let mut unit = catalog.begin().await?;
    unit.releases().withdraw(release.id, first).await?;
    unit.releases().withdraw(release.id, second).await?;
    let found = unit.releases().find(release.id).await?;
    assert_eq!(found.and_then(|release| release.withdrawn_at), Some(first));
    Ok(())
}

async fn an_unknown_release_is_none_and_cannot_be_withdrawn(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let id = ReleaseId::new(make.now(), [0; 10]);
    let channel = ChannelId::new(make.now(), [0; 10]);
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.releases().find(id).await?, None);
    assert_eq!(unit.releases().current(channel).await?, None);
    assert_refused!(unit.releases().withdraw(id, make.now()).await, StoreError::Unknown("release"));
    Ok(())
}

async fn a_build_may_be_released_again(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let newer = make.kept_build(&*catalog, shelf.app.id).await?;
    released(&*catalog, &make.release(shelf.channel.id, shelf.build.id)).await?;
    released(&*catalog, &make.release(shelf.channel.id, newer.id)).await?;
    let again = released(&*catalog, &make.release(shelf.channel.id, shelf.build.id)).await?;
    assert_eq!(catalog.read().await?.releases().current(shelf.channel.id).await?, Some(again));
    Ok(())
}

async fn a_release_of_unknown_things_is_refused(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let build = BuildId::new(make.now(), [0; 10]);
    let channel = ChannelId::new(make.now(), [0; 10]);
    for release in [make.release(shelf.channel.id, build), make.release(channel, shelf.build.id)] {
        let mut unit = catalog.begin().await?;
        assert_refused!(unit.releases().insert(&release).await, StoreError::Dangling("release"));
    }
    Ok(())
}

async fn the_history_of_a_channel_shows_everything_newest_first(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let (shelf, other) = (make.shelf(&*catalog).await?, make.shelf(&*catalog).await?);
    let now = make.now();
    let mut unit = catalog.begin().await?;
    let first = unit.releases().insert(&make.release(shelf.channel.id, shelf.build.id)).await?;
    let second = unit.releases().insert(&make.release(shelf.channel.id, shelf.build.id)).await?;
    let third = unit.releases().insert(&make.release(shelf.channel.id, shelf.build.id)).await?;
    unit.releases().insert(&make.release(other.channel.id, other.build.id)).await?;
    unit.releases().withdraw(second.id, now).await?;
    unit.commit().await?;
    let second = Release { withdrawn_at: Some(now), ..second };
    let mut snapshot = catalog.read().await?;
    let page = snapshot.releases().list(shelf.channel.id, None, PageSize::new(2)).await?;
    assert_eq!((page.items, page.next), (vec![third, second.clone()], Some(second.sequence)));
    let page = snapshot.releases().list(shelf.channel.id, page.next, PageSize::new(2)).await?;
    assert_eq!((page.items, page.next), (vec![first], None));
    let nowhere = ChannelId::new(make.now(), [0; 10]);
    assert_eq!(snapshot.releases().list(nowhere, None, PageSize::MAX).await?.items, []);
    Ok(())
}

async fn the_releases_of_a_build_span_channels(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let beta = make.channel(shelf.app.id, "Beta");
    let mut unit = catalog.begin().await?;
    unit.channels().insert(&beta).await?;
    unit.commit().await?;
    let first = released(&*catalog, &make.release(shelf.channel.id, shelf.build.id)).await?;
    let second = released(&*catalog, &make.release(beta.id, shelf.build.id)).await?;
    let mut snapshot = catalog.read().await?;
    let page = snapshot.releases().list_build(shelf.build.id, None, PageSize::new(1)).await?;
    assert_eq!((page.items, page.next), (vec![second.clone()], Some(second.id)));
    let page = snapshot.releases().list_build(shelf.build.id, page.next, PageSize::new(1)).await?;
    assert_eq!((page.items, page.next), (vec![first], None));
    Ok(())
}

async fn released(catalog: &dyn Catalog, release: &NewRelease) -> Result<Release, StoreError> {
    let mut unit = catalog.begin().await?;
    let placed = unit.releases().insert(release).await?;
    unit.commit().await?;
    Ok(placed)
}
