//! TLS: whom a certificate comes from.

use doctor::Severity::{Error, Note, Warning};
use doctor::{Anchor, Tls, Verdict};
use testkit::pki::{CertificateBuilder, Digest, Identity, Key, Name};
use time::Duration;

use crate::certificates::{bare, found, message, one, self_signed, valid, value};
use crate::facts::{NAME, NOW, Road, ServerPki, host_with, read, tls};

/// The leaf alone, where nobody knows a root.
fn alone(change: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> (Tls, ServerPki) {
    let pki = ServerPki::with_leaf(change);
    (tls(&[&pki.leaf], &[], Anchor::Unknown), pki)
}

#[test]
fn a_missing_authority_is_told_from_a_private_root() {
    let policy = |last: u8| value(0x30, &value(0x30, &value(6, &[0x67, 0x81, 0x0c, 1, 2, last])));
    let above = |name: &str| {
        let name = Name::new().common_name(name);
        let root = CertificateBuilder::new(name, NOW).self_signed(Key::p256("above"));
        value(0x30, &value(0xa1, &value(0xa4, &root.certificate.subject)))
    };
    let incomplete = || one("chain-incomplete", Error);
    let private = || one("private-root", Warning);
    let authority = "2.5.29.35";
    for (change, expected, why) in [
        (Box::new(|leaf| leaf) as Box<dyn FnOnce(CertificateBuilder) -> _>, private(), "nothing says more"),
        (
            Box::new(|leaf: CertificateBuilder| leaf.information_access(&[], &["http://r3.example/r3.crt"])),
            incomplete(),
            "it says where the issuer is",
        ),
        (
            Box::new(|leaf: CertificateBuilder| leaf.information_access(&["http://ocsp.example"], &[])),
            private(),
            "it says who tells of revocation",
        ),
        (
            Box::new(|leaf: CertificateBuilder| leaf.information_access(&[], &["ldap:///CN=Corp"])),
            private(),
            "the issuer is in a directory",
        ),
        (
            Box::new(|leaf: CertificateBuilder| leaf.extension("1.3.6.1.4.1.11129.2.4.2", &[4, 2, 0, 0])),
            incomplete(),
            "it is in the public logs",
        ),
        (
            Box::new(move |leaf: CertificateBuilder| leaf.extension("2.5.29.32", &policy(1))),
            incomplete(),
            "its domain was validated",
        ),
        (
            Box::new(move |leaf: CertificateBuilder| {
                leaf.extension("2.5.29.32", &value(0x30, &value(0x30, &value(6, &[0x2a, 3]))))
            }),
            private(),
            "some policy",
        ),
        (
            Box::new(move |leaf: CertificateBuilder| leaf.extension(authority, &above("Example Root"))),
            incomplete(),
            "another issued the issuer",
        ),
    ] {
        assert_eq!(found(alone(change).0), expected, "{why}");
    }
}

#[test]
fn an_issuers_name_can_say_that_it_is_no_root() {
    for (name, expected) in [
        ("Example Issuing CA 2", one("chain-incomplete", Error)),
        ("EXAMPLE INTERMEDIATE", one("chain-incomplete", Error)),
        ("Example Sub-CA", one("chain-incomplete", Error)),
        ("Example Subway CA", one("private-root", Warning)),
        ("Example CA", one("private-root", Warning)),
    ] {
        let issuer = ServerPki::authority(name, 900).self_signed(Key::p256("issuer"));
        let leaf = ServerPki::server(NAME).issued_by(&issuer, Key::p256("server"));
        assert_eq!(found(tls(&[&leaf], &[], Anchor::Unknown)), expected, "{name}");
    }
}

#[test]
fn roots_that_are_given_tell_what_is_missing() {
    let (seen, pki) = alone(|leaf| leaf);
    let same_name = ServerPki::authority("Example R3", 900).self_signed(Key::p256("newer"));
    for (given, expected) in
        [(&pki.root, one("chain-incomplete", Error)), (&same_name, one("private-root", Warning))]
    {
        let mut road = Road::of(host_with(seen.clone()));
        road.given_roots = vec![read(given)];
        assert_eq!(road.findings(), expected);
    }
    let mut road = Road::of(host_with(seen));
    road.given_roots = vec![read(&same_name)];
    let said = message(&road.report(), "private-root");
    assert!(said.ends_with("; the root of this name that was given has another key"), "{said}");
}

#[test]
fn an_incomplete_chain_says_what_to_send() {
    let (seen, _) = alone(|leaf| leaf.information_access(&[], &["http://r3.example/r3.crt"]));
    let finding = Road::of(host_with(seen)).report().findings.remove(0);
    assert_eq!(
        finding.message,
        "apps.example.com does not send the certificate of \"Example R3\", which issued its own: the certificate says where it is to be had"
    );
    assert!(finding.fix.contains("http://r3.example/r3.crt"), "{}", finding.fix);
    assert_eq!(finding.host.as_deref(), Some("apps.example.com"));
}

#[test]
fn the_end_of_the_chain_tells_whose_it_is() {
    let pki = ServerPki::sound();
    let ServerPki { root, intermediate, leaf } = &pki;
    let private = |severity| one("private-root", severity);
    for (seen, expected, why) in [
        (pki.tls(), vec![], "a root that devices come with"),
        (tls(&[leaf, intermediate, root], &[root], Anchor::Shipped), vec![], "which is sent, too"),
        (tls(&[leaf, intermediate], &[root], Anchor::Given), private(Note), "a root that was given"),
        (
            tls(&[leaf, intermediate], &[root], Anchor::Public),
            private(Warning),
            "a public one of unknown use",
        ),
        (
            tls(&[leaf, intermediate, root], &[], Anchor::Unknown),
            private(Warning),
            "a private one that is sent",
        ),
        (tls(&[leaf, intermediate], &[], Anchor::Unknown), private(Warning), "a private one that is not"),
        (tls(&[leaf, root], &[root], Anchor::Unknown), private(Warning), "nothing between leaf and root"),
    ] {
        assert_eq!(found(seen), expected, "{why}");
    }
}

#[test]
fn a_private_root_leaves_the_road_open() {
    let pki = ServerPki::sound();
    let seen = tls(&[&pki.leaf, &pki.intermediate, &pki.root], &[], Anchor::Unknown);
    assert_eq!(Road::of(host_with(seen)).report().verdict, Verdict::Installs);
}

#[test]
fn chains_that_do_not_hold_are_told() {
    let pki = ServerPki::sound();
    let impostor = ServerPki::server(NAME).forged(
        &pki.intermediate.certificate,
        &Key::p256("stranger"),
        Key::p256("server"),
    );
    let no_authority = bare("Example R3").issued_by(&pki.root, Key::p256("intermediate"));
    let below_it = ServerPki::server(NAME).issued_by(&no_authority, Key::p256("server"));
    for (seen, end) in [
        (
            tls(&[&impostor, &pki.intermediate], &[&pki.root], Anchor::Unknown),
            "its issuer has not signed it: the signature was made with another key, or over something else",
        ),
        (
            tls(&[&below_it, &no_authority], &[&pki.root], Anchor::Unknown),
            "its issuer may not issue certificates",
        ),
    ] {
        let road = Road::of(host_with(seen));
        assert_eq!(road.findings(), one("chain-incomplete", Error));
        assert_eq!(
            message(&road.report(), "chain-incomplete"),
            format!(
                "the chain breaks at \"apps.example.com\", which names \"Example R3\" as its issuer: {end}"
            )
        );
    }
}

#[test]
fn a_chain_that_can_not_be_checked_is_skipped() {
    let root =
        ServerPki::authority("Example Root X1", 900).digest(Digest::Sha512).self_signed(Key::p256("root"));
    let leaf = ServerPki::server(NAME).digest(Digest::Sha512).issued_by(&root, Key::p256("server"));
    let road = Road::of(host_with(tls(&[&leaf, &root], &[], Anchor::Unknown)));
    let report = road.report();
    assert_eq!(road.findings(), []);
    let skipped: Vec<_> =
        report.skipped.iter().filter(|one| one.option.is_none()).map(|one| one.name).collect();
    assert_eq!(skipped, ["self-signed-certificate", "chain-incomplete", "private-root"]);
    assert_eq!(report.verdict, Verdict::CannotTell);
}

#[test]
fn a_self_signed_certificate_that_is_given_is_a_root() {
    let own = ServerPki::server(NAME).self_signed(Key::p256("server"));
    assert_eq!(found(tls(&[&own], &[], Anchor::Unknown)), one("self-signed-certificate", Error));
    assert_eq!(found(tls(&[&own], &[&own], Anchor::Given)), one("private-root", Note));

    let long = valid(NOW - Duration::DAY, NOW + Duration::days(3650)).self_signed(Key::p256("server"));
    let expected = [("lifetime-too-long".to_owned(), Warning), ("private-root".to_owned(), Note)];
    assert_eq!(found(tls(&[&long], &[&long], Anchor::Given)), expected);
}

#[test]
fn issuers_that_nobody_meant_to_have_are_known() {
    let fix = |seen: Tls| Road::of(host_with(seen)).report().findings.remove(0).fix;
    let below = |name: &str, is_sent: bool| {
        let root = ServerPki::authority(name, 900).self_signed(Key::p256("root"));
        let leaf = ServerPki::server(NAME).issued_by(&root, Key::p256("server"));
        let sent: Vec<&Identity> = if is_sent { vec![&leaf, &root] } else { vec![&leaf] };
        fix(tls(&sent, &[], Anchor::Unknown))
    };
    for (name, advice) in [
        ("CloudFlare Origin Certificate", "Cloudflare's proxy"),
        ("(STAGING) Artificial Apricot", "Let's Encrypt's real service"),
        ("mkcert development CA", "mkcert -CAROOT"),
        ("Zscaler Root CA", "another network"),
        ("Example Root", "Certificate Trust Settings"),
    ] {
        for is_sent in [true, false] {
            assert!(below(name, is_sent).contains(advice), "{name}: {}", below(name, is_sent));
        }
    }
    let default = self_signed(&bare("TRAEFIK DEFAULT CERT"));
    assert!(fix(default).contains("Traefik"));
}
