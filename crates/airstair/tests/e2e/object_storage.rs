//! A server whose packages are in a bucket.

use e2e::{Download, Garage, ObjectStorage, Protocol, ServerFolder};

use crate::bench::{BINARY, Bench, files, package};

/// More than one part of an upload.
const LARGE: u64 = 9 << 20;

async fn storage() -> ObjectStorage {
    ObjectStorage::start().await.expect("storage")
}

fn folder(storage: &ObjectStorage) -> ServerFolder {
    ServerFolder::new(BINARY.as_ref()).with_bucket(storage)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_build_installs_out_of_a_bucket_whole_and_resumed() {
    let storage = storage().await;
    let bench = Bench::on(folder(&storage));
    let bytes = package(1, LARGE).build();
    let published = bench.publish(&bytes);
    assert_eq!(published.outcome, "new-build");
    let is_of_blob = |target: &str| target.contains("/blobs/") && !target.contains("list-type");
    let seen = storage.seen();
    let mut read = seen.iter().filter(|request| request.method == "GET" && is_of_blob(&request.target));
    assert!(read.next().is_none(), "the package was looked into without asking the bucket for it");
    assert!(!bench.folder.data().join("depot").exists(), "nothing of a package is on this machine");
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let device = bench.device(protocol);
        let page = device.open_page(&published.page_url).await.expect("a page");
        for download in [Download::Whole, Download::CutAfter(vec![LARGE / 3, LARGE / 2])] {
            let installed = device.tap(&page, &download).await.expect("an install");
            assert!(installed.package == bytes, "{protocol:?}, {download:?}: other bytes");
        }
    }
    assert_eq!(bench.publish(&bytes).outcome, "nothing-new");
    let folder = bench.end();

    let collected = folder.admin(&["collect-garbage", "--older-than-hours", "0", "--json"]);
    let collected = collected.fine().expect("a bucket that answers").json();
    assert_eq!(collected["blobs"], 0, "what the second upload brought for nothing went at once");
    assert_eq!(files(&storage.object("blobs")).len(), 3, "the package and its icons");
    assert_eq!(files(&storage.object("incoming")).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_can_t_be_used_keeps_the_server_from_starting() {
    let storage = storage().await;
    let wrong = folder(&storage).with_environment("AIRSTAIR_STORAGE_SECRET_ACCESS_KEY", "other");
    let ended = wrong.start().expect_err("a server without its bucket");
    assert_eq!(ended.code, Some(3), "{ended}");
    assert!(ended.stderr.contains("the bucket airstair does not take what is to be kept"), "{ended}");
    assert!(ended.stderr.contains("help:"), "{ended}");
}

/// Garage knows one region, ignores conditional requests and is strict about signatures.
#[tokio::test(flavor = "multi_thread")]
async fn a_build_installs_out_of_garage() {
    let Some(garage) = Garage::start().expect("a Garage that starts") else { return };
    let folder = ServerFolder::new(BINARY.as_ref())
        .with_environment("AIRSTAIR_STORAGE", &format!("s3://{}", Garage::BUCKET))
        .with_environment("AIRSTAIR_STORAGE_ENDPOINT", garage.endpoint())
        .with_environment("AIRSTAIR_STORAGE_REGION", Garage::REGION)
        .with_environment("AIRSTAIR_STORAGE_ACCESS_KEY_ID", Garage::KEY_ID)
        .with_environment("AIRSTAIR_STORAGE_SECRET_ACCESS_KEY", Garage::SECRET);
    let bench = Bench::on(folder);
    let bytes = package(1, LARGE).build();
    let published = bench.publish(&bytes);
    let device = bench.device(Protocol::Http2);
    let page = device.open_page(&published.page_url).await.expect("a page");
    for download in [Download::Whole, Download::CutAfter(vec![LARGE / 3, LARGE / 2])] {
        let installed = device.tap(&page, &download).await.expect("an install");
        assert!(installed.package == bytes, "{download:?}: other bytes");
    }
    bench.end();
}
