use std::num::NonZeroU32;
use std::sync::Arc;

use super::samples::{Samples, name, slug};
use super::{Case, assert_refused, cases};
use crate::{App, AppId, Catalog, Channel, ChannelId, Key, PageSize, StoreError, Visibility};

pub(super) const CASES: &[Case] = cases![
    a_channel_is_found_by_id_name_and_slug,
    an_unknown_channel_is_none,
    a_name_is_taken_once_in_an_app_whatever_its_capitals,
    a_slug_is_taken_once_on_the_server,
    a_channel_of_an_unknown_app_is_refused,
    everything_that_may_change_does_and_nothing_else,
    a_channel_may_keep_its_own_name_and_slug,
    an_unknown_channel_cannot_change,
    a_closed_channel_keeps_its_name_and_slug,
    channels_are_listed_by_name_within_their_app,
    the_list_of_the_server_shows_listed_channels_that_are_open,
];

async fn a_channel_is_found_by_id_name_and_slug(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let channel = make.shelf(&*catalog).await?.channel;
    let bare = Channel {
        keeps: None,
        open_in_house_at: None,
        visibility: Visibility::Unlisted,
        ..make.channel(channel.app, "Bare")
    };
    let mut unit = catalog.begin().await?;
    unit.channels().insert(&bare).await?;
    for channel in [channel, bare] {
        assert_eq!(unit.channels().find(channel.id).await?.as_ref(), Some(&channel));
        assert_eq!(unit.channels().find_by_slug(&channel.slug).await?.as_ref(), Some(&channel));
        let loud = name(&channel.name.as_str().to_uppercase());
        assert_eq!(unit.channels().find_by_name(channel.app, &loud).await?, Some(channel));
    }
    Ok(())
}

async fn an_unknown_channel_is_none(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let channel = make.shelf(&*catalog).await?.channel;
    let elsewhere = AppId::new(make.now(), [0; 10]);
    let mut snapshot = catalog.read().await?;
    assert_eq!(snapshot.channels().find(ChannelId::new(make.now(), [0; 10])).await?, None);
    assert_eq!(snapshot.channels().find_by_slug(&slug("nowhere")).await?, None);
    assert_eq!(snapshot.channels().find_by_name(channel.app, &name("Night")).await?, None);
    assert_eq!(snapshot.channels().find_by_name(elsewhere, &channel.name).await?, None);
    Ok(())
}

async fn a_name_is_taken_once_in_an_app_whatever_its_capitals(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let channel = make.shelf(&*catalog).await?.channel;
    let loud = make.channel(channel.app, "NIGHTLY");
    let mut unit = catalog.begin().await?;
    assert_refused!(unit.channels().insert(&loud).await, StoreError::Conflict(Key::ChannelName));
    let free = make.channel(channel.app, "Nightly 2");
    unit.channels().insert(&free).await?;
    let taken = Channel { name: loud.name, ..free };
    assert_refused!(unit.channels().update(&taken).await, StoreError::Conflict(Key::ChannelName));
    unit.commit().await?;
    make.shelf(&*catalog).await?; // The same name in another app.
    Ok(())
}

async fn a_slug_is_taken_once_on_the_server(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let channel = make.shelf(&*catalog).await?.channel;
    let elsewhere = make.shelf(&*catalog).await?;
    let copy = Channel { slug: channel.slug.clone(), ..make.channel(elsewhere.app.id, "Beta") };
    let mut unit = catalog.begin().await?;
    assert_refused!(unit.channels().insert(&copy).await, StoreError::Conflict(Key::ChannelSlug));
    let taken = Channel { slug: channel.slug.clone(), ..elsewhere.channel };
    assert_refused!(unit.channels().update(&taken).await, StoreError::Conflict(Key::ChannelSlug));
    assert_eq!(unit.channels().find_by_slug(&channel.slug).await?, Some(channel));
    Ok(())
}

async fn a_channel_of_an_unknown_app_is_refused(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let channel = make.channel(AppId::new(make.now(), [0; 10]), "Nightly");
    let mut unit = catalog.begin().await?;
    assert_refused!(unit.channels().insert(&channel).await, StoreError::Dangling("channel"));
    Ok(())
}

async fn everything_that_may_change_does_and_nothing_else(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let untouched = make.shelf(&*catalog).await?.channel;
    let changed = Channel {
        name: name("Beta"),
        slug: slug("notes-beta"),
        visibility: Visibility::Unlisted,
        keeps: NonZeroU32::new(1),
        open_in_house_at: None,
        closed_at: Some(make.now()),
        ..shelf.channel
    };
    let mut unit = catalog.begin().await?;
    let before = unit.releases().insert(&make.release(changed.id, shelf.build.id)).await?;
    unit.channels().update(&changed).await?;
    let after = unit.releases().insert(&make.release(changed.id, shelf.build.id)).await?;
    assert!(after.sequence > before.sequence, "the sequence goes on");
    unit.commit().await?;
    let mut snapshot = catalog.read().await?;
    assert_eq!(snapshot.channels().find(changed.id).await?, Some(changed));
    assert_eq!(snapshot.channels().find(untouched.id).await?, Some(untouched));
    Ok(())
}

async fn a_channel_may_keep_its_own_name_and_slug(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let channel = Channel { name: name("nightly"), ..make.shelf(&*catalog).await?.channel };
    let mut unit = catalog.begin().await?;
    unit.channels().update(&channel).await?;
    assert_eq!(unit.channels().find(channel.id).await?, Some(channel));
    Ok(())
}

async fn an_unknown_channel_cannot_change(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let app = make.shelf(&*catalog).await?.app;
    let channel = make.channel(app.id, "Beta");
    let mut unit = catalog.begin().await?;
    assert_refused!(unit.channels().update(&channel).await, StoreError::Unknown("channel"));
    Ok(())
}

async fn a_closed_channel_keeps_its_name_and_slug(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let open = make.shelf(&*catalog).await?.channel;
    let closed = Channel { closed_at: Some(make.now()), ..open };
    let mut unit = catalog.begin().await?;
    unit.channels().update(&closed).await?;
    let name = Channel { name: closed.name.clone(), ..make.channel(closed.app, "Beta") };
    assert_refused!(unit.channels().insert(&name).await, StoreError::Conflict(Key::ChannelName));
    let slug = Channel { slug: closed.slug.clone(), ..make.channel(closed.app, "Beta") };
    assert_refused!(unit.channels().insert(&slug).await, StoreError::Conflict(Key::ChannelSlug));
    assert_eq!(unit.channels().find_by_slug(&closed.slug).await?, Some(closed), "and its page");
    Ok(())
}

async fn channels_are_listed_by_name_within_their_app(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let (app, other) = (make.app("Notes"), make.app("Drafts"));
    let [beta, closed, alpha] = ["beta", "Closed", "Alpha"].map(|text| make.channel(app.id, text));
    let closed = Channel { closed_at: Some(make.now()), visibility: Visibility::Unlisted, ..closed };
    let elsewhere = make.channel(other.id, "Alpha");
    keep(&*catalog, &[&app, &other], &[&beta, &closed, &alpha, &elsewhere]).await?;
    let mut snapshot = catalog.read().await?;
    let page = snapshot.channels().list(app.id, None, PageSize::new(2)).await?;
    assert_eq!(page.items, [alpha, beta]);
    let page = snapshot.channels().list(app.id, page.next.as_ref(), PageSize::new(2)).await?;
    assert_eq!((page.items, page.next), (vec![closed], None));
    let nobody = AppId::new(make.now(), [0; 10]);
    assert_eq!(snapshot.channels().list(nobody, None, PageSize::MAX).await?.items, []);
    Ok(())
}

async fn the_list_of_the_server_shows_listed_channels_that_are_open(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let (app, other) = (make.app("Notes"), make.app("Drafts"));
    let first = make.channel(app.id, "beta");
    let second = make.channel(other.id, "BETA");
    let third = make.channel(other.id, "Nightly");
    let hidden = Channel { visibility: Visibility::Unlisted, ..make.channel(app.id, "Hidden") };
    let closed = Channel { closed_at: Some(make.now()), ..make.channel(app.id, "Closed") };
    keep(&*catalog, &[&app, &other], &[&third, &hidden, &second, &closed, &first]).await?;
    let mut snapshot = catalog.read().await?;
    let page = snapshot.channels().list_listed(None, PageSize::new(1)).await?;
    assert_eq!(page.items, [first], "equal names by id");
    let page = snapshot.channels().list_listed(page.next.as_ref(), PageSize::new(2)).await?;
    assert_eq!((page.items, page.next), (vec![second, third], None));
    Ok(())
}

async fn keep(catalog: &dyn Catalog, apps: &[&App], channels: &[&Channel]) -> Result<(), StoreError> {
    let mut unit = catalog.begin().await?;
    for app in apps {
        unit.apps().insert(app).await?;
    }
    for channel in channels {
        unit.channels().insert(channel).await?;
    }
    unit.commit().await
}
