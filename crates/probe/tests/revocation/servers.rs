//! From a server's handshake, over what it sends along or what its authority answers, to what the doctor says.

use std::net::SocketAddr;
use std::sync::Arc;

use doctor::{Device, Facts, Report, Revocations, judge};
use ipa::Fact;
use probe::{Options, Probe, Target, Walk};
use testkit::pki::{CertificateStatus, Identity};
use time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::authority::Authority;
use crate::{NOW, REVOKED_AT, read};

/// A server with this certificate, which sends this along and knows no page.
async fn serve(authority: &Authority, identity: &Identity, stapled: Vec<u8>) -> SocketAddr {
    let sent = [identity, &authority.chain.intermediate]
        .map(|identity| CertificateDer::from(identity.certificate.der.clone()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert_with_ocsp(
            sent.to_vec(),
            PrivateKeyDer::try_from(identity.key.pkcs8()).unwrap(),
            stapled,
        )
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await.unwrap();
                let mut request = [0; 4096];
                let _ = stream.read(&mut request).await;
                let answer = b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
                let _ = stream.write_all(answer).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    address
}

async fn walked(authority: &Authority, address: SocketAddr) -> (Probe, Walk) {
    let probe = Probe::new(Options {
        egress: egress::Options { may_reach_private: true, ..egress::Options::default() },
        trusted: vec![read(&authority.chain.root.certificate)],
        ..Options::default()
    });
    let walk = probe.walk(Target::Address(format!("https://{address}/").parse().unwrap())).await;
    (probe, walk)
}

fn judged(walk: &Walk, revocations: &Revocations) -> Report {
    let facts = walk.facts(&walk.roads[0], NOW, Device::default());
    judge(&Facts { revocations: Fact::Known(revocations), ..facts })
}

/// What is said of the server: that it was revoked, when; that nothing was told, why; or that nobody was asked.
fn said(report: &Report) -> Option<String> {
    let name = "revoked-certificate";
    let found = report.findings.iter().find(|finding| finding.name == name);
    // The road has other servers, which nobody knows.
    let is_known = |reason: &str| !reason.ends_with("address is known");
    let skipped = report.skipped.iter().find(|skipped| skipped.name == name && is_known(&skipped.reason));
    let skipped = skipped.map(|skipped| skipped.option.map_or(skipped.reason.clone(), str::to_owned));
    found.map(|finding| finding.message.clone()).or(skipped)
}

#[tokio::test]
async fn what_a_server_sends_along_is_judged_without_asking() {
    let authority = Authority::start().await;
    let identity = authority.server_certificate("good");
    let serial = &identity.certificate.serial;
    let response = |at, status| authority.response(at, serial, status).signed_by(&authority.responder);
    let revoked = CertificateStatus::Revoked { at: REVOKED_AT, reason: None };
    for (stapled, expected) in [
        (response(NOW, CertificateStatus::Good), None),
        (response(NOW, revoked), Some("was revoked on 2026-05-04")),
        (response(NOW - Duration::days(9), CertificateStatus::Good), Some("--revocation")),
        (Vec::new(), Some("--revocation")),
    ] {
        let address = serve(&authority, &identity, stapled).await;
        let (probe, walk) = walked(&authority, address).await;
        let said = said(&judged(&walk, &probe.stapled(NOW)));
        assert_eq!(said.is_some(), expected.is_some(), "{expected:?}: {said:?}");
        assert!(said.is_none_or(|said| said.contains(expected.unwrap())), "{expected:?}");
    }
    assert_eq!(authority.requests(), 0);
}

#[tokio::test]
async fn the_authority_of_a_server_is_asked_where_that_is_wanted() {
    let authority = Authority::start().await;
    for (manner, expected) in [
        ("good", None),
        ("revoked", Some("was revoked on 2026-05-04 (keyCompromise)")),
        ("unknown", Some("does not know the certificate")),
        ("stale", Some("it is stale")),
        ("garbage", Some("/garbage: ")),
    ] {
        let address = serve(&authority, &authority.server_certificate(manner), Vec::new()).await;
        let (probe, walk) = walked(&authority, address).await;
        let said = said(&judged(&walk, &probe.revocations(&walk, NOW).await));
        assert_eq!(said.is_some(), expected.is_some(), "{manner}: {said:?}");
        assert!(said.as_ref().is_none_or(|said| said.contains(expected.unwrap())), "{manner}: {said:?}");
    }
    assert_eq!(authority.requests(), 5);
}
