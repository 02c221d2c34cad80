use std::sync::Arc;

use super::samples::Samples;
use super::{Case, assert_refused, cases};
use crate::{Blob, BlobUse, Build, Catalog, Icons, Key, PageSize, StoreError};

pub(super) const CASES: &[Case] = cases![
    a_blob_is_found_by_its_id_and_by_its_bytes,
    the_same_bytes_are_kept_once,
    ids_without_a_row_are_told_apart,
    blobs_are_listed_with_their_use,
    only_an_unused_blob_is_removed,
    a_blob_that_was_removed_may_come_back,
];

async fn a_blob_is_found_by_its_id_and_by_its_bytes(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let (blob, other) = (make.blob(), make.blob());
    let mut unit = catalog.begin().await?;
    unit.blobs().insert(&blob).await?;
    unit.commit().await?;
    let mut snapshot = catalog.read().await?;
    assert_eq!(snapshot.blobs().find(blob.id).await?, Some(blob));
    assert_eq!(snapshot.blobs().find_by_sha256(&blob.sha256).await?, Some(blob));
    assert_eq!(snapshot.blobs().find(other.id).await?, None);
    assert_eq!(snapshot.blobs().find_by_sha256(&other.sha256).await?, None);
    Ok(())
}

async fn the_same_bytes_are_kept_once(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let blob = make.blob();
    let again = Blob { sha256: blob.sha256, ..make.blob() };
    let mut unit = catalog.begin().await?;
    unit.blobs().insert(&blob).await?;
    assert_refused!(unit.blobs().insert(&again).await, StoreError::Conflict(Key::Blob));
    assert_eq!(unit.blobs().find_by_sha256(&blob.sha256).await?, Some(blob), "and is found in the same unit");
    assert_eq!(unit.blobs().find(again.id).await?, None);
    Ok(())
}

async fn ids_without_a_row_are_told_apart(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let (stray, kept, other) = (make.blob(), make.blob(), make.blob());
    let mut unit = catalog.begin().await?;
    unit.blobs().insert(&kept).await?;
    unit.commit().await?;
    let mut snapshot = catalog.read().await?;
    let unknown = snapshot.blobs().unknown(&[other.id, kept.id, stray.id]).await?;
    assert_eq!(unknown, [other.id, stray.id], "in the order given");
    assert_eq!(snapshot.blobs().unknown(&[]).await?, []);
    Ok(())
}

async fn blobs_are_listed_with_their_use(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let app = make.app("Notes");
    let [package, small, large, spare] = [make.blob(), make.blob(), make.blob(), make.blob()];
    let mut build = make.build(app.id, &package, &small);
    build.icons = Icons { display_image: Some(small.id), full_size_image: Some(large.id) };
    let mut unit = catalog.begin().await?;
    unit.apps().insert(&app).await?;
    for blob in [&spare, &large, &package, &small] {
        unit.blobs().insert(blob).await?;
    }
    unit.builds().insert(&build).await?;
    unit.commit().await?;
    let mut snapshot = catalog.read().await?;
    let first = snapshot.blobs().list(None, PageSize::new(2)).await?;
    assert_eq!(first.items, [BlobUse::Used(package), BlobUse::Used(small)], "by id");
    assert_eq!(first.next, Some(small.id));
    let second = snapshot.blobs().list(first.next, PageSize::new(2)).await?;
    assert_eq!(second.items, [BlobUse::Used(large), BlobUse::Unused(spare)]);
    assert_eq!(second.next, None);
    Ok(())
}

async fn only_an_unused_blob_is_removed(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let app = make.app("Notes");
    let blobs = [make.blob(), make.blob(), make.blob()];
    let [package, small, large] = blobs;
    let icons = Icons { display_image: Some(small.id), full_size_image: Some(large.id) };
    let build = Build { icons, ..make.build(app.id, &package, &small) };
    let mut unit = catalog.begin().await?;
    unit.apps().insert(&app).await?;
    for blob in &blobs {
        unit.blobs().insert(blob).await?;
    }
    unit.builds().insert(&build).await?;
    for (blob, why) in blobs.iter().zip(["a package", "a small icon", "a large icon"]) {
        assert!(!unit.blobs().remove_unused(blob.id).await?, "{why}");
    }
    assert!(!unit.blobs().remove_unused(make.blob().id).await?, "an unknown one");
    unit.builds().drop_package(build.id).await?;
    assert!(unit.blobs().remove_unused(package.id).await?, "a package that was let go");
    assert!(!unit.blobs().remove_unused(package.id).await?, "a second time");
    assert_eq!(unit.blobs().find(package.id).await?, None);
    Ok(())
}

async fn a_blob_that_was_removed_may_come_back(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let blob = make.blob();
    let again = Blob { sha256: blob.sha256, ..make.blob() };
    let mut unit = catalog.begin().await?;
    unit.blobs().insert(&blob).await?;
    assert!(unit.blobs().remove_unused(blob.id).await?);
    unit.blobs().insert(&again).await?;
    assert_eq!(unit.blobs().find_by_sha256(&blob.sha256).await?, Some(again));
    Ok(())
}
