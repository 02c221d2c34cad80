//! A real responder on this computer, as Apple's is and as others are, and what is told of the certificates that name it.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration as Wait;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use doctor::{Revocations, Standing};
use ipa::Fact;
use probe::{Question, RevocationCheck};
use signed_data::{Authorities, Certificate, Chain, Limits};
use testkit::pki::{self, CertificateBuilder, CertificateStatus, Identity, Key, Name};
use testkit::pki::{OcspRequest, OcspResponse, Reason, RevocationList};
use time::macros::utc_datetime;
use time::{Duration, UtcDateTime};
use tokio::sync::Barrier;

const NOW: UtcDateTime = utc_datetime!(2026-06-01 12:00);
const REVOKED_AT: UtcDateTime = utc_datetime!(2026-05-04 03:02:01);

/// An authority with a responder: its address is whatever stands first in the path of what is asked.
#[derive(Clone)]
struct Authority {
    root: Identity,
    issuer: Identity,
    responder: Identity,
    address: SocketAddr,
    asked: Arc<Asked>,
}

#[derive(Default)]
struct Asked {
    requests: AtomicUsize,
    methods: Mutex<Vec<String>>,
    all_here: Mutex<Option<Arc<Barrier>>>,
}

impl Authority {
    async fn start() -> Self {
        let builder =
            |name: &str| CertificateBuilder::new(Name::new().common_name(name), NOW - Duration::days(100));
        let root = builder("root").authority().self_signed(Key::p256("root"));
        let issuer = builder("issuer").authority().issued_by(&root, Key::p256("issuer"));
        let responder = builder("responder").ocsp_signing().issued_by(&issuer, Key::p256("responder"));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let authority = Self { root, issuer, responder, address, asked: Arc::default() };
        let router = Router::new()
            .route("/{manner}", get(list).post(posted))
            .route("/{manner}/{request}", get(inquired))
            .with_state(authority.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        authority
    }

    fn url(&self, manner: &str) -> String {
        format!("http://{}/{manner}", self.address)
    }

    /// A certificate that names these responders and these lists.
    fn certificate(&self, seed: &str, responders: &[&str], lists: &[&str]) -> pki::Certificate {
        let urls = |manners: &[&str]| -> Vec<String> {
            let url = |manner: &&str| {
                if manner.contains(':') { (*manner).to_owned() } else { self.url(manner) }
            };
            manners.iter().map(url).collect()
        };
        let (responders, lists) = (urls(responders), urls(lists));
        let borrowed = |urls: &[String]| -> Vec<&'static str> {
            urls.iter().map(|url| &*String::leak(url.clone())).collect()
        };
        CertificateBuilder::new(Name::new().common_name(seed), NOW - Duration::days(1))
            .end_entity()
            .information_access(&borrowed(&responders), &[])
            .revocation_lists(&borrowed(&lists))
            .issued_by(&self.issuer, Key::p256("leaf"))
            .certificate
    }

    /// The chain from a certificate to the root.
    fn chain(&self, leaf: &pki::Certificate) -> Chain {
        let above = [read(&self.issuer.certificate), read(&self.root.certificate)];
        Chain::build(&read(leaf), &above, &Authorities::default())
    }

    fn question(&self, leaf: &pki::Certificate) -> Question {
        Question::about_first(&self.chain(leaf))
    }

    fn response(&self, at: UtcDateTime, serial: &[u8], status: CertificateStatus) -> OcspResponse {
        let response = OcspResponse::new(at).answer(serial, &self.issuer, status);
        response.certificate(&self.responder.certificate)
    }

    fn requests(&self) -> usize {
        self.asked.requests.load(Ordering::SeqCst)
    }
}

fn read(certificate: &pki::Certificate) -> Certificate {
    Certificate::read(&certificate.der, &Limits::default()).unwrap()
}

/// A request in the address.
async fn inquired(
    State(authority): State<Authority>,
    Path((manner, request)): Path<(String, String)>,
    uri: Uri,
) -> Response {
    assert!(!uri.path().contains("//"), "what is encoded stays so: {uri}");
    if manner == "post-only" {
        return StatusCode::METHOD_NOT_ALLOWED.into_response();
    }
    answer(&authority, &manner, "GET", &STANDARD.decode(request).unwrap()).await
}

/// A request in the body.
async fn posted(State(authority): State<Authority>, Path(manner): Path<String>, request: Bytes) -> Response {
    answer(&authority, &manner, "POST", &request).await
}

async fn answer(authority: &Authority, manner: &str, method: &str, request: &[u8]) -> Response {
    authority.asked.requests.fetch_add(1, Ordering::SeqCst);
    authority.asked.methods.lock().unwrap().push(method.to_owned());
    let barrier = authority.asked.all_here.lock().unwrap().clone();
    if let Some(barrier) = barrier {
        barrier.wait().await;
    }
    let serial = OcspRequest::read(request).unwrap().serial;
    let revoked = |reason| CertificateStatus::Revoked { at: REVOKED_AT, reason };
    let response = |status| authority.response(NOW - Duration::HOUR, &serial, status);
    let bytes = match manner {
        "good" | "post-only" => response(CertificateStatus::Good).signed_by(&authority.responder),
        "revoked" => response(revoked(Some(Reason::KeyCompromise))).signed_by(&authority.responder),
        "revoked-for-no-reason" => {
            response(revoked(Some(Reason::Unspecified))).signed_by(&authority.responder)
        }
        "unknown" => response(CertificateStatus::Unknown).signed_by(&authority.responder),
        "stale" => {
            let response = authority.response(NOW - Duration::days(3), &serial, CertificateStatus::Good);
            response.signed_by(&authority.responder)
        }
        "forged" => response(CertificateStatus::Good)
            .forged(&authority.responder.certificate, &Key::p256("a stranger")),
        "another" => {
            authority.response(NOW, &[9, 9, 9], CertificateStatus::Good).signed_by(&authority.responder)
        }
        "later" => OcspResponse::refusal(3),
        "garbage" => b"<html><body>Sign in to this network</body></html>".to_vec(),
        "endless" => vec![0x30; 100 << 10],
        "hang" => return std::future::pending().await,
        manner => panic!("{manner} was asked"),
    };
    ([("content-type", "application/ocsp-response")], Body::from(bytes)).into_response()
}

/// A list, in the manner of its address.
async fn list(State(authority): State<Authority>, Path(manner): Path<String>) -> Response {
    authority.asked.requests.fetch_add(1, Ordering::SeqCst);
    let list = |at| RevocationList::new(at).crowd(100, NOW).published_at(&authority.url(&manner));
    let bytes = match manner.as_str() {
        "list" => list(NOW - Duration::HOUR).signed_by(&authority.issuer),
        "stale-list" => list(NOW - Duration::days(30)).signed_by(&authority.issuer),
        "gone-list" => return StatusCode::NOT_FOUND.into_response(),
        "moved-list" => {
            return (StatusCode::FOUND, [("location", authority.url("list"))]).into_response();
        }
        "full-list" => {
            let all = (0..=u8::MAX).fold(list(NOW), |list, last| {
                list.revoked(&[&SERIAL[..7], &[last]].concat(), REVOKED_AT, Reason::Superseded)
            });
            all.signed_by(&authority.issuer)
        }
        manner => panic!("{manner} was asked"),
    };
    bytes.into_response()
}

/// A serial number that is on the full list.
const SERIAL: [u8; 8] = [0x41, 2, 3, 4, 5, 6, 7, 8];

fn check(may_reach_private: bool) -> RevocationCheck {
    let options = egress::Options { may_reach_private, ..egress::Options::default() };
    RevocationCheck::new(egress::Client::new(options), NOW)
}

/// What is told of one certificate.
async fn told(authority: &Authority, responders: &[&str], lists: &[&str]) -> Fact<Standing> {
    told_by(&check(true), authority, &authority.certificate("leaf", responders, lists)).await
}

async fn told_by(check: &RevocationCheck, authority: &Authority, leaf: &pki::Certificate) -> Fact<Standing> {
    let revocations = check.ask([authority.question(leaf)]).await;
    of(&revocations, leaf)
}

fn of(revocations: &Revocations, leaf: &pki::Certificate) -> Fact<Standing> {
    revocations.of(&read(leaf)).unwrap().clone()
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
    assert_eq!(told(&authority, &["post-only"], &[]).await, good());
    assert_eq!(*authority.asked.methods.lock().unwrap(), ["POST"]);

    // An address that leaves no room for a request.
    let long = format!("{}?{}", authority.url("good"), "x".repeat(250));
    assert_eq!(told(&authority, &[&long], &[]).await, good());
    assert_eq!(*authority.asked.methods.lock().unwrap(), ["POST"; 2]);
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
    let url = authority.url("full-list");
    let leaf = CertificateBuilder::new(Name::new().common_name("leaf"), NOW - Duration::days(1))
        .serial(SERIAL)
        .revocation_lists(&[&url])
        .issued_by(&authority.issuer, Key::p256("leaf"))
        .certificate;
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
        let response = authority.response(at, &leaf.serial, CertificateStatus::Good);
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
    let chain = authority.chain(&leaf);
    let asked: Vec<_> = Question::about_all(&chain).map(|question| question.certificate().clone()).collect();
    assert_eq!(asked, chain.certificates[..2]);

    // Without its issuer there is nobody whose word could be verified.
    let alone = Chain::build(&read(&leaf), &[], &Authorities::default());
    let revocations = check(true).ask(Question::about_all(&alone)).await;
    let expected = Fact::NotMeasured("its issuer's certificate is not at hand".to_owned());
    assert_eq!(of(&revocations, &leaf), expected);
    assert_eq!(authority.requests(), 0);
}

/// An address at which nobody listens.
async fn unused() -> SocketAddr {
    tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}
