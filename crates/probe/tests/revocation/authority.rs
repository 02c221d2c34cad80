use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use probe::Question;
use signed_data::Authorities;
use testkit::pki::{CertificateBuilder, CertificateStatus, Chain, Identity, Key, LeafKind, Name};
use testkit::pki::{OcspRequest, OcspResponse, Reason, RevocationList};
use time::{Duration, UtcDateTime};
use tokio::sync::Barrier;

use crate::{NOW, REVOKED_AT, read};

const TEAM: &str = "A1B2C3D4E5";

/// An authority with a responder: its address is whatever stands first in the path of what is asked.
#[derive(Clone)]
pub(crate) struct Authority {
    /// The authority is the intermediate.
    pub(crate) chain: Chain,
    pub(crate) responder: Identity,
    address: SocketAddr,
    pub(crate) asked: Arc<Asked>,
}

#[derive(Default)]
pub(crate) struct Asked {
    requests: AtomicUsize,
    pub(crate) methods: Mutex<Vec<String>>,
    pub(crate) all_here: Mutex<Option<Arc<Barrier>>>,
}

impl Authority {
    pub(crate) async fn start() -> Self {
        let chain = Chain::new(TEAM, LeafKind::Distribution, NOW);
        let responder = CertificateBuilder::new(Name::new().common_name("responder"), NOW - Duration::DAY)
            .ocsp_signing()
            .issued_by(&chain.intermediate, Key::p256("responder"));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let authority = Self { chain, responder, address, asked: Arc::default() };
        let router = Router::new()
            .route("/{manner}", get(list).post(posted))
            .route("/{manner}/{request}", get(inquired))
            .with_state(authority.clone());
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        authority
    }

    pub(crate) fn url(&self, manner: &str) -> String {
        format!("http://{}/{manner}", self.address)
    }

    /// A certificate of a team's that names these responders and these lists: manners of this server, or whole addresses.
    pub(crate) fn certificate(&self, seed: &str, responders: &[&str], lists: &[&str]) -> Identity {
        let url = |manner: &&str| {
            if manner.contains(':') { (*manner).to_owned() } else { self.url(manner) }
        };
        let (responders, lists): (Vec<_>, Vec<_>) =
            (responders.iter().map(url).collect(), lists.iter().map(url).collect());
        let responders: Vec<&str> = responders.iter().map(String::as_str).collect();
        let lists: Vec<&str> = lists.iter().map(String::as_str).collect();
        let leaf = leaf().information_access(&responders, &[]).revocation_lists(&lists);
        leaf.issued_by(&self.chain.intermediate, Key::p256(seed))
    }

    /// A certificate that is on the full list.
    pub(crate) fn listed(&self) -> Identity {
        let leaf = leaf().serial(SERIAL).revocation_lists(&[&self.url("full-list")]);
        leaf.issued_by(&self.chain.intermediate, Key::p256("leaf"))
    }

    /// A web server's certificate for this computer, with its responder.
    pub(crate) fn server_certificate(&self, responder: &str) -> Identity {
        CertificateBuilder::new(Name::new().common_name("server"), NOW - Duration::DAY)
            .end_entity()
            .server_authentication()
            .alternative_names(&[], &[IpAddr::V4(Ipv4Addr::LOCALHOST)])
            .information_access(&[&self.url(responder)], &[])
            .issued_by(&self.chain.intermediate, Key::p256("server"))
    }

    /// The chain below which apps are signed with this certificate.
    pub(crate) fn signing_chain(&self, leaf: &Identity) -> Chain {
        Chain { leaf: leaf.clone(), ..self.chain.clone() }
    }

    /// The same chain as it is read.
    pub(crate) fn read_chain(&self, leaf: &Identity) -> signed_data::Chain {
        let above = [&self.chain.intermediate, &self.chain.root].map(|identity| read(&identity.certificate));
        signed_data::Chain::build(&read(&leaf.certificate), &above, &Authorities::default())
    }

    pub(crate) fn question(&self, leaf: &Identity) -> Question {
        Question::about_first(&self.read_chain(leaf))
    }

    pub(crate) fn response(&self, at: UtcDateTime, serial: &[u8], status: CertificateStatus) -> OcspResponse {
        let response = OcspResponse::new(at).answer(serial, &self.chain.intermediate, status);
        response.certificate(&self.responder.certificate)
    }

    pub(crate) fn requests(&self) -> usize {
        self.asked.requests.load(Ordering::SeqCst)
    }
}

fn leaf() -> CertificateBuilder {
    Chain::leaf_builder(TEAM, LeafKind::Distribution, NOW - Duration::DAY)
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
    if manner == "misread" {
        return OcspResponse::refusal(1).into_response();
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
        "good" | "post-only" | "misread" => response(CertificateStatus::Good).signed_by(&authority.responder),
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
        "list" => list(NOW - Duration::HOUR).signed_by(&authority.chain.intermediate),
        "stale-list" => list(NOW - Duration::days(30)).signed_by(&authority.chain.intermediate),
        "gone-list" => return StatusCode::NOT_FOUND.into_response(),
        "moved-list" => {
            return (StatusCode::FOUND, [("location", authority.url("list"))]).into_response();
        }
        "full-list" => {
            let all = (0..=u8::MAX).fold(list(NOW), |list, last| {
                list.revoked(&[&SERIAL[..7], &[last]].concat(), REVOKED_AT, Reason::Superseded)
            });
            all.signed_by(&authority.chain.intermediate)
        }
        manner => panic!("{manner} was asked"),
    };
    bytes.into_response()
}

/// A serial number that is on the full list.
const SERIAL: [u8; 8] = [0x41, 2, 3, 4, 5, 6, 7, 8];
