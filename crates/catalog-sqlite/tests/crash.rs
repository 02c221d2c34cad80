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
    // Each round lets the unit wait for the database once more than the round before.
    for waits in 0.. {
        let apps = [app(waits * 2), app(waits * 2 + 1)];
        let finished = cut_off_after(waits, keep(&catalog, &apps)).await;
        // Its turn comes when what is left of the unit is over; a commit that was under way may still have ended well.
        drop(catalog.begin().await.unwrap());
        let found = catalog.read().await.unwrap().apps().list(None, PageSize::MAX).await.unwrap().items;
        if found.len() > kept.len() {
            kept.extend(apps);
        }
        assert_eq!(found, kept, "all of the unit or nothing, cut off after {waits} waits");
        if finished {
            assert!(waits > 2, "it was cut off in several places");
            break;
        }
    }
    assert!(!kept.is_empty(), "the last unit was not cut off");
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

/// Drops a future when it waits for the so-manieth time; says whether it finished before.
async fn cut_off_after<F: Future<Output = Result<(), StoreError>>>(waits: u32, work: F) -> bool {
    let mut work = pin!(work);
    let mut waited = 0;
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(result) => {
            result.unwrap();
            Poll::Ready(true)
        }
        Poll::Pending if waited == waits => Poll::Ready(false),
        Poll::Pending => {
            waited += 1;
            Poll::Pending
        }
    })
    .await
}
