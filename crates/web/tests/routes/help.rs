//! The pages of findings.

use http::StatusCode;

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
    for unknown in ["/help/PRF999", "/help/%3Cscript%3E", "/help/signer-revoked"] {
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
