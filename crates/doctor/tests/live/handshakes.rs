//! TLS: what is spoken, and why nothing is.

use std::time::Duration;

use doctor::Severity::Error;
use doctor::{Anchor, HandshakeFailure, Host, NoAnswer, Station, Tls, TlsVersion};
use ipa::Fact;

use crate::certificates::{found, one};
use crate::facts::{Road, ServerPki, host, host_with};

#[test]
fn suites_and_versions_are_those_of_devices() {
    for (suite, expected) in [
        ("TLS13_AES_128_GCM_SHA256", vec![]),
        ("TLS_AES_256_GCM_SHA384", vec![]),
        ("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", vec![]),
        ("TLS_RSA_WITH_AES_128_GCM_SHA256", one("old-tls-version", Error)),
        ("TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", one("old-tls-version", Error)),
    ] {
        let seen = Tls { version: TlsVersion::V1_2, suite: suite.to_owned(), ..ServerPki::sound().tls() };
        assert_eq!(found(seen), expected, "{suite}");
    }
}

fn failed(failure: HandshakeFailure) -> Host {
    Host { tls: Fact::Known(Err(failure)), ..host() }
}

#[test]
fn handshakes_that_fail_are_the_one_finding() {
    let other = |reason: &str| HandshakeFailure::Other { reason: reason.to_owned() };
    let silent = HandshakeFailure::Silent { after: Duration::from_millis(10_500) };
    for (failure, name, message) in [
        (
            HandshakeFailure::OldVersion,
            "old-tls-version",
            "apps.example.com speaks neither TLS 1.2 nor TLS 1.3",
        ),
        (
            HandshakeFailure::NoCommonSuite,
            "old-tls-version",
            "apps.example.com takes none of the cipher suites that devices prefer: ECDHE with AES-GCM or ChaCha20",
        ),
        (HandshakeFailure::NotTls, "handshake-failed", "apps.example.com answers, and speaks no TLS"),
        (
            HandshakeFailure::Dropped,
            "handshake-failed",
            "apps.example.com takes the connection and closes it in the handshake of TLS",
        ),
        (
            silent,
            "handshake-failed",
            "apps.example.com takes the connection and is silent: no TLS within 10.5 s",
        ),
        (
            other("the server knows no such name (alert unrecognized_name)"),
            "handshake-failed",
            "TLS with apps.example.com does not come about: the server knows no such name (alert unrecognized_name)",
        ),
    ] {
        let report = Road::of(failed(failure)).report();
        let found: Vec<_> = report.findings.iter().map(|one| (&*one.name, &*one.message)).collect();
        assert_eq!(found, [(name, message)]);
        assert_eq!(report.fails_at, Some(Station::Tls));
    }
    let wanted = Road::of(failed(HandshakeFailure::CertificateWanted));
    assert!(wanted.report().findings[0].fix.contains("client certificates"));
}

#[test]
fn certificates_that_are_not_there_or_can_not_be_read_are_told() {
    for (sent, expected) in [
        (vec![], "apps.example.com sends no certificate"),
        (
            vec![Err("the data ends within a value".to_owned())],
            "apps.example.com sends a certificate that can't be read: the data ends within a value",
        ),
    ] {
        let seen = Tls { sent, chain: None, anchor: Anchor::Unknown, ..ServerPki::sound().tls() };
        let report = Road::of(host_with(seen)).report();
        let found: Vec<_> = report.findings.iter().map(|one| (&*one.name, &*one.message)).collect();
        assert_eq!(found, [("handshake-failed", expected)]);
    }
}

#[test]
fn no_answer_after_a_failed_handshake_is_no_finding_of_its_own() {
    let road = Road::of(failed(HandshakeFailure::NotTls));
    assert!(matches!(road.manifest.by_installer.last().answer, Err(NoAnswer::NoConnection)));
    assert_eq!(road.findings(), one("handshake-failed", Error));
}

#[test]
fn a_host_without_tls_has_no_certificate_to_judge() {
    let plain = Host { tls: Fact::Absent, port: 80, ..host() };
    let road = Road::of(plain);
    assert!(road.report().findings.iter().all(|finding| !finding.code.starts_with("TLS")));
}

#[test]
fn a_certificate_of_the_client_is_told_where_nothing_comes_without_it() {
    let mut road = Road::of(host_with(Tls { asks_for_certificate: true, ..ServerPki::sound().tls() }));
    assert_eq!(road.findings(), [], "it is asked for, and not needed");
    road.manifest.by_installer.hops[0].answer = Err(NoAnswer::Dropped);
    assert_eq!(road.first_cause().as_deref(), Some("handshake-failed"));
    let follows: Vec<_> =
        road.report().findings.into_iter().filter_map(|finding| finding.follows_from).collect();
    assert_eq!(follows, ["TLS013"]);

    let mut unasked = Road::sound();
    unasked.manifest.by_installer.hops[0].answer = Err(NoAnswer::Dropped);
    assert_eq!(unasked.first_cause().as_deref(), Some("manifest-cut-off"));
}
