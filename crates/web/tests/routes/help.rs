//! What was found in builds, and the pages that say what it means.

use std::time::Duration;

use catalog::{TokenReach, TokenScope};
use http::StatusCode;
use testkit::app::AppPackage;
use testkit::profile::SigningKind;

use crate::app::{SAFARI, TestApp};

#[tokio::test]
async fn a_finding_has_a_page_under_its_code_and_its_name_leads_there() {
    let app = TestApp::start().await;
    let page = app.get("/help/PRF004", SAFARI).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("</span> profile-expired</h1>"), "{}", page.text());
    for other in ["/help/prf004", "/help/profile-expired"] {
        let answer = app.get(other, SAFARI).await;
        assert_eq!(answer.status, StatusCode::PERMANENT_REDIRECT, "{other}");
        assert_eq!(answer.header("location"), Some("/help/PRF004"), "{other}");
    }
}

#[tokio::test]
async fn whoever_asks_for_an_unknown_finding_is_shown_those_there_are() {
    let app = TestApp::start().await;
    let index = app.get("/help", SAFARI).await;
    assert_eq!(index.status, StatusCode::OK);
    for unknown in ["/help/PRF999", "/help/%3Cscript%3E", "/help/no-such-trouble"] {
        let answer = app.get(unknown, SAFARI).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{unknown}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{unknown}");
        for rule in doctor::rules::ALL {
            let link = format!("href=\"/help/{}\"", rule.code);
            assert!(index.text().contains(&link) && answer.text().contains(&link), "{unknown}: {link}");
        }
    }
}

#[tokio::test]
async fn browsers_keep_the_pages_and_ask_whether_they_are_the_same() {
    let app = TestApp::start().await;
    for path in ["/help", "/help/PRF004"] {
        let page = app.get(path, SAFARI).await;
        assert_eq!(page.header("cache-control"), Some("no-cache"), "{path}");
        let etag = page.header("etag").expect("an entity tag");
        let again = app.request("GET", path, &[("if-none-match", etag)]).await;
        assert_eq!((again.status, again.header("etag")), (StatusCode::NOT_MODIFIED, Some(etag)), "{path}");
        assert!(again.body.is_empty(), "{path}");
        let other = app.request("GET", path, &[("if-none-match", "\"another\"")]).await;
        assert_eq!((other.status, &other.body), (StatusCode::OK, &page.body), "{path}");
    }
    let [one, other] = [app.get("/help", SAFARI).await, app.get("/help/PRF004", SAFARI).await];
    assert_ne!(one.header("etag"), other.header("etag"));
}

#[tokio::test]
async fn a_builds_page_says_what_was_found_and_leads_on() {
    let app = TestApp::start().await;
    let token = app.token(TokenScope::Publish, TokenReach::Everything).await;
    let package = AppPackage::new("com.example.notes").signing(SigningKind::Development);
    let flawed = package.executable(|macho| macho.encrypted(1)).build();
    let published = app.upload(&token, "channel=beta&allow=all", flawed).await.json();
    let finding = &published["findings"][0];
    assert_eq!(finding["help_url"], "https://apps.example.com/help/APP006", "{published}");
    let sound = AppPackage::new("com.example.notes").build_number("2").build();
    assert_eq!(app.upload(&token, "channel=beta", sound).await.status, StatusCode::CREATED);
    let page = async |key: &str| app.get(published[key].as_str().expect("an address"), SAFARI).await.text();
    let older = page("build_url").await;
    for text in
        ["Before you install", "<strong>Fails:</strong>", "href=\"/help/APP006\"", "href=\"/help/PRF011\""]
    {
        assert!(older.contains(text), "{text} in {older}");
    }
    let current = page("page_url").await;
    assert!(!current.contains("/help/APP006") && !current.contains("/help/PRF011"), "{current}");
}

#[tokio::test]
async fn a_page_says_what_has_become_true_since_the_upload() {
    let app = TestApp::start().await;
    let expires_at = AppPackage::NOW + time::Duration::days(40);
    let page_url = app.publish(&AppPackage::new("com.example.notes").expires_at(expires_at)).await;
    assert!(!app.get(&page_url, SAFARI).await.text().contains("/help/PRF005"));
    app.clock.advance(Duration::from_hours(24 * 11));
    let page = app.get(&page_url, SAFARI).await.text();
    assert!(page.contains("<strong>Warning:</strong> Its provisioning profile expires on"), "{page}");
    assert!(page.contains("/help/PRF005"), "{page}");
    app.clock.advance(Duration::from_hours(24 * 30));
    let page = app.get(&page_url, SAFARI).await.text();
    assert!(!page.contains("/help/PRF005"), "{page}");
    assert_eq!(page.matches("/help/PRF004").count(), 1, "beside the reason, and nowhere else: {page}");
}
