//! Which of several faults of certificates stands first, and where.

use std::sync::Arc;

use doctor::Severity::{Error, Warning};
use doctor::{Anchor, Host, Revocations, Standing, Station};
use ipa::Fact;
use testkit::pki::{CertificateBuilder, Name};
use time::Duration;

use crate::certificates::{bare, one, rsa_info, self_signed, valid, value};
use crate::facts::{NAME, NOW, Road, ServerPki, host_with, read, tls};

#[test]
fn all_that_is_wrong_with_a_self_signed_certificate_follows_from_that() {
    let ended = NOW - Duration::days(5);
    let old = CertificateBuilder::new(Name::new().common_name("localhost"), ended - Duration::days(1000))
        .not_after(ended)
        .claimed_key(rsa_info(1024));
    let road = Road::of(host_with(self_signed(&old)));
    assert_eq!(road.first_cause().as_deref(), Some("self-signed-certificate"));
    let report = road.report();
    let errors: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.severity == Error)
        .map(|finding| (&*finding.name, finding.follows_from.as_deref()))
        .collect();
    assert_eq!(
        errors,
        [
            ("self-signed-certificate", None),
            ("weak-key", Some("TLS005")),
            ("lifetime-too-long", Some("TLS005")),
            ("missing-server-auth", Some("TLS005")),
            ("certificate-name-mismatch", Some("TLS005")),
            ("certificate-expired", Some("TLS005")),
        ]
    );
}

#[test]
fn another_hosts_certificate_is_not_to_be_renewed() {
    let end = NOW - Duration::days(7);
    let leaf = |_| {
        CertificateBuilder::new(Name::new().common_name("x"), end - Duration::days(90))
            .not_after(end)
            .server_authentication()
            .alternative_names(&["www.example.com"], &[])
    };
    let road = Road::of(host_with(ServerPki::with_leaf(leaf).tls()));
    assert_eq!(road.first_cause().as_deref(), Some("certificate-name-mismatch"));
    let report = road.report();
    let expired = report.findings.iter().find(|finding| finding.name == "certificate-expired");
    assert_eq!(expired.and_then(|finding| finding.follows_from.as_deref()), Some("TLS003"));
}

#[test]
fn what_is_wrong_with_one_host_explains_nothing_at_another() {
    let mut road = Road::of(host_with(self_signed(&ServerPki::server(NAME))));
    let ended = NOW - Duration::DAY;
    let pki = ServerPki::with_leaf(|_| {
        valid(ended - Duration::days(90), ended).alternative_names(&["cdn.example.com"], &[])
    });
    let mut cdn = host_with(pki.tls());
    cdn.name = "cdn.example.com".to_owned();
    let cdn = Arc::new(cdn);
    for fetch in [&mut road.package.head, &mut road.package.get.by_installer] {
        fetch.hops[0].host = Arc::clone(&cdn);
    }
    let report = road.report();
    let at_cdn: Vec<_> =
        report.findings.iter().filter(|finding| finding.host.as_deref() == Some("cdn.example.com")).collect();
    assert!(!at_cdn.is_empty() && at_cdn.iter().all(|finding| finding.station == Station::PackageFetch));
    assert!(at_cdn.iter().all(|finding| finding.follows_from.as_deref() != Some("TLS005")), "{at_cdn:?}");
    assert_eq!(report.first_cause().map(|finding| &*finding.name), Some("self-signed-certificate"));
}

#[test]
fn a_certificate_of_the_page_alone_is_a_warning_at_the_page() {
    let mut road = Road::sound();
    let pages = Host {
        name: "pages.example.com".to_owned(),
        ..host_with(self_signed(&ServerPki::server("pages.example.com")))
    };
    road.page.hops[0].host = Arc::new(pages);
    assert_eq!(road.findings(), one("self-signed-certificate", Warning));
    assert_eq!(road.report().findings[0].station, Station::Page);
}

/// Faults of one certificate, and what stands first of two.
#[test]
fn of_two_faults_the_one_that_devices_name_is_the_first_cause() {
    type Change = fn(CertificateBuilder) -> CertificateBuilder;
    // In the order in which they count.
    let faults: [(&str, Change); 5] = [
        ("weak-key", |leaf| leaf.claimed_key(rsa_info(1024))),
        ("lifetime-too-long", |leaf| leaf.not_after(NOW + Duration::days(900))),
        ("missing-server-auth", |leaf| leaf.extension("2.5.29.37", &value(0x30, &[]))),
        ("certificate-name-mismatch", |leaf| leaf.extension("2.5.29.17", &value(0x30, &[]))),
        ("certificate-expired", |leaf| leaf.not_after(NOW - Duration::DAY)),
    ];
    for (place, (first, change)) in faults.iter().enumerate() {
        for (second, other) in &faults[place + 1..] {
            // One has a single last day.
            if (*first, *second) == ("lifetime-too-long", "certificate-expired") {
                continue;
            }
            let base = || {
                CertificateBuilder::new(Name::new().common_name(NAME), NOW - Duration::days(30))
                    .not_after(NOW + Duration::days(60))
            };
            // The first of several extensions counts: what is sound comes last.
            let changed = |_| {
                other(change(base())).end_entity().server_authentication().alternative_names(&[NAME], &[])
            };
            let road = Road::of(host_with(ServerPki::with_leaf(changed).tls()));
            assert_eq!(road.first_cause().as_deref(), Some(*first), "{first} and {second}");
            let names: Vec<_> = road.findings().into_iter().map(|(name, _)| name).collect();
            assert_eq!(names, [*first, *second]);
        }
    }
}

#[test]
fn revoked_comes_before_all_but_self_signed_and_trust_before_names() {
    let pki = ServerPki::with_leaf(|_| {
        bare("x")
            .server_authentication()
            .alternative_names(&["www.example.com"], &[])
            .information_access(&[], &["http://r3.example/r3.crt"])
            .not_after(NOW - Duration::DAY)
    });
    let mut road = Road::of(host_with(tls(&[&pki.leaf], &[], Anchor::Unknown)));
    let names = |road: &Road<'_>| -> Vec<_> { road.findings().into_iter().map(|(name, _)| name).collect() };
    let unrevoked = ["chain-incomplete", "certificate-name-mismatch", "certificate-expired"];
    assert_eq!(names(&road), unrevoked);
    let mut revocations = Revocations::default();
    let standing = Fact::Known(Standing::Revoked { at: NOW, reason: None });
    revocations.insert(&read(&pki.leaf), standing);
    road.revocations = Some(revocations);
    assert_eq!(names(&road), [&["revoked-certificate"][..], &unrevoked].concat());
    assert_eq!(road.first_cause().as_deref(), Some("revoked-certificate"));
}
