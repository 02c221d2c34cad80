use std::slice;
use std::sync::Arc;

use ipa::{BundleId, Platform};

use super::samples::{Samples, name};
use super::{Case, assert_refused, cases};
use crate::{App, AppId, Catalog, Key, PageSize, StoreError};

pub(super) const CASES: &[Case] = cases![
    an_app_is_found_by_its_id_and_by_bundle_identifier_and_platform,
    an_unknown_app_is_none,
    a_bundle_identifier_is_taken_once_on_each_platform,
    an_id_is_given_out_once,
    a_renamed_app_keeps_everything_else,
    an_unknown_app_cannot_be_renamed,
    apps_are_listed_by_lower_case_name_and_then_by_id,
    a_list_of_apps_goes_on_where_its_page_ended,
];

async fn an_app_is_found_by_its_id_and_by_bundle_identifier_and_platform(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let app = Samples::default().app("Notes");
    let mut unit = catalog.begin().await?;
    unit.apps().insert(&app).await?;
    assert_eq!(unit.apps().find(app.id).await?.as_ref(), Some(&app), "within its unit");
    unit.commit().await?;
    let mut snapshot = catalog.read().await?;
    assert_eq!(snapshot.apps().find(app.id).await?.as_ref(), Some(&app));
    let found = snapshot.apps().find_by_bundle(&app.bundle_id, app.platform).await?;
    assert_eq!(found.as_ref(), Some(&app));
    Ok(())
}

async fn an_unknown_app_is_none(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let app = make.app("Notes");
    keep(&*catalog, slice::from_ref(&app)).await?;
    let mut snapshot = catalog.read().await?;
    assert_eq!(snapshot.apps().find(AppId::new(make.now(), [0; 10])).await?, None);
    let elsewhere = snapshot.apps().find_by_bundle(&app.bundle_id, Platform::TvOs).await?;
    assert_eq!(elsewhere, None, "another platform");
    let capitals = BundleId::parse(&app.bundle_id.as_str().to_uppercase()).expect("a bundle identifier");
    assert_eq!(snapshot.apps().find_by_bundle(&capitals, app.platform).await?, None, "other letters");
    Ok(())
}

async fn a_bundle_identifier_is_taken_once_on_each_platform(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let first = make.app("Notes");
    let second = App { bundle_id: first.bundle_id.clone(), ..make.app("Copy of Notes") };
    let television = App { platform: Platform::TvOs, ..second.clone() };
    let mut unit = catalog.begin().await?;
    unit.apps().insert(&first).await?;
    assert_refused!(unit.apps().insert(&second).await, StoreError::Conflict(Key::App));
    unit.apps().insert(&television).await?;
    unit.commit().await?;
    let mut snapshot = catalog.read().await?;
    let found = snapshot.apps().find_by_bundle(&first.bundle_id, first.platform).await?;
    assert_eq!(found, Some(first), "the first stays, and its unit went on after the conflict");
    assert_eq!(snapshot.apps().find(television.id).await?, Some(television));
    Ok(())
}

async fn an_id_is_given_out_once(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let first = make.app("Notes");
    let second = App { id: first.id, ..make.app("Drafts") };
    let mut unit = catalog.begin().await?;
    unit.apps().insert(&first).await?;
    assert_refused!(unit.apps().insert(&second).await, StoreError::Conflict(Key::Id));
    Ok(())
}

async fn a_renamed_app_keeps_everything_else(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let app = Samples::default().app("Notes");
    keep(&*catalog, slice::from_ref(&app)).await?;
    let mut unit = catalog.begin().await?;
    unit.apps().rename(app.id, &name("Ábaco")).await?;
    unit.commit().await?;
    let renamed = App { name: name("Ábaco"), ..app.clone() };
    let mut snapshot = catalog.read().await?;
    assert_eq!(snapshot.apps().find(app.id).await?, Some(renamed));
    Ok(())
}

async fn an_unknown_app_cannot_be_renamed(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let app = Samples::default().app("Notes");
    let mut unit = catalog.begin().await?;
    assert_refused!(unit.apps().rename(app.id, &app.name).await, StoreError::Unknown("app"));
    Ok(())
}

async fn apps_are_listed_by_lower_case_name_and_then_by_id(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    assert_eq!(catalog.read().await?.apps().list(None, PageSize::MAX).await?.items, [], "nothing yet");
    let texts = ["notes", "Éclair", "Apples", "zebra", "NOTES", "apples 2", "Zebra"];
    let apps: Vec<App> = texts.iter().map(|text| make.app(text)).collect();
    keep(&*catalog, &apps).await?;
    let page = catalog.read().await?.apps().list(None, PageSize::MAX).await?;
    let names: Vec<&str> = page.items.iter().map(|app| app.name.as_str()).collect();
    assert_eq!(names, ["Apples", "apples 2", "notes", "NOTES", "zebra", "Zebra", "Éclair"]);
    assert_eq!(page.next, None);
    Ok(())
}

async fn a_list_of_apps_goes_on_where_its_page_ended(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    // Equal names, so that the id decides too.
    let apps: Vec<App> = ["b", "a", "a", "a", "c"].iter().map(|text| make.app(text)).collect();
    keep(&*catalog, &apps).await?;
    let mut sorted = apps.clone();
    sorted.sort_by_key(|app| (app.name.key(), app.id));
    let mut snapshot = catalog.read().await?;
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = snapshot.apps().list(after.as_ref(), PageSize::new(2)).await?;
        seen.extend(page.items);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen, sorted);
    Ok(())
}

async fn keep(catalog: &dyn Catalog, apps: &[App]) -> Result<(), StoreError> {
    let mut unit = catalog.begin().await?;
    for app in apps {
        unit.apps().insert(app).await?;
    }
    unit.commit().await
}
