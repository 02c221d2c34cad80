//! The package by ranges, as resuming installers, proxies and checkers ask for it.

use crate::app::{INSTALLER, TestApp};
use http::StatusCode;
use testkit::app::AppPackage;
use testkit::zip::Content;

struct Served {
    app: TestApp,
    url: String,
    bytes: Vec<u8>,
}

async fn served() -> Served {
    let app = TestApp::start().await;
    let package =
        AppPackage::new("com.example.notes").file("movie.bin", Content::Noise { bytes: 2_500_000, seed: 7 });
    let manifest_url = app.manifest_url(&app.publish(&package).await).await;
    let url = app.offered(&manifest_url, INSTALLER).await.package_url;
    Served { app, url, bytes: package.build() }
}

#[tokio::test]
async fn the_answer_has_every_header_that_a_device_and_a_proxy_need() {
    let Served { app, url, bytes } = served().await;
    let answer = app.get(&url, INSTALLER).await;
    let etag = format!("\"{}\"", sha256(&bytes));
    for (name, expected) in [
        ("content-type", Some("application/octet-stream")),
        ("content-length", Some(&*bytes.len().to_string())),
        ("accept-ranges", Some("bytes")),
        ("etag", Some(&*etag)),
        ("x-accel-buffering", Some("no")),
        ("content-encoding", None),
        ("transfer-encoding", None),
        ("set-cookie", None),
        ("location", None),
    ] {
        assert_eq!(answer.header(name), expected, "{name}");
    }
}

#[tokio::test]
async fn ranges_give_exactly_the_bytes_they_name() {
    let Served { app, url, bytes } = served().await;
    let len = bytes.len();
    for (range, part) in [
        ("bytes=0-0".to_owned(), 0..1),
        (format!("bytes={}-", len - 1), len - 1..len),
        ("bytes=-5".to_owned(), len - 5..len),
        ("bytes=262143-262145".to_owned(), 262_143..262_146),
        (format!("bytes=0-{}", len * 2), 0..len),
    ] {
        let answer = app.request("GET", &url, &[("range", &range)]).await;
        assert_eq!(answer.status, StatusCode::PARTIAL_CONTENT, "{range}");
        let content_range = format!("bytes {}-{}/{len}", part.start, part.end - 1);
        assert_eq!(answer.header("content-range"), Some(&*content_range), "{range}");
        assert_eq!(answer.header("content-length"), Some(&*part.len().to_string()), "{range}");
        assert_eq!(answer.body, bytes[part], "{range}");
    }
}

#[tokio::test]
async fn what_can_not_be_given_is_refused_with_the_length() {
    let Served { app, url, bytes } = served().await;
    for range in [format!("bytes={}-", bytes.len()), "bytes=0-0,5-6".to_owned(), "bytes=-0".to_owned()] {
        let answer = app.request("GET", &url, &[("range", &range)]).await;
        assert_eq!(answer.status, StatusCode::RANGE_NOT_SATISFIABLE, "{range}");
        assert_eq!(answer.header("content-range"), Some(&*format!("bytes */{}", bytes.len())), "{range}");
        assert!(answer.body.is_empty(), "{range}");
    }
}

#[tokio::test]
async fn a_resumed_download_of_another_version_starts_over() {
    let Served { app, url, bytes } = served().await;
    let etag = app.request("HEAD", &url, &[]).await.header("etag").expect("a tag").to_owned();
    for (tag, status) in [(&*etag, StatusCode::PARTIAL_CONTENT), ("\"other\"", StatusCode::OK)] {
        let answer = app.request("GET", &url, &[("range", "bytes=5-9"), ("if-range", tag)]).await;
        assert_eq!(answer.status, status, "{tag}");
        let expected = if status == StatusCode::OK { &bytes[..] } else { &bytes[5..10] };
        assert_eq!(answer.body, expected, "{tag}");
    }
}

#[tokio::test]
async fn conditions_are_kept() {
    let Served { app, url, .. } = served().await;
    let etag = app.request("HEAD", &url, &[]).await.header("etag").expect("a tag").to_owned();
    for (name, tag, status) in [
        ("if-none-match", &*etag, StatusCode::NOT_MODIFIED),
        ("if-none-match", "\"other\"", StatusCode::OK),
        ("if-match", &*etag, StatusCode::OK),
        ("if-match", "\"other\"", StatusCode::PRECONDITION_FAILED),
    ] {
        assert_eq!(app.request("GET", &url, &[(name, tag)]).await.status, status, "{name}: {tag}");
    }
}

#[tokio::test]
async fn the_file_may_have_any_name_that_ends_in_ipa() {
    let Served { app, url, .. } = served().await;
    for (name, status) in [("Notes%201.2.3.ipa", StatusCode::OK), ("app.zip", StatusCode::NOT_FOUND)] {
        let url = url.replace("app.ipa", name);
        assert_eq!(app.request("HEAD", &url, &[]).await.status, status, "{name}");
    }
}

#[tokio::test]
async fn a_resumed_download_adds_up_to_the_whole_package() {
    let Served { app, url, bytes } = served().await;
    let mut news = app.distribution.watch_attempts();
    let half = bytes.len() / 2;
    for range in [format!("bytes=0-{}", half - 1), format!("bytes={half}-")] {
        app.request("GET", &url, &[("range", &range), ("user-agent", INSTALLER)]).await;
    }
    let mut last = None;
    while let Ok(attempt) = news.try_recv() {
        last = Some(attempt);
    }
    let progress = last.expect("news").progress;
    assert_eq!(progress.blocks.sent_bytes(bytes.len() as u64), bytes.len() as u64);
    assert!(progress.all_sent_at.is_some());
}

fn sha256(bytes: &[u8]) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}
