//! What machines may send, and what they are told.

use std::sync::Arc;
use std::time::Duration;

use crate::app::TestApp;
use axum::body::Body;
use catalog::{TokenReach, TokenScope};
use futures_util::StreamExt;
use http::{Request, StatusCode};
use testkit::app::AppPackage;
use testkit::profile::SigningKind;

fn notes() -> AppPackage {
    AppPackage::new("com.example.notes").version("1.2.3").build_number("456")
}

async fn publisher(app: &TestApp) -> String {
    app.token(TokenScope::Publish, TokenReach::Everything).await
}

/// What is found of every package of tests: it is signed below a root of the tests' own.
const UNTRUSTED: [&str; 2] = ["unknown-authority", "profile-untrusted"];

/// The names of the findings.
fn names(answer: &serde_json::Value) -> Vec<&str> {
    let findings = answer["findings"].as_array().expect("a list of findings").iter();
    findings.map(|finding| finding["name"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn a_first_upload_makes_the_app_the_build_and_an_unlisted_channel() {
    let app = TestApp::start().await;
    let package = notes().build();
    let size = package.len();
    let answer =
        app.upload(&publisher(&app).await, "channel=beta&notes=Hello&commit=abc&tag=a&tag=b", package).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let json = answer.json();
    assert_eq!(json["app"]["bundle_id"], "com.example.notes");
    assert_eq!(json["build"]["version"], "1.2.3");
    assert_eq!(json["build"]["build_number"], "456");
    assert_eq!(json["build"]["size_bytes"], size);
    assert_eq!(json["build"]["provenance"]["commit"], "abc");
    assert_eq!(json["build"]["provenance"]["tags"], serde_json::json!(["a", "b"]));
    assert_eq!(json["channel"]["name"], "beta");
    let slug = json["channel"]["slug"].as_str().expect("a slug");
    assert!(slug.len() * 5 >= 80, "at least 80 random bits: {slug}");
    assert_eq!(json["page_url"], format!("https://apps.example.com/i/{slug}"));
    assert_eq!(names(&json), UNTRUSTED);
    assert!(json["findings"].as_array().unwrap().iter().all(|finding| finding["severity"] == "warning"));
}

#[tokio::test]
async fn the_same_bytes_are_the_same_build_and_other_bytes_another() {
    let app = TestApp::start().await;
    let token = publisher(&app).await;
    let first = app.upload(&token, "channel=beta", notes().build()).await.json();
    let again = app.upload(&token, "channel=beta", notes().build()).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(again.json()["outcome"], "nothing-new");
    assert_eq!(again.json()["build"]["id"], first["build"]["id"]);
    let elsewhere = app.upload(&token, "channel=nightly", notes().build()).await.json();
    assert_eq!(elsewhere["outcome"], "released-again");
    assert_eq!(elsewhere["build"]["id"], first["build"]["id"]);
    let other = app.upload(&token, "channel=beta", notes().file("new.txt", b"x".to_vec()).build()).await;
    assert_eq!(other.status, StatusCode::CREATED);
    assert_ne!(other.json()["build"]["id"], first["build"]["id"]);
}

#[tokio::test]
async fn nothing_is_taken_from_those_who_may_not_send() {
    let app = TestApp::start().await;
    let reader = app.token(TokenScope::Read, TokenReach::Everything).await;
    let first = app.upload(&publisher(&app).await, "channel=beta", notes().build()).await.json();
    let channel = first["channel"]["id"].as_str().expect("an id").parse().expect("an id");
    let narrow = app.token(TokenScope::Publish, TokenReach::Channel(channel)).await;
    let next = notes().build_number("457").build();
    for (token, query, status, why) in [
        ("", "channel=beta", StatusCode::UNAUTHORIZED, "no token"),
        ("airstair_x", "channel=beta", StatusCode::UNAUTHORIZED, "an unknown token"),
        (&*reader, "channel=beta", StatusCode::FORBIDDEN, "a token that only reads"),
        (&*narrow, "channel=nightly", StatusCode::FORBIDDEN, "a token of another channel"),
        (&*narrow, "channel=beta", StatusCode::CREATED, "a token of this channel"),
    ] {
        let answer = app.upload(token, query, next.clone()).await;
        assert_eq!(answer.status, status, "{why}: {}", answer.text());
        let asks = answer.header("www-authenticate").is_some();
        assert_eq!(asks, status == StatusCode::UNAUTHORIZED, "{why}");
    }
    let other_app = AppPackage::new("com.example.other").build();
    assert_eq!(app.upload(&narrow, "", other_app).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_a_device_would_refuse_is_refused_unless_it_is_allowed_by_name() {
    let app = TestApp::start().await;
    let token = publisher(&app).await;
    let expired = notes().expires_at(AppPackage::NOW - time::Duration::days(1)).build();
    let answer = app.upload(&token, "channel=beta", expired.clone()).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.json()["error"], "refused");
    assert_eq!(names(&answer.json()), [&UNTRUSTED[..], &["profile-expired"]].concat());
    let other = app.upload(&token, "channel=beta&allow=PRF001", expired.clone()).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "another code allows nothing");
    for allow in ["PRF004", "profile-expired", "all"] {
        let answer = app.upload(&token, &format!("channel=beta&allow={allow}"), expired.clone()).await;
        assert!(answer.status.is_success(), "{allow}: {}", answer.text());
        let json = answer.json();
        let expired =
            json["findings"].as_array().unwrap().iter().find(|one| one["code"] == "PRF004").unwrap();
        assert_eq!(expired["allowed"], true, "{allow}");
    }
}

#[tokio::test]
async fn an_in_house_build_needs_a_yes_on_a_channel_that_anyone_can_open() {
    let app = TestApp::start().await;
    let token = publisher(&app).await;
    let package = notes().signing(SigningKind::InHouse).build();
    let answer = app.upload(&token, "channel=beta", package.clone()).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(answer.json()["error"], "in-house-on-open-channel");
    let agreed = app.upload(&token, "channel=beta&open_in_house=agreed", package).await;
    assert_eq!(agreed.status, StatusCode::CREATED, "{}", agreed.text());
    let next = notes().signing(SigningKind::InHouse).build_number("457").build();
    assert_eq!(
        app.upload(&token, "channel=beta", next).await.status,
        StatusCode::CREATED,
        "once for the channel"
    );
}

#[tokio::test]
async fn broken_packages_are_refused_with_what_was_seen_and_leave_nothing() {
    let app = TestApp::start().await;
    let token = publisher(&app).await;
    let whole = notes().build();
    for (bytes, needle, why) in [
        (b"not a package".to_vec(), "archive", "no archive"),
        (Vec::new(), "the file is empty", "nothing"),
        (whole[..whole.len() / 2].to_vec(), "archive", "half of one"),
        (notes().payload_folder("Other").build(), "Payload", "no Payload"),
        (notes().without_info("CFBundleIdentifier").build(), "CFBundleIdentifier", "no identifier"),
    ] {
        let answer = app.upload(&token, "channel=beta", bytes).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{why}: {}", answer.text());
        let message = answer.json()["message"].as_str().expect("a message").to_owned();
        assert!(message.contains(needle), "{why}: {message}");
    }
    let collected = app.distribution.collector().collect(Duration::ZERO).await.expect("a working server");
    assert_eq!(collected.blobs, 0, "refused uploads leave nothing to collect");
}

#[tokio::test]
async fn limits_are_told_before_the_first_byte() {
    let app = TestApp::start_with(|policy| policy.package_limit_bytes = 1_000).await;
    let token = publisher(&app).await;
    let request = Request::builder()
        .method("POST")
        .uri("/api/v1/builds")
        .header("authorization", format!("Bearer {token}"))
        .header("content-length", 1_001)
        .body(Body::from_stream(futures_util::stream::pending::<Result<bytes::Bytes, std::io::Error>>()));
    let answer = app.send(request.expect("a request")).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text().contains("1001 bytes or more, the limit is 1000 bytes"), "{}", answer.text());
    let unannounced = Request::builder()
        .method("POST")
        .uri("/api/v1/builds")
        .header("authorization", format!("Bearer {token}"))
        .body(Body::from(vec![0; 1_001]));
    assert_eq!(app.send(unannounced.expect("a request")).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test]
async fn an_upload_that_takes_half_a_day_is_refused_and_leaves_nothing() {
    let app = TestApp::start().await;
    let token = publisher(&app).await;
    let package = bytes::Bytes::from(notes().build());
    let second_half = package.len() / 2;
    for (pause, status) in [(12, StatusCode::CREATED), (13, StatusCode::REQUEST_TIMEOUT)] {
        let (first, second, clock) =
            (package.slice(..second_half), package.slice(second_half..), Arc::clone(&app.clock));
        let pieces = futures_util::stream::iter([first, second]).enumerate().map(move |(number, piece)| {
            if number == 1 {
                clock.advance(Duration::from_hours(pause));
            }
            Ok::<_, std::io::Error>(piece)
        });
        let request = Request::builder()
            .method("PUT")
            .uri("/api/v1/builds?channel=beta")
            .header("authorization", format!("Bearer {token}"))
            .body(Body::from_stream(pieces));
        let answer = app.send(request.expect("a request")).await;
        assert_eq!(answer.status, status, "{pause} hours: {}", answer.text());
        if status == StatusCode::REQUEST_TIMEOUT {
            assert_eq!(answer.json()["error"], "too-slow");
            assert!(
                answer.text().contains(&format!("{second_half} bytes arrived in 12 hours")),
                "{}",
                answer.text()
            );
        }
    }
    let collected = app.distribution.collector().collect(Duration::ZERO).await.expect("a working server");
    assert_eq!(collected.blobs, 0, "a refused upload leaves nothing to collect");
}

#[tokio::test]
async fn an_unknown_parameter_is_named() {
    let app = TestApp::start().await;
    let answer = app.upload(&publisher(&app).await, "chanel=beta", notes().build()).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("chanel"), "{}", answer.text());
}
