use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration as Wait;

use doctor::{Revocations, Standing};
use ipa::Fact;
use probe::{Question, RevocationCheck};
use signed_data::{Authorities, Chain};
use testkit::pki::{CertificateStatus, Identity, Key};
use time::Duration;
use tokio::sync::Barrier;

use crate::authority::Authority;
use crate::{NOW, REVOKED_AT, check, read};

/// What is told of one certificate.
async fn told(authority: &Authority, responders: &[&str], lists: &[&str]) -> Fact<Standing> {
    told_by(&check(true), authority, &authority.certificate("leaf", responders, lists)).await
}

async fn told_by(check: &RevocationCheck, authority: &Authority, leaf: &Identity) -> Fact<Standing> {
    let revocations = check.ask([authority.question(leaf)]).await;
    of(&revocations, leaf)
}

fn of(revocations: &Revocations, leaf: &Identity) -> Fact<Standing> {
    revocations.of(&read(&leaf.certificate)).unwrap().clone()
}

fn good() -> Fact<Standing> {
    Fact::Known(Standing::Good { as_of: NOW - Duration::HOUR })
}

fn revoked(reason: Option<&'static str>) -> Fact<Standing> {
    Fact::Known(Standing::Revoked { at: REVOKED_AT, reason })
}

#[tokio::test]
async fn a_responder_is_believed() {
    let authority = Authority::start().await;
    for (manner, expected) in [
        ("good", good()),
        ("revoked", revoked(Some("keyCompromise"))),
        ("revoked-for-no-reason", revoked(None)),
    ] {
        assert_eq!(told(&authority, &[manner], &[]).await, expected, "{manner}");
    }
    assert_eq!(*authority.asked.methods.lock().unwrap(), ["GET"; 3], "a short request stands in the address");
}

#[tokio::test]
async fn what_comes_otherwise_is_told_with_its_address() {
    let authority = Authority::start().await;
    for (manner, expected) in [
        ("unknown", "the responder does not know the certificate"),
        (
            "stale",
            "it is stale: it held until 2026-05-30 00:00:00 UTC, and now it is 2026-06-01 12:00:00 UTC",
        ),
        (
            "forged",
            "its signature does not hold: the signature was made with another key, or over something else",
        ),
        ("another", "the response speaks of 1 certificates, and not of this one"),
        ("later", "the responder answers tryLater (3)"),
        ("garbage", "a value of 104 bytes where 47 are left, at byte 0"),
        ("endless", "its answer has more than 65536 bytes"),
    ] {
        let expected = Fact::NotMeasured(format!("{}: {expected}", authority.url(manner)));
        assert_eq!(told(&authority, &[manner], &[]).await, expected, "{manner}");
    }
}

#[tokio::test]
async fn a_responder_that_hangs_costs_no_more_than_patience() {
    let authority = Authority::start().await;
    let leaf = authority.certificate("leaf", &["hang"], &["list"]);
    let check = check(true).patience(Wait::from_millis(500));
    assert_eq!(told_by(&check, &authority, &leaf).await, good(), "the list tells instead");

    let leaf = authority.certificate("leaf", &["hang"], &[]);
    let expected = format!("{}: no answer within 0.5 s", authority.url("hang"));
    assert_eq!(told_by(&check, &authority, &leaf).await, Fact::NotMeasured(expected));
}

#[tokio::test]
async fn a_responder_that_takes_only_posts_is_posted_to() {
    let authority = Authority::start().await;
    for manner in ["post-only", "misread"] {
        assert_eq!(told(&authority, &[manner], &[]).await, good(), "{manner}");
    }
    assert_eq!(*authority.asked.methods.lock().unwrap(), ["POST"; 2]);

    // An address that leaves no room for a request.
    let long = format!("{}?{}", authority.url("good"), "x".repeat(250));
    assert_eq!(told(&authority, &[&long], &[]).await, good());
    assert_eq!(*authority.asked.methods.lock().unwrap(), ["POST"; 3]);
}

#[tokio::test]
async fn where_one_tells_nothing_the_next_is_asked() {
    let authority = Authority::start().await;
    let leak = |text: String| &*String::leak(text);
    let nobody = leak(format!("http://{}/x", unused().await));
    assert_eq!(told(&authority, &["later", "good"], &[]).await, good());
    assert_eq!(told(&authority, &[nobody, "revoked"], &["list"]).await, revoked(Some("keyCompromise")));
    assert_eq!(told(&authority, &["unknown"], &["list"]).await, good());
    assert_eq!(told(&authority, &[], &["gone-list", "list"]).await, good());
    assert_eq!(told(&authority, &["ldap://127.0.0.1/x"], &[]).await, Fact::Absent);
    assert_eq!(told(&authority, &[], &[]).await, Fact::Absent);

    let reasons = [
        format!("{nobody}: the connection was refused"),
        format!(
            "{}: it is stale: it held until 2026-05-09 12:00:00 UTC, and now it is 2026-06-01 12:00:00 UTC",
            authority.url("stale-list")
        ),
        format!("{}: it answers 302", authority.url("moved-list")),
    ];
    let expected = Fact::NotMeasured(reasons.join("; "));
    assert_eq!(told(&authority, &[nobody], &["stale-list", "moved-list"]).await, expected);
}

#[tokio::test]
async fn a_certificate_on_a_list_is_revoked() {
    let authority = Authority::start().await;
    let leaf = authority.listed();
    assert_eq!(told_by(&check(true), &authority, &leaf).await, revoked(Some("superseded")));
}

#[tokio::test]
async fn all_are_asked_at_once_and_each_once() {
    const CERTIFICATES: usize = 16;
    let authority = Authority::start().await;
    // Nobody is answered until all have asked.
    *authority.asked.all_here.lock().unwrap() = Some(Arc::new(Barrier::new(CERTIFICATES)));
    let leaves: Vec<_> = (0..=CERTIFICATES)
        .map(|place| authority.certificate(&format!("leaf {place}"), &["good"], &[]))
        .collect();
    let questions: Vec<_> = leaves.iter().chain(&leaves).map(|leaf| authority.question(leaf)).collect();
    let revocations = check(true).ask(questions).await;
    assert_eq!(authority.requests(), CERTIFICATES);
    for leaf in &leaves[..CERTIFICATES] {
        assert_eq!(of(&revocations, leaf), good());
    }
    let expected = Fact::NotMeasured("more than 16 certificates were to be asked about".to_owned());
    assert_eq!(of(&revocations, &leaves[CERTIFICATES]), expected);
}

#[tokio::test]
async fn addresses_that_are_not_public_are_not_touched() {
    let authority = Authority::start().await;
    let leaf = authority.certificate("leaf", &["good"], &["list"]);
    let refused =
        |manner| format!("{}: 127.0.0.1 may not be reached: it is not public", authority.url(manner));
    let expected = Fact::NotMeasured([refused("good"), refused("list")].join("; "));
    assert_eq!(told_by(&check(false), &authority, &leaf).await, expected);
    assert_eq!(authority.requests(), 0);
}

#[tokio::test]
async fn what_a_server_sends_along_is_read_and_nobody_asked() {
    let authority = Authority::start().await;
    let leaf = authority.certificate("leaf", &["revoked"], &[]);
    let stapled = |at, key: &Key| {
        let response = authority.response(at, &leaf.certificate.serial, CertificateStatus::Good);
        response.forged(&authority.responder.certificate, key)
    };
    let own = &authority.responder.key;
    let with = |stapled| authority.question(&leaf).with_stapled(stapled);

    let fresh = with(stapled(NOW - Duration::HOUR, own));
    assert_eq!(fresh.stapled_standing(NOW), good());
    assert_eq!(of(&check(true).ask([fresh]).await, &leaf), good());
    assert_eq!(authority.requests(), 0);
    assert_eq!(authority.question(&leaf).stapled_standing(NOW), Fact::Absent);

    // What does not count is told, and somebody asked.
    for bytes in
        [stapled(NOW - Duration::days(3), own), stapled(NOW, &Key::p256("a stranger")), vec![1, 2, 3]]
    {
        let question = with(bytes);
        assert!(matches!(question.stapled_standing(NOW), Fact::NotMeasured(_)));
        assert_eq!(of(&check(true).ask([question]).await, &leaf), revoked(Some("keyCompromise")));
    }
    assert_eq!(authority.requests(), 3);
}

#[tokio::test]
async fn all_of_a_chain_is_asked_about_but_its_root() {
    let authority = Authority::start().await;
    let leaf = authority.certificate("leaf", &["good"], &[]);
    let chain = authority.read_chain(&leaf);
    let asked: Vec<_> = Question::about_all(&chain).map(|question| question.certificate().clone()).collect();
    assert_eq!(asked, chain.certificates[..2]);

    // Without its issuer there is nobody whose word could be verified.
    let alone = Chain::build(&read(&leaf.certificate), &[], &Authorities::default());
    let revocations = check(true).ask(Question::about_all(&alone)).await;
    let expected = Fact::NotMeasured("its issuer's certificate is not at hand".to_owned());
    assert_eq!(of(&revocations, &leaf), expected);
    assert_eq!(authority.requests(), 0);
}

/// An address at which nobody listens.
async fn unused() -> SocketAddr {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}
