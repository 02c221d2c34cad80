//! A road of the server's own, which is walked like a device's and leaves no trace.

use std::time::Duration;

use catalog::{Actor, PageSize, SelfCheck, TicketId, TokenReach, TokenScope};
use distribution::OwnRoad;
use doctor::{Finding, Severity, Verdict};
use http::StatusCode;
use testkit::app::AppPackage;

use crate::app::{INSTALLER, SAFARI, TestApp};

/// How long a check's ticket is good.
const GOOD_FOR: Duration = Duration::from_mins(15);

fn notes() -> AppPackage {
    AppPackage::new("com.example.notes").name("Notes")
}

async fn own_road(app: &TestApp) -> OwnRoad {
    app.distribution.own_road().await.expect("a working catalog")
}

/// A warning, as a rule words it of this road.
fn finding(severity: Severity, message: &str) -> Finding {
    let rule = doctor::rules::find("TLS004").expect("the rule");
    Finding {
        code: rule.code.to_owned(),
        name: rule.name.to_owned(),
        severity,
        evidence_kind: rule.evidence,
        station: rule.station,
        bundle: None,
        host: Some("apps.example.com".to_owned()),
        message: message.to_owned(),
        evidence: Vec::new(),
        device_shows: rule.device_shows.to_owned(),
        fix: rule.fix.to_owned(),
        first_cause: false,
        follows_from: None,
    }
}

#[tokio::test]
async fn a_check_gets_every_file_and_is_no_attempt() {
    let app = TestApp::start().await;
    let mut news = app.distribution.watch_attempts();
    let page_url = app.publish(&notes()).await;
    let road = own_road(&app).await;
    let own_page = road.page_url.expect("a page");
    assert!(own_page.as_str().starts_with(&page_url), "{own_page}");
    app.manifest_url(own_page.as_str()).await;
    let offered = app.offered(road.link.manifest_url(), INSTALLER).await;
    assert_eq!(offered.bundle_identifier, "com.example.notes");
    for url in offered.icon_urls.iter().chain([&offered.package_url]) {
        for method in ["HEAD", "GET"] {
            let answer = app.request(method, url, &[("user-agent", INSTALLER)]).await;
            assert_eq!(answer.status, StatusCode::OK, "{method} {url}");
        }
    }
    app.distribution.flush_attempts().await.expect("a working catalog");
    assert!(news.try_recv().is_err(), "nobody hears of it");
    let mut catalog = app.catalog.read().await.expect("a catalog");
    let kept = catalog.attempts().list_ticket(TicketId::new([0; 16]), None, PageSize::MAX).await;
    assert_eq!(kept.expect("an answer").items, [], "and nothing is written down");
}

#[tokio::test]
async fn a_checks_ticket_opens_nothing_after_its_time_not_even_what_it_began() {
    let app = TestApp::start().await;
    app.publish(&notes()).await;
    let road = own_road(&app).await;
    let manifest_url = road.link.manifest_url();
    app.clock.advance(GOOD_FOR);
    let offered = app.offered(manifest_url, INSTALLER).await;
    app.clock.advance(Duration::from_secs(1));
    for url in [manifest_url, &offered.package_url, &offered.icon_urls[0]] {
        for agent in [INSTALLER, SAFARI] {
            assert_eq!(app.get(url, agent).await.status, StatusCode::GONE, "{agent} {url}");
        }
    }
}

#[tokio::test]
async fn the_newest_build_that_can_be_installed_is_taken_and_without_one_the_host_alone() {
    let app = TestApp::start().await;
    let road = own_road(&app).await;
    assert_eq!(road.page_url, None, "nothing is released");
    assert_eq!(road.link.manifest_url(), "https://apps.example.com/healthz");

    let token = app.token(TokenScope::Publish, TokenReach::Everything).await;
    let upload = async |query: &str, package: AppPackage| {
        let answer = app.upload(&token, query, package.build()).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        // Ids of one moment have no order.
        app.clock.advance(Duration::from_secs(1));
        answer.json()
    };
    let first = upload("channel=stable", notes().build_number("1")).await;
    let second = upload("channel=beta", notes().build_number("2")).await;
    let expires_at = AppPackage::NOW + time::Duration::days(1);
    upload("channel=stable", notes().build_number("3").expires_at(expires_at)).await;
    let page_of = |published: &serde_json::Value| published["build_url"].as_str().map(str::to_owned);
    let own_page = async || own_road(&app).await.page_url.map(String::from);

    app.clock.advance(Duration::from_hours(25));
    assert_eq!(own_page().await, page_of(&second), "the profile of the newest has run out");
    let close = async |published: &serde_json::Value| {
        let id = published["channel"]["id"].as_str().expect("an id").parse().expect("an id");
        app.distribution.administration().close_channel(id, Actor::Operator).await.expect("a channel");
    };
    close(&second).await;
    assert_eq!(own_page().await, page_of(&first), "the channel of the next is closed");
    close(&first).await;
    assert_eq!(own_page().await, None);
}

#[tokio::test]
async fn a_finding_is_told_without_what_opens_something() {
    let app = TestApp::start().await;
    app.publish(&notes()).await;
    let road = own_road(&app).await;
    let page_url = road.page_url.as_ref().expect("a page").as_str();
    let manifest_url = road.link.manifest_url();
    let cut = &manifest_url[..manifest_url.len() / 2];
    let mut seen = finding(Severity::Error, &format!("{page_url} leads to {}, {cut}…", road.link.as_str()));
    road.redact(&mut seen);
    let slug = page_url.split('/').nth(4).expect("a slug");
    let ticket = manifest_url.split('/').nth(4).expect("a ticket");
    let text = serde_json::to_string(&seen).expect("JSON");
    assert!(!text.contains(slug) && !text.contains(&ticket[..20]), "{text}");
    assert!(text.contains("https://apps.example.com…"), "{text}");
}

#[tokio::test]
async fn readiness_names_the_errors_of_the_last_check_and_stays() {
    let app = TestApp::start().await;
    let ready = async || {
        let answer = app.get("/readyz", SAFARI).await;
        (answer.status, answer.text())
    };
    let note = |findings| {
        let (at, public_url) = (app.distribution.now(), app.distribution.policy().public_url.to_string());
        app.distribution.note_self_check(SelfCheck { at, public_url, verdict: Verdict::Fails, findings })
    };
    assert_eq!(ready().await, (StatusCode::OK, "ready\n".to_owned()), "never checked");
    let bad = vec![
        finding(Severity::Error, "an intermediate\nis missing"),
        finding(Severity::Warning, "something is odd"),
    ];
    assert_eq!(note(bad.clone()), None);
    let line = "but devices may not reach it: TLS004 chain-incomplete: an intermediate is missing\n";
    assert_eq!(ready().await, (StatusCode::OK, format!("ready\n{line}")));
    assert_eq!(note(Vec::new()).map(|before| before.findings.clone()), Some(bad));
    assert_eq!(ready().await, (StatusCode::OK, "ready\n".to_owned()), "it was mended");
}

#[tokio::test]
async fn an_upload_is_told_what_is_wrong_with_the_server_and_taken() {
    let app = TestApp::start().await;
    let token = app.token(TokenScope::Publish, TokenReach::Everything).await;
    let before = app.upload(&token, "channel=beta", notes().build_number("1").build()).await.json();
    assert_eq!(before["server_findings"], serde_json::json!([]), "never checked");
    app.distribution.note_self_check(SelfCheck {
        at: app.distribution.now(),
        public_url: app.distribution.policy().public_url.to_string(),
        verdict: Verdict::Fails,
        findings: vec![finding(Severity::Error, "an intermediate is missing")],
    });
    let answer = app.upload(&token, "channel=beta", notes().build_number("2").build()).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let told = &answer.json()["server_findings"][0];
    assert_eq!((&told["code"], &told["message"]), (&"TLS004".into(), &"an intermediate is missing".into()));
    assert_eq!(told["help_url"], "https://apps.example.com/help/TLS004");
}
