//! What survives when work is cut off.
#![expect(clippy::unwrap_used, reason = "a failure in what prepares a test fails the test")]

use std::future::poll_fn;
use std::path::Path;
use std::pin::pin;
use std::task::Poll;

use catalog::{App, AppId, Catalog, Name, PageSize, StoreError, Timestamp};
use catalog_sqlite::SqliteCatalog;
use ipa::{BundleId, Platform};

#[tokio::test]
async fn a_unit_that_is_cut_off_anywhere_leaves_nothing_and_blocks_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = SqliteCatalog::open(&folder.path().join("catalog.db")).await.unwrap();
    let mut kept = Vec::new();
    for round in 0..8 {
        for step in [Step::Begin, Step::FirstInsert, Step::SecondInsert, Step::Commit] {
            let number = (round * 4 + step as u32) * 2;
            let apps = [app(number), app(number + 1)];
            keep_and_cut_off(&catalog, &apps, step).await;
            // Its turn comes when what is left of the unit is over.
            drop(catalog.begin().await.unwrap());
            let found = catalog.read().await.unwrap().apps().list(None, PageSize::MAX).await.unwrap().items;
            if found.len() > kept.len() {
                assert_eq!(step, Step::Commit, "only a commit that had begun may end well");
                kept.extend(apps);
            }
            assert_eq!(found, kept, "all of a unit or nothing, cut off in {step:?}");
        }
    }
}

#[tokio::test]
async fn what_was_committed_is_there_after_a_crash_and_what_was_not_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let catalog = SqliteCatalog::open(&path).await.unwrap();
    keep(&catalog, &[app(1)]).await.unwrap();
    let mut unfinished = catalog.begin().await.unwrap();
    unfinished.apps().insert(&app(2)).await.unwrap();

    // What a machine that lost power would find: the files as they are, nobody having closed them.
    let crashed = tempfile::tempdir().unwrap();
    for file in folder.path().read_dir().unwrap().map(Result::unwrap) {
        if !file.file_name().to_string_lossy().ends_with("-shm") {
            std::fs::copy(file.path(), crashed.path().join(file.file_name())).unwrap();
        }
    }
    assert_eq!(found(&crashed.path().join("catalog.db")).await, [app(1)]);
}

#[tokio::test]
async fn a_log_that_was_cut_off_loses_only_the_unit_that_was_being_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("catalog.db");
    let catalog = SqliteCatalog::open(&path).await.unwrap();
    keep(&catalog, &[app(1)]).await.unwrap();
    let log = folder.path().join("catalog.db-wal");
    let before = std::fs::metadata(&log).unwrap().len();
    keep(&catalog, &[app(2)]).await.unwrap();
    let after = std::fs::read(&log).unwrap();
    assert!(before < u64::try_from(after.len()).unwrap());

    let crashed = tempfile::tempdir().unwrap();
    let copy = crashed.path().join("catalog.db");
    std::fs::copy(&path, &copy).unwrap();
    std::fs::write(crashed.path().join("catalog.db-wal"), &after[..after.len() - 100]).unwrap();
    assert_eq!(found(&copy).await, [app(1)]);
}

async fn found(path: &Path) -> Vec<App> {
    let catalog = SqliteCatalog::open(path).await.unwrap();
    let page = catalog.read().await.unwrap().apps().list(None, PageSize::MAX).await.unwrap();
    catalog.close().await;
    page.items
}

async fn keep(catalog: &dyn Catalog, apps: &[App]) -> Result<(), StoreError> {
    let mut unit = catalog.begin().await?;
    for app in apps {
        unit.apps().insert(app).await?;
    }
    unit.commit().await
}

fn app(number: u32) -> App {
    let created_at = Timestamp::from_millis(i64::from(number)).unwrap();
    App {
        id: AppId::new(created_at, [1; 10]),
        bundle_id: BundleId::parse(&format!("com.example.app{number}")).unwrap(),
        platform: Platform::Ios,
        name: Name::parse("Notes").unwrap(),
        created_at,
    }
}

/// What a unit is doing when it is cut off.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Step {
    Begin,
    FirstInsert,
    SecondInsert,
    Commit,
}

/// Keeps two apps, as far as the beginning of this step.
async fn keep_and_cut_off(catalog: &dyn Catalog, apps: &[App; 2], step: Step) {
    if step == Step::Begin {
        return begin_and_drop(catalog.begin()).await;
    }
    let mut unit = catalog.begin().await.unwrap();
    if step == Step::FirstInsert {
        return begin_and_drop(unit.apps().insert(&apps[0])).await;
    }
    unit.apps().insert(&apps[0]).await.unwrap();
    if step == Step::SecondInsert {
        return begin_and_drop(unit.apps().insert(&apps[1])).await;
    }
    unit.apps().insert(&apps[1]).await.unwrap();
    begin_and_drop(unit.commit()).await;
}

async fn begin_and_drop<F: Future>(work: F) {
    let mut work = pin!(work);
    poll_fn(|context| {
        // Most often it now waits for the database; it may have finished already.
        let _begun = work.as_mut().poll(context);
        Poll::Ready(())
    })
    .await;
}
