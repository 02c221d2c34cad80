use std::slice;
use std::sync::Arc;

use futures_util::future::join_all;

use super::samples::{Samples, name};
use super::{Case, cases};
use crate::{AuditSubject, Catalog, PageSize, StoreError};

pub(super) const CASES: &[Case] = cases![
    a_unit_that_was_committed_stays,
    a_unit_that_was_dropped_leaves_nothing,
    nobody_sees_a_unit_before_it_is_committed,
    a_snapshot_sees_one_moment,
    a_snapshot_does_not_keep_units_waiting,
    units_at_once_all_get_their_turn,
    a_catalog_that_works_says_so,
];

async fn a_unit_that_was_committed_stays(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let app = make.app("Notes");
    let entry = make.entry(AuditSubject::App(app.id));
    let mut unit = catalog.begin().await?;
    unit.apps().insert(&app).await?;
    unit.audit().append(&entry).await?;
    unit.commit().await?;
    let mut snapshot = catalog.read().await?;
    assert_eq!(snapshot.apps().list(None, PageSize::MAX).await?.items, [app]);
    assert_eq!(snapshot.audit().list(None, PageSize::MAX).await?.items, [entry]);
    Ok(())
}

async fn a_unit_that_was_dropped_leaves_nothing(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let app = make.app("Notes");
    let mut unit = catalog.begin().await?;
    unit.apps().insert(&app).await?;
    drop(unit);
    let mut unit = catalog.begin().await?;
    assert_eq!(unit.apps().find(app.id).await?, None);
    unit.apps().insert(&app).await?; // Its keys are free again.
    Ok(())
}

async fn nobody_sees_a_unit_before_it_is_committed(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let app = Samples::default().app("Notes");
    let mut unit = catalog.begin().await?;
    unit.apps().insert(&app).await?;
    assert_eq!(catalog.read().await?.apps().find(app.id).await?, None);
    assert_eq!(unit.apps().find(app.id).await?.as_ref(), Some(&app), "but itself");
    unit.commit().await?;
    assert_eq!(catalog.read().await?.apps().find(app.id).await?, Some(app));
    Ok(())
}

async fn a_snapshot_sees_one_moment(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let (before, after) = (make.app("Before"), make.app("After"));
    let mut unit = catalog.begin().await?;
    unit.apps().insert(&before).await?;
    unit.commit().await?;
    let mut snapshot = catalog.read().await?;
    assert_eq!(snapshot.apps().list(None, PageSize::MAX).await?.items, slice::from_ref(&before));
    let mut unit = catalog.begin().await?;
    unit.apps().insert(&after).await?;
    unit.apps().rename(before.id, &name("Renamed")).await?;
    unit.commit().await?;
    assert_eq!(snapshot.apps().list(None, PageSize::MAX).await?.items, [before]);
    let later = catalog.read().await?.apps().list(None, PageSize::MAX).await?;
    assert_eq!(later.items.len(), 2);
    Ok(())
}

async fn a_snapshot_does_not_keep_units_waiting(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let mut snapshots = Vec::new();
    for text in ["A", "B", "C"] {
        let mut snapshot = catalog.read().await?;
        let seen = snapshot.apps().list(None, PageSize::MAX).await?.items.len();
        let mut unit = catalog.begin().await?;
        unit.apps().insert(&make.app(text)).await?;
        unit.commit().await?;
        snapshots.push((snapshot, seen));
    }
    for (snapshot, seen) in &mut snapshots {
        assert_eq!(snapshot.apps().list(None, PageSize::MAX).await?.items.len(), *seen);
    }
    Ok(())
}

async fn units_at_once_all_get_their_turn(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let apps: Vec<_> = (0..20).map(|_| make.app("Notes")).collect();
    let units = apps.iter().map(async |app| {
        let mut unit = catalog.begin().await?;
        unit.apps().insert(app).await?;
        unit.commit().await
    });
    for committed in join_all(units).await {
        committed?;
    }
    let kept = catalog.read().await?.apps().list(None, PageSize::MAX).await?;
    assert_eq!(kept.items, apps);
    Ok(())
}

async fn a_catalog_that_works_says_so(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    catalog.check().await?;
    let snapshot = catalog.read().await?;
    catalog.check().await?;
    drop(snapshot);
    catalog.check().await
}
