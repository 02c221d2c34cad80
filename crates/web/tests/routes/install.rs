//! From an upload to a device that has every byte.

use std::time::Duration;

use crate::app::{INSTALLER, OTHER_INSTALLER, SAFARI, TestApp};
use catalog::{TokenReach, TokenScope};
use http::StatusCode;
use testkit::app::AppPackage;

fn notes() -> AppPackage {
    AppPackage::new("com.example.notes").name("Notes").version("1.2.3").build_number("456")
}

#[tokio::test]
async fn a_published_build_is_installed_from_its_page() {
    let app = TestApp::start().await;
    let package = notes().display_name("R&D <β> \"应用\" 🚀");
    let page_url = app.publish(&package).await;
    let manifest_url = app.manifest_url(&page_url).await;
    let offered = app.offered(&manifest_url, INSTALLER).await;
    assert_eq!(offered.bundle_identifier, "com.example.notes");
    assert_eq!(offered.title, "R&D <β> \"应用\" 🚀");
    assert_eq!(offered.bundle_version.as_deref(), Some("456"));
    for url in &offered.icon_urls {
        let icon = app.get(url, INSTALLER).await;
        assert_eq!((icon.status, icon.header("content-type")), (StatusCode::OK, Some("image/png")));
        assert!(icon.body.starts_with(b"\x89PNG"));
    }
    let head = app.request("HEAD", &offered.package_url, &[("user-agent", INSTALLER)]).await;
    let bytes = package.build();
    assert_eq!(head.status, StatusCode::OK);
    assert_eq!(head.header("content-length"), Some(&*bytes.len().to_string()));
    assert!(head.body.is_empty());
    let got = app.get(&offered.package_url, INSTALLER).await;
    assert_eq!(got.body, bytes);
}

#[tokio::test]
async fn an_install_is_remembered_as_one_attempt_of_the_device_it_was() {
    let app = TestApp::start().await;
    let mut news = app.distribution.watch_attempts();
    let manifest_url = app.manifest_url(&app.publish(&notes()).await).await;
    let offered = app.offered(&manifest_url, INSTALLER).await;
    app.request("HEAD", &offered.package_url, &[("user-agent", INSTALLER)]).await;
    let bytes = app.get(&offered.package_url, INSTALLER).await.body;
    let mut last = None;
    let mut seen = std::collections::HashSet::new();
    while let Ok(attempt) = news.try_recv() {
        seen.insert(attempt.id);
        last = Some(attempt);
    }
    let attempt = last.expect("news of the attempt");
    assert_eq!(seen.len(), 1, "one attempt");
    assert_eq!(attempt.device.model, "iPhone15,2");
    assert_eq!(attempt.device.os_version, "18.0");
    assert_eq!(attempt.device.os_build, "22A3354");
    assert!(attempt.progress.manifest_at.is_some() && attempt.progress.size_asked_at.is_some());
    assert!(attempt.progress.all_sent_at.is_some());
    assert_eq!(attempt.progress.blocks.sent_bytes(bytes.len() as u64), bytes.len() as u64);
}

#[tokio::test]
async fn a_device_that_can_not_run_the_build_is_served_and_the_reason_is_kept() {
    let app = TestApp::start().await;
    let models = testkit::plist::Value::Array(vec!["iPad13,1".into()]);
    let capabilities = testkit::plist::Value::Array(vec!["nfc".into()]);
    let package = notes()
        .minimum_os("17.5")
        .families(&[1])
        .info("UISupportedDevices", models)
        .info("UIRequiredDeviceCapabilities", capabilities);
    let token = app.token(TokenScope::Publish, TokenReach::Everything).await;
    let published = app.upload(&token, "channel=beta", package.build()).await.json();
    let manifest_url = app.manifest_url(published["page_url"].as_str().expect("an address")).await;
    let dumb = "com.apple.appstored/1.0";
    for (agent, expected) in [
        (INSTALLER, &["thinned-for-other-models"][..]),
        (OTHER_INSTALLER, &["os-too-old", "capability-missing"]),
        (dumb, &[]),
    ] {
        let mut news = app.distribution.watch_attempts();
        let offered = app.offered(&manifest_url, agent).await;
        assert_eq!(offered.bundle_identifier, "com.example.notes", "a device decides for itself");
        let attempt = news.try_recv().expect("news of the attempt");
        let names: Vec<&str> = attempt.findings.iter().map(|finding| &*finding.name).collect();
        assert_eq!(names, expected, "{agent}");
        let mut catalog = app.catalog.read().await.expect("a catalog");
        let kept = catalog.attempts().find(attempt.id).await.expect("an answer").expect("the attempt");
        assert_eq!(kept.findings, attempt.findings, "{agent}");
    }
}

#[tokio::test]
async fn two_devices_on_one_link_are_two_attempts_and_browsers_are_none() {
    let app = TestApp::start().await;
    let mut news = app.distribution.watch_attempts();
    let manifest_url = app.manifest_url(&app.publish(&notes()).await).await;
    app.get(&manifest_url, SAFARI).await;
    app.request("HEAD", &manifest_url, &[("user-agent", INSTALLER)]).await;
    assert!(news.try_recv().is_err(), "neither a browser nor a HEAD opens an attempt");
    app.get(&manifest_url, INSTALLER).await;
    app.get(&manifest_url, OTHER_INSTALLER).await;
    app.get(&manifest_url, INSTALLER).await;
    let mut models = Vec::new();
    while let Ok(attempt) = news.try_recv() {
        models.push((attempt.id, attempt.device.model));
    }
    assert_eq!(models[0], models[2], "the same device goes on");
    assert_ne!(models[0].0, models[1].0, "another device is another attempt");
}

#[tokio::test]
async fn a_manifest_asked_for_after_silence_is_a_new_attempt() {
    let app = TestApp::start().await;
    let mut news = app.distribution.watch_attempts();
    let manifest_url = app.manifest_url(&app.publish(&notes()).await).await;
    app.get(&manifest_url, INSTALLER).await;
    app.clock.advance(Duration::from_mins(9));
    app.get(&manifest_url, INSTALLER).await;
    app.clock.advance(Duration::from_mins(11));
    app.get(&manifest_url, INSTALLER).await;
    let ids: Vec<_> = std::iter::from_fn(|| news.try_recv().ok()).map(|attempt| attempt.id).collect();
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[1], ids[2]);
}

#[tokio::test]
async fn a_ticket_starts_nothing_after_its_time_but_what_it_started_is_served_to_its_end() {
    let app = TestApp::start().await;
    let page_url = app.publish(&notes()).await;
    let (started, idle) = (app.manifest_url(&page_url).await, app.manifest_url(&page_url).await);
    app.clock.advance(Duration::from_hours(24 * 6));
    let offered = app.offered(&started, INSTALLER).await;
    app.clock.advance(Duration::from_hours(24 * 2));
    let late = app.get(&idle, INSTALLER).await;
    assert_eq!(late.status, StatusCode::GONE);
    assert!(late.text().contains("expired"), "{}", late.text());
    assert_eq!(app.get(&offered.package_url, INSTALLER).await.status, StatusCode::OK, "started in time");
    assert_eq!(
        app.get(&offered.package_url, OTHER_INSTALLER).await.status,
        StatusCode::GONE,
        "another device did not"
    );
    app.clock.advance(Duration::from_hours(24 * 6));
    assert_eq!(
        app.get(&offered.package_url, INSTALLER).await.status,
        StatusCode::GONE,
        "seven days after the start"
    );
}

#[tokio::test]
async fn a_started_attempt_survives_a_restart_of_the_server() {
    let app = TestApp::start().await;
    let manifest_url = app.manifest_url(&app.publish(&notes()).await).await;
    let offered = app.offered(&manifest_url, INSTALLER).await;
    app.distribution.flush_attempts().await.expect("a working catalog");
    app.clock.advance(Duration::from_hours(24 * 7 - 1));
    let app = app.restart().await;
    app.clock.advance(Duration::from_mins(59));
    assert_eq!(app.get(&offered.package_url, INSTALLER).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_forged_ticket_is_told_so_in_a_sentence_and_never_asks_for_a_password() {
    let app = TestApp::start().await;
    let manifest_url = app.manifest_url(&app.publish(&notes()).await).await;
    let cut = manifest_url.replace("/manifest.plist", "x/manifest.plist");
    let other = manifest_url.replacen("/t/A", "/t/B", 1);
    for url in [&*cut, &*other, "/t/x/manifest.plist", "/t/x/app.ipa", "/t/../i/x"] {
        let answer = app.get(url, INSTALLER).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{url}");
        assert_eq!(answer.header("www-authenticate"), None);
        assert_eq!(answer.header("location"), None);
    }
}

#[tokio::test]
async fn an_expired_profile_leaves_the_page_without_a_button() {
    let app = TestApp::start().await;
    let page_url = app.publish(&notes().expires_at(AppPackage::NOW + time::Duration::days(1))).await;
    app.clock.advance(Duration::from_hours(25));
    let html = app.get(&page_url, SAFARI).await.text();
    assert!(!html.contains("itms-services"), "{html}");
    assert!(html.contains("expired on 2 June 2026"), "{html}");
}

#[tokio::test]
async fn a_closed_channel_says_so_and_its_tickets_start_nothing() {
    let app = TestApp::start().await;
    let token = app.token(TokenScope::Publish, TokenReach::Everything).await;
    let published = app.upload(&token, "channel=beta", notes().build()).await.json();
    let page_url = published["page_url"].as_str().expect("an address");
    let manifest_url = app.manifest_url(page_url).await;
    let channel = published["channel"]["id"].as_str().expect("an id").parse().expect("an id");
    app.distribution
        .administration()
        .close_channel(channel, catalog::Actor::Operator)
        .await
        .expect("a channel");
    let page = app.get(page_url, SAFARI).await;
    assert_eq!(page.status, StatusCode::GONE);
    assert!(page.text().contains("Notes is no longer offered here"), "{}", page.text());
    assert_eq!(app.get(&manifest_url, INSTALLER).await.status, StatusCode::GONE);
}

#[tokio::test]
async fn a_page_says_what_its_build_was_made_from() {
    let app = TestApp::start().await;
    let token = app.token(TokenScope::Publish, TokenReach::Everything).await;
    for (number, query, words) in [
        ("1", "branch=main&commit=0123456789abcdef", "main at 0123456789"),
        ("2", "branch=feature&pull_request=12&commit=abc", "pull request 12 at abc"),
        ("3", "commit=abc", "abc"),
    ] {
        let published = app.upload(&token, query, notes().build_number(number).build()).await.json();
        let page = app.get(published["page_url"].as_str().expect("an address"), SAFARI).await.text();
        assert!(page.contains(&format!("<dt>Built from</dt><dd>{words}</dd>")), "{query}: {page}");
    }
}
