use std::sync::Arc;

use super::samples::{Samples, at, slug};
use super::{Case, cases};
use crate::{
    BuildId, Catalog, Channel, ChannelId, ChannelPage, InstallSubject, PageSize, Release, ReleasedBuild,
    Revocation, RevocationSubject, StoreError, TicketRevocations,
};

pub(super) const CASES: &[Case] = cases![
    a_ticket_stands_for_app_channel_build_and_release,
    a_ticket_stands_for_the_last_release_of_its_build_that_still_stands,
    a_ticket_shows_what_was_revoked_of_it,
    a_ticket_for_unknown_or_unrelated_things_stands_for_nothing,
    a_slug_leads_to_its_channel_closed_or_not,
    an_unknown_slug_has_no_page,
    a_build_stands_where_it_was_last_released_and_not_withdrawn,
    what_was_released_is_paged_without_what_was_withdrawn,
    what_was_released_anywhere_is_paged_from_the_newest,
];

async fn a_ticket_stands_for_app_channel_build_and_release(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let ticket = make.ticket();
    let mut unit = catalog.begin().await?;
    let release = unit.releases().insert(&make.release(shelf.channel.id, shelf.build.id)).await?;
    let newer = make.release(shelf.channel.id, shelf.build.id);
    unit.commit().await?;
    let mut snapshot = catalog.read().await?;
    let found = snapshot.installs().subject(ticket, shelf.channel.id, shelf.build.id).await?;
    let expected = InstallSubject {
        app: shelf.app,
        channel: shelf.channel,
        build: shelf.build,
        release: Some(release),
        revocations: TicketRevocations::default(),
    };
    assert_eq!(found.as_ref(), Some(&expected));
    let mut unit = catalog.begin().await?;
    let release = unit.releases().insert(&newer).await?;
    let found = unit.installs().subject(ticket, expected.channel.id, expected.build.id).await?;
    assert_eq!(found, Some(InstallSubject { release: Some(release), ..expected }), "released again");
    Ok(())
}

async fn a_ticket_stands_for_the_last_release_of_its_build_that_still_stands(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let (ticket, channel, build) = (make.ticket(), shelf.channel.id, shelf.build.id);
    let other = make.kept_build(&*catalog, shelf.app.id).await?;
    let now = make.now();
    let mut unit = catalog.begin().await?;
    let first = unit.releases().insert(&make.release(channel, build)).await?;
    let second = unit.releases().insert(&make.release(channel, build)).await?;
    unit.releases().insert(&make.release(channel, other.id)).await?;
    let last = Release { withdrawn_at: Some(now), ..second.clone() };
    for (withdrawn, expected, why) in [
        (None, &second, "released twice"),
        (Some(second.id), &first, "one still stands"),
        (Some(first.id), &last, "none stands"),
    ] {
        if let Some(withdrawn) = withdrawn {
            unit.releases().withdraw(withdrawn, now).await?;
        }
        let subject = unit.installs().subject(ticket, channel, build).await?;
        assert_eq!(subject.and_then(|subject| subject.release).as_ref(), Some(expected), "{why}");
    }
    Ok(())
}

async fn a_ticket_shows_what_was_revoked_of_it(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let (ticket, other) = (make.ticket(), make.ticket());
    let (channel, build) = (shelf.channel.id, shelf.build.id);
    let revoke = |subject, starts| Revocation {
        subject,
        starts_refused_at: at(starts),
        running_refused_at: Some(at(1)),
    };
    let of_channel = revoke(RevocationSubject::Channel(channel), 5);
    let of_build = revoke(RevocationSubject::Build(build), 6);
    let of_ticket = revoke(RevocationSubject::Ticket(ticket), 7);
    let mut unit = catalog.begin().await?;
    for revocation in [&of_channel, &of_build, &of_ticket] {
        unit.revocations().revoke(revocation).await?;
    }
    let found = unit.installs().subject(ticket, channel, build).await?;
    let all = TicketRevocations { channel: Some(of_channel), build: Some(of_build), ticket: Some(of_ticket) };
    assert_eq!(found.map(|subject| subject.revocations), Some(all));
    let found = unit.installs().subject(other, channel, build).await?;
    assert_eq!(found.map(|subject| subject.revocations), Some(TicketRevocations { ticket: None, ..all }));
    Ok(())
}

async fn a_ticket_for_unknown_or_unrelated_things_stands_for_nothing(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let (shelf, other) = (make.shelf(&*catalog).await?, make.shelf(&*catalog).await?);
    let ticket = make.ticket();
    let (nowhere, nothing) = (ChannelId::new(make.now(), [0; 10]), BuildId::new(make.now(), [0; 10]));
    let mut snapshot = catalog.read().await?;
    for (channel, build, why) in [
        (nowhere, shelf.build.id, "an unknown channel"),
        (shelf.channel.id, nothing, "an unknown build"),
        (shelf.channel.id, other.build.id, "another app's build"),
    ] {
        assert_eq!(snapshot.installs().subject(ticket, channel, build).await?, None, "{why}");
    }
    let unreleased = snapshot.installs().subject(ticket, shelf.channel.id, shelf.build.id).await?;
    assert_eq!(unreleased.map(|subject| subject.release), Some(None), "known, but never released");
    Ok(())
}

async fn a_slug_leads_to_its_channel_closed_or_not(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    make.shelf(&*catalog).await?;
    let open = ChannelPage { app: shelf.app, channel: shelf.channel };
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.installs().page(&open.channel.slug).await?.as_ref(), Some(&open));
    let channel = Channel { closed_at: Some(make.now()), ..open.channel };
    unit.channels().update(&channel).await?;
    let page = unit.installs().page(&channel.slug).await?;
    assert_eq!(page, Some(ChannelPage { app: open.app, channel }));
    Ok(())
}

async fn an_unknown_slug_has_no_page(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    assert_eq!(catalog.read().await?.installs().page(&slug("nowhere")).await?, None);
    Ok(())
}

async fn a_build_stands_where_it_was_last_released_and_not_withdrawn(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let (shelf, other) = (make.shelf(&*catalog).await?, make.shelf(&*catalog).await?);
    let (channel, build) = (shelf.channel.id, shelf.build.id);
    let newer = make.kept_build(&*catalog, shelf.app.id).await?;
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.installs().released_build(channel, build).await?, None, "never released");
    let first = unit.releases().insert(&make.release(channel, build)).await?;
    let second = unit.releases().insert(&make.release(channel, build)).await?;
    unit.releases().insert(&make.release(channel, newer.id)).await?;
    let stands =
        |release: &Release| Some(ReleasedBuild { release: release.clone(), build: shelf.build.clone() });
    assert_eq!(unit.installs().released_build(channel, build).await?, stands(&second));
    assert_eq!(unit.installs().released_build(other.channel.id, build).await?, None, "elsewhere");
    unit.releases().withdraw(second.id, make.now()).await?;
    assert_eq!(unit.installs().released_build(channel, build).await?, stands(&first), "one still stands");
    unit.releases().withdraw(first.id, make.now()).await?;
    assert_eq!(unit.installs().released_build(channel, build).await?, None, "none stands");
    Ok(())
}

async fn what_was_released_is_paged_without_what_was_withdrawn(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let (shelf, other) = (make.shelf(&*catalog).await?, make.shelf(&*catalog).await?);
    let newer = make.kept_build(&*catalog, shelf.app.id).await?;
    let mut unit = catalog.begin().await?;
    let mut expected = Vec::new();
    for build in [&shelf.build, &newer, &newer, &shelf.build] {
        let release = unit.releases().insert(&make.release(shelf.channel.id, build.id)).await?;
        expected.insert(0, ReleasedBuild { release, build: build.clone() });
    }
    unit.releases().insert(&make.release(other.channel.id, other.build.id)).await?;
    let withdrawn = expected.remove(1);
    unit.releases().withdraw(withdrawn.release.id, make.now()).await?;
    unit.commit().await?;
    let mut snapshot = catalog.read().await?;
    let page = snapshot.installs().released(shelf.channel.id, None, PageSize::new(2)).await?;
    let last = expected[1].release.sequence;
    assert_eq!((&page.items[..], page.next), (&expected[..2], Some(last)));
    let page = snapshot.installs().released(shelf.channel.id, page.next, PageSize::new(2)).await?;
    assert_eq!((&page.items[..], page.next), (&expected[2..], None));
    let nowhere = ChannelId::new(make.now(), [0; 10]);
    assert_eq!(snapshot.installs().released(nowhere, None, PageSize::MAX).await?.items, []);
    Ok(())
}

async fn what_was_released_anywhere_is_paged_from_the_newest(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let (shelf, other) = (make.shelf(&*catalog).await?, make.shelf(&*catalog).await?);
    let mut unit = catalog.begin().await?;
    let mut expected = Vec::new();
    for shelf in [&shelf, &other, &shelf] {
        let release = unit.releases().insert(&make.release(shelf.channel.id, shelf.build.id)).await?;
        expected.insert(0, ReleasedBuild { release, build: shelf.build.clone() });
    }
    let withdrawn_at = make.now();
    unit.releases().withdraw(expected[0].release.id, withdrawn_at).await?;
    expected[0].release.withdrawn_at = Some(withdrawn_at);
    unit.commit().await?;
    let mut snapshot = catalog.read().await?;
    let page = snapshot.installs().newest(None, PageSize::new(2)).await?;
    let last = expected[1].release.id;
    assert_eq!((&page.items[..], page.next), (&expected[..2], Some(last)));
    let page = snapshot.installs().newest(page.next, PageSize::new(2)).await?;
    assert_eq!((&page.items[..], page.next), (&expected[2..], None));
    Ok(())
}
