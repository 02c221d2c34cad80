use std::sync::Arc;

use ipa::BuildNumber;

use super::samples::Samples;
use super::{Case, assert_refused, cases};
use crate::{
    AppId, Blob, Build, BuildId, Catalog, DeviceReach, Icons, Key, NewRelease, PageSize, Provenance, Signing,
    StoreError,
};

pub(super) const CASES: &[Case] = cases![
    a_build_comes_back_as_it_was_given,
    a_build_without_optional_parts_comes_back_as_it_was_given,
    a_null_character_is_kept_as_its_replacement,
    an_unknown_build_is_none,
    the_same_package_is_one_build,
    the_same_version_with_other_bytes_is_another_build,
    a_build_of_an_unknown_app_is_refused,
    a_build_with_an_unknown_blob_is_refused,
    builds_are_listed_newest_first_and_by_app,
    builds_of_a_version_are_paged,
    a_package_is_let_go_and_taken_again,
];

async fn a_build_comes_back_as_it_was_given(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let build = make.shelf(&*catalog).await?.build;
    let mut snapshot = catalog.read().await?;
    assert_eq!(snapshot.builds().find(build.id).await?.as_ref(), Some(&build));
    let found = snapshot.builds().find_by_package(&build.package.sha256).await?;
    assert_eq!(found.as_ref(), Some(&build));
    Ok(())
}

async fn a_build_without_optional_parts_comes_back_as_it_was_given(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let app = make.shelf(&*catalog).await?.app;
    let packages = [make.blob(), make.blob()];
    let full = make.build(app.id, &packages[0], &packages[0]);
    let any_device = full.signing.clone().map(|signing| Signing { devices: DeviceReach::Any, ..signing });
    let bare = Build {
        display_name: String::new(),
        minimum_os: None,
        families: Vec::new(),
        supported_devices: None,
        capabilities: None,
        executable_uuids: Vec::new(),
        signing: None,
        findings: Vec::new(),
        allowed: Vec::new(),
        provenance: Provenance::default(),
        icons: Icons::default(),
        ..make.build(app.id, &packages[1], &packages[1])
    };
    let mut unit = catalog.begin().await?;
    for (blob, build) in packages.iter().zip([Build { signing: any_device, ..full }, bare]) {
        unit.blobs().insert(blob).await?;
        unit.builds().insert(&build).await?;
        assert_eq!(unit.builds().find(build.id).await?, Some(build));
    }
    Ok(())
}

async fn a_null_character_is_kept_as_its_replacement(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let package = make.blob();
    let mut build = make.build(shelf.app.id, &package, &package);
    "No\0tes".clone_into(&mut build.display_name);
    build.provenance.tags = vec!["a\0b".to_owned()];
    let release = NewRelease { notes: "\0".to_owned(), ..make.release(shelf.channel.id, build.id) };
    let mut unit = catalog.begin().await?;
    unit.blobs().insert(&package).await?;
    unit.builds().insert(&build).await?;
    let found = unit.builds().find(build.id).await?.expect("a build that was added");
    assert_eq!(found.display_name, "No\u{fffd}tes");
    assert_eq!(found.provenance.tags, build.provenance.tags, "lists keep it");
    unit.releases().insert(&release).await?;
    let found = unit.releases().find(release.id).await?.expect("a release that was added");
    assert_eq!(found.notes, "\u{fffd}");
    Ok(())
}

async fn an_unknown_build_is_none(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let mut unit = catalog.begin().await?;
    let id = BuildId::new(make.now(), [0; 10]);
    assert_eq!(unit.builds().find(id).await?, None);
    assert_eq!(unit.builds().find_by_package(&make.blob().sha256).await?, None);
    assert_refused!(unit.builds().drop_package(id).await, StoreError::Unknown("build"));
    let blob = make.blob();
    unit.blobs().insert(&blob).await?;
    assert_refused!(unit.builds().restore_package(id, blob.id).await, StoreError::Unknown("build"));
    Ok(())
}

async fn the_same_package_is_one_build(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let blob = make.blob();
    let again = Build { package: shelf.build.package, ..make.build(shelf.app.id, &blob, &blob) };
    let mut unit = catalog.begin().await?;
    unit.blobs().insert(&blob).await?;
    assert_refused!(unit.builds().insert(&again).await, StoreError::Conflict(Key::Package));
    let found = unit.builds().find_by_package(&shelf.build.package.sha256).await?;
    assert_eq!(found, Some(shelf.build), "found in the same unit");
    Ok(())
}

async fn the_same_version_with_other_bytes_is_another_build(
    catalog: Arc<dyn Catalog>,
) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let again = make.kept_build(&*catalog, shelf.app.id).await?;
    let first = shelf.build;
    assert_eq!((&again.version, &again.build_number), (&first.version, &first.build_number));
    let mut snapshot = catalog.read().await?;
    let found = snapshot
        .builds()
        .list_version(shelf.app.id, &first.version, &first.build_number, None, PageSize::MAX)
        .await?;
    assert_eq!(found.items, [again, first]);
    Ok(())
}

async fn a_build_of_an_unknown_app_is_refused(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let blob = make.blob();
    let build = make.build(AppId::new(make.now(), [0; 10]), &blob, &blob);
    let mut unit = catalog.begin().await?;
    unit.blobs().insert(&blob).await?;
    assert_refused!(unit.builds().insert(&build).await, StoreError::Dangling("build"));
    Ok(())
}

async fn a_build_with_an_unknown_blob_is_refused(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let app = make.shelf(&*catalog).await?.app;
    let (known, unknown) = (make.blob(), make.blob());
    for (package, icon) in [(&unknown, &known), (&known, &unknown)] {
        let build = make.build(app.id, package, icon);
        let mut unit = catalog.begin().await?;
        unit.blobs().insert(&known).await?;
        assert_refused!(unit.builds().insert(&build).await, StoreError::Dangling("build"));
    }
    Ok(())
}

async fn builds_are_listed_newest_first_and_by_app(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let other = make.shelf(&*catalog).await?;
    let second = make.kept_build(&*catalog, shelf.app.id).await?;
    let third = make.kept_build(&*catalog, shelf.app.id).await?;
    let mut snapshot = catalog.read().await?;
    let page = snapshot.builds().list(shelf.app.id, None, PageSize::new(2)).await?;
    assert_eq!(page.items, [third, second.clone()]);
    assert_eq!(page.next, Some(second.id));
    let page = snapshot.builds().list(shelf.app.id, page.next, PageSize::new(2)).await?;
    assert_eq!((page.items, page.next), (vec![shelf.build], None));
    let page = snapshot.builds().list(other.app.id, None, PageSize::MAX).await?;
    assert_eq!(page.items, [other.build], "another app's");
    let nobody = AppId::new(make.now(), [0; 10]);
    assert_eq!(snapshot.builds().list(nobody, None, PageSize::MAX).await?.items, [], "an unknown app's");
    Ok(())
}

async fn builds_of_a_version_are_paged(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let shelf = make.shelf(&*catalog).await?;
    let app = shelf.app.id;
    let (version, number) = (shelf.build.version.clone(), shelf.build.build_number.clone());
    let second = make.kept_build(&*catalog, app).await?;
    let mut snapshot = catalog.read().await?;
    let one = PageSize::new(1);
    let page = snapshot.builds().list_version(app, &version, &number, None, one).await?;
    assert_eq!((page.items, page.next), (vec![second.clone()], Some(second.id)));
    let page = snapshot.builds().list_version(app, &version, &number, page.next, one).await?;
    assert_eq!((page.items, page.next), (vec![shelf.build], None));
    let other = BuildNumber::parse("46").expect("a build number");
    let page = snapshot.builds().list_version(app, &version, &other, None, one).await?;
    assert_eq!(page.items, [], "another build number's");
    Ok(())
}

async fn a_package_is_let_go_and_taken_again(catalog: Arc<dyn Catalog>) -> Result<(), StoreError> {
    let make = Samples::default();
    let build = make.shelf(&*catalog).await?.build;
    let old = build.package.blob.expect("a sample has a package");
    let other = make.blob();
    let same = Blob { sha256: build.package.sha256, ..make.blob() };
    let mut unit = catalog.begin().await?;
    for _ in 0..2 {
        unit.builds().drop_package(build.id).await?;
        let mut without = build.clone();
        without.package.blob = None;
        assert_eq!(unit.builds().find(build.id).await?, Some(without), "all else stays, however often");
    }
    assert!(unit.blobs().remove_unused(old).await?);
    unit.blobs().insert(&same).await?;
    unit.builds().restore_package(build.id, same.id).await?;
    let found = unit.builds().find_by_package(&build.package.sha256).await?;
    assert_eq!(found.and_then(|build| build.package.blob), Some(same.id));
    unit.blobs().insert(&other).await?;
    let wrong = unit.builds().restore_package(build.id, other.id).await;
    assert_refused!(wrong, StoreError::Dangling("build"));
    Ok(())
}
