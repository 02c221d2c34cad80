//! A server whose bucket fails, hangs, refuses, forgets and breaks off, and is well again.

use e2e::{
    DeviceError, Download, FaultyStorage, ObjectStorage, Protocol, REPEATED_BY_STORAGE, ServerFolder,
    StorageFault, StorageRequest, trusting,
};
use reqwest::{Client, ClientBuilder, Response, StatusCode};
use serde_json::Value;

use crate::bench::{Acknowledged, BINARY, Bench, files, package};

/// More than one part of an upload.
const LARGE: u64 = 9 << 20;

struct Storage {
    storage: ObjectStorage,
    faulty: FaultyStorage,
}

impl Storage {
    async fn start() -> Self {
        let storage = ObjectStorage::start().await.expect("storage");
        let faulty = FaultyStorage::before(&storage).await.expect("a free port");
        Self { storage, faulty }
    }

    /// A server that does not wait for it for long.
    fn bench(&self) -> Bench {
        let folder = ServerFolder::new(BINARY.as_ref()).with_bucket(&self.storage);
        Bench::on(
            folder
                .with_environment("AIRSTAIR_STORAGE_ENDPOINT", self.faulty.endpoint())
                .with_environment("AIRSTAIR_STORAGE_PATIENCE_SECONDS", "1"),
        )
    }
}

fn client(bench: &Bench) -> Client {
    trusting(&bench.folder.root_pem()).and_then(ClientBuilder::build).expect("a client")
}

async fn upload(bench: &Bench, package: Vec<u8>) -> Response {
    let url = format!("{}/api/v1/builds?channel=beta", bench.folder.public_url());
    let sent = client(bench).put(url).bearer_auth(&bench.token).body(package).send();
    sent.await.expect("an answer")
}

/// The stable code of a refusal that says when to come again.
async fn refused(answer: Response, what: &str) -> String {
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE, "{what}");
    assert!(answer.headers().contains_key("retry-after"), "{what}: it says when to come again");
    let refusal: Value = answer.json().await.expect("an answer in JSON");
    refusal["error"].as_str().expect("a code").to_owned()
}

/// That the page has this build alone, and that it installs.
async fn only_this_installs(bench: &Bench, published: &Acknowledged) {
    let device = bench.device(Protocol::Http2);
    let page = device.open_page(&published.page_url).await.expect("a page");
    let installed = device.tap(&page, &Download::Whole).await.expect("an install");
    assert_eq!(installed.sha256, published.sha256);
}

/// What a server's log says of its bucket, line by line; it must tell no secret.
fn said_of_storage(bench: Bench) -> Vec<String> {
    let ended = bench.server.stop();
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(!ended.stderr.contains("panicked"), "{ended}");
    for secret in [REPEATED_BY_STORAGE, "Signature=", "Credential="] {
        assert!(!ended.stderr.contains(secret), "{ended}");
    }
    let lines = ended.stderr.lines().filter(|line| line.contains("the storage"));
    lines.filter(|line| line.contains("bucket")).map(str::to_owned).collect()
}

fn count(lines: &[String], words: &[&str]) -> usize {
    lines.iter().filter(|line| words.iter().all(|word| line.contains(word))).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_that_the_bucket_fails_are_told_so_and_none_is_seen_or_lost() {
    use StorageRequest::{Any, BeginUpload, CompleteUpload, Get, Head, Part};
    let storage = Storage::start().await;
    let bench = storage.bench();
    let first = bench.publish(&package(1, 100_000).build());
    let blobs = files(&storage.storage.object("blobs"));
    let large = package(2, LARGE).build();
    for (request, fault, expected) in [
        (Any, StorageFault::SLOW_DOWN, "storage-unavailable"),
        (Head, StorageFault::Reset, "storage-unavailable"),
        (BeginUpload, StorageFault::SLOW_DOWN, "storage-unavailable"),
        (BeginUpload, StorageFault::WRONG_SIGNATURE, "storage-refused"),
        (Part, StorageFault::NO_SUCH_UPLOAD, "upload-lost"),
        (Part, StorageFault::ACCESS_DENIED, "storage-refused"),
        (CompleteUpload, StorageFault::NO_SUCH_UPLOAD, "upload-lost"),
        (CompleteUpload, StorageFault::INTERNAL_ERROR, "storage-unavailable"),
        (BeginUpload, StorageFault::UNKNOWN_KEY, "storage-refused"),
    ] {
        let what = format!("{request:?}, {fault:?}");
        storage.faulty.break_down(request, fault);
        let code = refused(upload(&bench, large.clone()).await, &what).await;
        assert_eq!(code, expected, "{what}");
        storage.faulty.heal();
        only_this_installs(&bench, &first).await;
    }
    // A package is looked into by its copy.
    storage.faulty.break_down(Get, StorageFault::INTERNAL_ERROR);
    let second = upload(&bench, large).await;
    assert_eq!(second.status(), StatusCode::CREATED, "with no restart");
    storage.faulty.heal();
    let second: Value = second.json().await.expect("an answer in JSON");
    let page = bench.device(Protocol::Http1).open_page(&first.page_url).await.expect("a page");
    bench.device(Protocol::Http1).tap(&page, &Download::Whole).await.expect("the second build");
    assert_eq!(second["outcome"], "new-build");

    let collected = bench.folder.admin(&["collect-garbage", "--older-than-hours", "0", "--json"]);
    collected.fine().expect("a bucket that answers");
    let there = files(&storage.storage.object("blobs")).len();
    assert_eq!(there, blobs.len() + 1, "another package, which has the same icons");
    assert_eq!(files(&storage.storage.object("incoming")).len(), 0);
    let lines = said_of_storage(bench);
    for words in [
        &["\"airstair\"", "503 Service Unavailable: SlowDown"][..],
        &["403 Forbidden: AccessDenied", "refuses this server"],
        &["500 Internal Server Error: InternalError"],
        &["can be read again"],
        &["can be written again"],
    ] {
        assert!(count(&lines, words) > 0, "{words:?}: {lines:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_that_hangs_under_an_upload_is_given_up_in_time() {
    let storage = Storage::start().await;
    let bench = storage.bench();
    let large = package(1, LARGE).build();
    storage.faulty.break_down(StorageRequest::Part, StorageFault::Silence);
    let code = refused(upload(&bench, large.clone()).await, "a part that hangs").await;
    assert_eq!(code, "storage-unavailable");
    storage.faulty.heal();
    assert_eq!(upload(&bench, large).await.status(), StatusCode::CREATED);
    assert_eq!(count(&said_of_storage(bench), &["writing a blob", "timed out"]), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_notices_nothing_of_answers_that_break_off_or_stall() {
    let storage = Storage::start().await;
    let bench = storage.bench();
    let bytes = package(1, LARGE).build();
    let published = bench.publish(&bytes);
    for (times, fault) in [
        (2, StorageFault::CutAfter(LARGE / 5)),
        (1, StorageFault::StallAfter(LARGE / 5)),
        (1, StorageFault::SLOW_DOWN),
        (1, StorageFault::Reset),
    ] {
        for protocol in [Protocol::Http1, Protocol::Http2] {
            let device = bench.device(protocol);
            let page = device.open_page(&published.page_url).await.expect("a page");
            let met = storage.faulty.met();
            storage.faulty.break_down_for(times, StorageRequest::Get, fault);
            let installed = device.tap(&page, &Download::Whole).await.expect("an install");
            assert!(installed.package == bytes, "{fault:?}, {protocol:?}: other bytes");
            assert_eq!(storage.faulty.met() - met, times, "{fault:?}, {protocol:?}");
        }
    }
    bench.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_whose_package_breaks_off_for_good_sees_that_and_goes_on_later() {
    let storage = Storage::start().await;
    let bench = storage.bench();
    let bytes = package(1, LARGE).build();
    let published = bench.publish(&bytes);
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let device = bench.device(protocol);
        for fault in [StorageFault::INTERNAL_ERROR, StorageFault::Silence, StorageFault::ACCESS_DENIED] {
            let what = format!("{fault:?}, {protocol:?}");
            let page = device.open_page(&published.page_url).await.expect("a page");
            // The icon comes, the package begins.
            storage.faulty.break_down_for(2, StorageRequest::Get, StorageFault::CutAfter(LARGE / 3));
            storage.faulty.break_down(StorageRequest::Get, fault);
            let broken = device.tap(&page, &Download::Whole).await.expect_err("half a package");
            assert!(
                matches!(broken, DeviceError::Connection { .. } | DeviceError::Fault { .. }),
                "{what}: {broken}"
            );
            storage.faulty.heal();
            let installed =
                device.tap(&page, &Download::CutAfter(vec![LARGE / 3])).await.expect("an install");
            assert!(installed.package == bytes, "{what}: other bytes");
        }
        storage.faulty.break_down(StorageRequest::Head, StorageFault::SLOW_DOWN);
        let page = device.open_page(&published.page_url).await.expect("a page, which needs no bucket");
        let refused = device.tap(&page, &Download::Whole).await.expect_err("no size, no package");
        let DeviceError::Status { status, text, .. } = refused else { unreachable!("{refused}") };
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(text.is_empty() || text.contains("try again"), "{text}");
        storage.faulty.heal();
    }
    only_this_installs(&bench, &published).await;
    let lines = said_of_storage(bench);
    assert!(count(&lines, &["sending a blob", "500 Internal Server Error"]) > 0, "{lines:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_says_that_its_bucket_is_away_once_and_that_it_is_back() {
    let storage = Storage::start().await;
    let bench = storage.bench();
    let published = bench.publish(&package(1, 1_000).build());
    let ready = format!("{}/readyz", bench.folder.public_url());
    let ask = async || {
        let answer = client(&bench).get(&ready).send().await.expect("an answer");
        (answer.status(), answer.text().await.expect("a text"))
    };
    assert_eq!(ask().await.0, StatusCode::OK);
    storage.faulty.break_down(StorageRequest::Any, StorageFault::Silence);
    for _ in 0..2 {
        let (status, text) = ask().await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(text, "not ready: the storage can't be used; the server's log says why\n");
    }
    storage.faulty.heal();
    assert_eq!(ask().await.0, StatusCode::OK);
    only_this_installs(&bench, &published).await;
    let ended = bench.server.stop();
    for (words, times) in [
        ("the storage does not do what it is asked", 1),
        ("the storage can be written again", 1),
        ("the server is not ready", 1),
        ("the server is ready again", 1),
    ] {
        assert_eq!(ended.stderr.matches(words).count(), times, "{words}: {ended}");
    }
}
