//! Units that meet: one is in its middle when the other begins. Each meeting has one outcome, whoever the engine lets
//! wait, and it is the one that the trait's methods promise.

use std::sync::Arc;

use futures_util::future::{join, join_all};

use super::samples::{Samples, Shelf, at};
use super::{Case, assert_refused, cases};
use crate::{
    Attempt, AttemptStart, Blob, Build, Catalog, Icons, Key, NewRelease, PageSize, Position, Release,
    Revocation, RevocationSubject, StoreError, Timestamp, Unit,
};

pub(super) const CASES: &[Case] = cases![
    two_publishers_of_the_same_bytes_come_to_one_build,
    of_two_publishers_of_the_same_bytes_the_second_finds_the_build_of_the_first,
    the_second_release_on_a_channel_is_current,
    releases_on_one_channel_at_once_all_land_in_places_of_their_own,
    whoever_revokes_sees_the_attempt_that_was_opened_before,
    no_attempt_is_opened_behind_a_revocation,
    a_blob_that_an_upload_found_is_not_removed,
    a_blob_that_is_being_removed_is_added_anew,
    an_event_that_is_committed_late_is_not_passed_over,
];

async fn two_publishers_of_the_same_bytes_come_to_one_build(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let app = make.shelf(&*catalog).await?.app;
    let [one, two] = twins(&make);
    let builds = [make.build(app.id, &one, &one), make.build(app.id, &two, &two)];
    let [first, second] = builds.clone();
    let (first, second) = join(publish(&*catalog, one, first), publish(&*catalog, two, second)).await;
    let (first, second) = (first?, second?);
    assert_eq!(first, second, "both hold the same build");
    assert!(builds.iter().any(|build| build.id == first.id), "it is that of one of them");
    let kept = catalog.read().await?.builds().list(app.id, None, PageSize::MAX).await?;
    assert_eq!(kept.items.len(), 2, "it and the one that was there before");
    Ok(())
}

async fn of_two_publishers_of_the_same_bytes_the_second_finds_the_build_of_the_first(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let app = make.shelf(&*catalog).await?.app;
    for end in [End::Commit, End::Drop] {
        let [one, two] = twins(&make);
        let (early, late) = (make.build(app.id, &one, &one), make.build(app.id, &two, &two));
        let mut first = catalog.begin().await?;
        first.blobs().insert(&one).await?;
        first.builds().insert(&early).await?;
        let (second, ended) = join(publish(&*catalog, two, late.clone()), end.of(first, &*catalog)).await;
        ended?;
        let expected = if end == End::Commit { early } else { late };
        assert_eq!(second?, expected, "after the first ended by {end:?}");
    }
    Ok(())
}

async fn the_second_release_on_a_channel_is_current(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let [early, late] = [(); 2].map(|()| make.release(shelf.channel.id, shelf.build.id));
    let mut first = catalog.begin().await?;
    let placed = first.releases().insert(&early).await?;
    let (second, ended) = join(released(&*catalog, &late), End::Commit.of(first, &*catalog)).await;
    ended?;
    let second = second?;
    assert!(second.sequence > placed.sequence);
    assert_eq!(catalog.read().await?.releases().current(shelf.channel.id).await?, Some(second));
    Ok(())
}

async fn releases_on_one_channel_at_once_all_land_in_places_of_their_own(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let new: Vec<NewRelease> = (0..8).map(|_| make.release(shelf.channel.id, shelf.build.id)).collect();
    let landed = join_all(new.iter().map(|release| released(&*catalog, release))).await;
    let mut places = Vec::new();
    for release in landed {
        places.push(release?.sequence.number());
    }
    places.sort_unstable();
    assert_eq!(places, [1, 2, 3, 4, 5, 6, 7, 8]);
    Ok(())
}

async fn whoever_revokes_sees_the_attempt_that_was_opened_before(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    for kind in 0..3 {
        let start = start(&make, &shelf);
        let revocation = revocation(&start.attempt, kind);
        let mut starting = catalog.begin().await?;
        let opened = starting.attempts().open(&start).await?;
        assert_eq!(opened.as_ref(), Ok(&start.attempt));
        let revoking = async {
            let mut unit = catalog.begin().await?;
            unit.revocations().revoke(&revocation).await?;
            let seen = unit.attempts().find(start.attempt.id).await?;
            // Undone, so that the next round may start.
            Ok::<_, StoreError>(seen)
        };
        let (seen, started) = join(revoking, End::Commit.of(starting, &*catalog)).await;
        started?;
        assert_eq!(seen?, Some(start.attempt), "by whoever revokes {:?}", revocation.subject);
    }
    Ok(())
}

async fn no_attempt_is_opened_behind_a_revocation(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    for (kind, end) in (0..3).flat_map(|kind| [(kind, End::Drop), (kind, End::Commit)]) {
        let shelf = make.shelf(&*catalog).await?;
        let start = start(&make, &shelf);
        let revocation = revocation(&start.attempt, kind);
        let mut revoking = catalog.begin().await?;
        revoking.revocations().revoke(&revocation).await?;
        let starting = async {
            let mut unit = catalog.begin().await?;
            let opened = unit.attempts().open(&start).await?;
            unit.commit().await?;
            Ok::<_, StoreError>(opened)
        };
        let (opened, ended) = join(starting, end.of(revoking, &*catalog)).await;
        ended?;
        let expected = if end == End::Commit { Err(revocation) } else { Ok(start.attempt) };
        assert_eq!(opened?, expected, "after the revocation of {:?} ended by {end:?}", revocation.subject);
    }
    Ok(())
}

async fn a_blob_that_an_upload_found_is_not_removed(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let app = make.shelf(&*catalog).await?.app;
    let [stray, arrived] = twins(&make);
    let build = make.build(app.id, &stray, &stray);
    let mut unit = catalog.begin().await?;
    unit.blobs().insert(&stray).await?;
    unit.commit().await?;
    let mut upload = catalog.begin().await?;
    assert_refused!(upload.blobs().insert(&arrived).await, StoreError::Conflict(Key::Blob));
    let removing = async {
        let mut unit = catalog.begin().await?;
        let removed = unit.blobs().remove_unused(stray.id).await?;
        unit.commit().await?;
        Ok::<_, StoreError>(removed)
    };
    let uploading = async {
        come_far(&*catalog).await?;
        upload.builds().insert(&build).await?;
        upload.commit().await
    };
    let (removed, uploaded) = join(removing, uploading).await;
    uploaded?;
    assert!(!removed?, "the upload needs it");
    let mut snapshot = catalog.read().await?;
    assert_eq!(snapshot.blobs().find(stray.id).await?, Some(stray));
    assert_eq!(snapshot.builds().find(build.id).await?, Some(build));
    Ok(())
}

async fn a_blob_that_is_being_removed_is_added_anew(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    for end in [End::Commit, End::Drop] {
        let [stray, arrived] = twins(&make);
        let mut unit = catalog.begin().await?;
        unit.blobs().insert(&stray).await?;
        unit.commit().await?;
        let mut removing = catalog.begin().await?;
        assert!(removing.blobs().remove_unused(stray.id).await?);
        let uploading = async {
            let mut unit = catalog.begin().await?;
            let added = unit.blobs().insert(&arrived).await;
            let found = unit.blobs().find_by_sha256(&arrived.sha256).await?;
            unit.commit().await?;
            Ok::<_, StoreError>((added, found))
        };
        let (uploaded, ended) = join(uploading, end.of(removing, &*catalog)).await;
        ended?;
        let (added, found) = uploaded?;
        if end == End::Commit {
            added?;
            assert_eq!(found, Some(arrived), "the old one is gone");
        } else {
            assert_refused!(added, StoreError::Conflict(Key::Blob));
            assert_eq!(found, Some(stray), "the old one stayed");
        }
    }
    Ok(())
}

async fn an_event_that_is_committed_late_is_not_passed_over(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let (early, late) = (make.event(), make.event());
    let mut first = catalog.begin().await?;
    first.events().append(&early).await?;
    let second = async {
        let mut unit = catalog.begin().await?;
        unit.events().append(&late).await?;
        unit.commit().await
    };
    let between = async {
        come_far(&*catalog).await?;
        let read = catalog.read().await?.events().list(Position::START, PageSize::MAX).await?.items;
        first.commit().await?;
        Ok::<_, StoreError>(read)
    };
    let (committed, read) = join(second, between).await;
    committed?;
    let mut read = read?;
    let place = read.last().map_or(Position::START, |last| last.position);
    read.extend(catalog.read().await?.events().list(place, PageSize::MAX).await?.items);
    let ids: Vec<_> = read.iter().map(|logged| logged.event.id).collect();
    assert_eq!(ids, [early.id, late.id], "each once, and in the order of their commits or their beginnings");
    Ok(())
}

/// How the first of two units ends.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum End {
    Commit,
    Drop,
}

impl End {
    /// Ends a unit when the one beside it has come as far as it can.
    async fn of(self, unit: Box<dyn Unit>, catalog: &dyn Catalog) -> Result<(), StoreError> {
        come_far(catalog).await?;
        match self {
            Self::Commit => unit.commit().await,
            Self::Drop => {
                drop(unit);
                Ok(())
            }
        }
    }
}

/// Gives the unit beside this time, by asking again and again what nobody has to wait for.
async fn come_far(catalog: &dyn Catalog) -> Result<(), StoreError> {
    for _ in 0..16 {
        catalog.read().await?.ticket_keys().list_since(at(0)).await?;
    }
    Ok(())
}

/// Two blobs with the same bytes.
fn twins(make: &Samples) -> [Blob; 2] {
    let one = make.blob();
    [one, Blob { sha256: one.sha256, size_bytes: one.size_bytes, ..make.blob() }]
}

/// Keeps the build, or finds the one that is there already.
async fn publish(catalog: &dyn Catalog, blob: Blob, mut build: Build) -> Result<Build, StoreError> {
    let mut unit = catalog.begin().await?;
    if let Err(StoreError::Conflict(Key::Blob)) = unit.blobs().insert(&blob).await {
        let known = unit.blobs().find_by_sha256(&blob.sha256).await?.expect("the conflict's blob");
        build.package.blob = Some(known.id);
        build.icons = Icons { display_image: Some(known.id), full_size_image: None };
    }
    let kept = match unit.builds().insert(&build).await {
        Err(StoreError::Conflict(Key::Package)) => {
            let found = unit.builds().find_by_package(&build.package.sha256).await?;
            found.expect("the conflict's build")
        }
        inserted => inserted.map(|()| build)?,
    };
    unit.commit().await?;
    Ok(kept)
}

async fn released(catalog: &dyn Catalog, release: &NewRelease) -> Result<Release, StoreError> {
    let mut unit = catalog.begin().await?;
    let placed = unit.releases().insert(release).await?;
    unit.commit().await?;
    Ok(placed)
}

fn start(make: &Samples, on: &Shelf) -> AttemptStart {
    let issued_at = make.now();
    let attempt = make.attempt(make.ticket(), on);
    AttemptStart { silent_since: attempt.started_at, attempt, issued_at }
}

/// The revocation of an attempt's channel, build or ticket, whatever their age.
fn revocation(attempt: &Attempt, kind: usize) -> Revocation {
    let subjects = [
        RevocationSubject::Channel(attempt.channel),
        RevocationSubject::Build(attempt.build),
        RevocationSubject::Ticket(attempt.ticket),
    ];
    let all: Timestamp = at(1_000_000);
    Revocation { subject: subjects[kind], starts_refused_at: all, running_refused_at: None }
}
