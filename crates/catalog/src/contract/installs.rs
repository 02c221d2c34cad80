use std::sync::Arc;

use super::samples::{Samples, at, slug};
use super::{Case, cases};
use crate::{
    BuildId, Catalog, Channel, ChannelId, ChannelPage, InstallSubject, PageSize, ReleasedBuild, Revocation,
    RevocationSubject, StoreError, TicketRevocations,
};

pub(super) const CASES: &[Case] = cases![
    a_ticket_stands_for_app_channel_build_and_release,
    a_ticket_shows_what_was_revoked_of_it,
    a_ticket_for_unknown_or_unrelated_things_stands_for_nothing,
    a_page_shows_what_is_current,
    a_page_without_a_release_shows_nothing_current,
    a_closed_channel_has_a_page,
    an_unknown_slug_has_no_page,
    what_was_released_is_paged_without_what_was_withdrawn,
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

async fn a_page_shows_what_is_current(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let newer = make.kept_build(&*catalog, shelf.app.id).await?;
    let mut unit = catalog.begin().await?;
    unit.releases().insert(&make.release(shelf.channel.id, newer.id)).await?;
    let release = unit.releases().insert(&make.release(shelf.channel.id, shelf.build.id)).await?;
    unit.commit().await?;
    let page = catalog.read().await?.installs().page(&shelf.channel.slug).await?;
    let current = Some(ReleasedBuild { release, build: shelf.build });
    assert_eq!(page, Some(ChannelPage { app: shelf.app, channel: shelf.channel, current }));
    Ok(())
}

async fn a_page_without_a_release_shows_nothing_current(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let shelf = Samples::default().shelf(&*catalog).await?;
    let page = catalog.read().await?.installs().page(&shelf.channel.slug).await?;
    assert_eq!(page, Some(ChannelPage { app: shelf.app, channel: shelf.channel, current: None }));
    Ok(())
}

async fn a_closed_channel_has_a_page(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let closed = Channel { closed_at: Some(make.now()), ..shelf.channel };
    let mut unit = catalog.begin().await?;
    unit.channels().update(&closed).await?;
    let page = unit.installs().page(&closed.slug).await?;
    assert_eq!(page.map(|page| page.channel), Some(closed));
    Ok(())
}

async fn an_unknown_slug_has_no_page(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    assert_eq!(catalog.read().await?.installs().page(&slug("nowhere")).await?, None);
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
