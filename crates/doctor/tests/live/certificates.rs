//! TLS: what a certificate says: its dates, names, keys, signatures, life and purpose.

use std::net::IpAddr;

use doctor::Severity::{Error, Note, Warning};
use doctor::{Anchor, Report, Revocations, Severity, Standing, Tls, Verdict};
use ipa::Fact;
use testkit::pki::{CertificateBuilder, Digest, Key, Name, RsaKey};
use time::macros::utc_datetime;
use time::{Duration, UtcDateTime};

use crate::facts::{NAME, NOW, Road, ServerPki, host_with, read, tls};

pub(crate) type Found = Vec<(String, Severity)>;

pub(crate) fn one(name: &str, severity: Severity) -> Found {
    vec![(name.to_owned(), severity)]
}

pub(crate) fn found(tls: Tls) -> Found {
    Road::of(host_with(tls)).findings()
}

/// What is found of a leaf below a root that devices come with.
pub(crate) fn of_leaf(change: impl FnOnce(CertificateBuilder) -> CertificateBuilder) -> Found {
    found(ServerPki::with_leaf(change).tls())
}

pub(crate) fn message(report: &Report, name: &str) -> String {
    let finding = report.findings.iter().find(|finding| finding.name == name);
    finding.map_or_else(|| format!("no {name}: {:?}", report.findings), |finding| finding.message.clone())
}

/// A server's certificate without alternative names and purposes.
pub(crate) fn bare(common_name: &str) -> CertificateBuilder {
    CertificateBuilder::new(Name::new().common_name(common_name), NOW - Duration::days(30))
        .not_after(NOW + Duration::days(60))
        .end_entity()
}

pub(crate) fn self_signed(builder: &CertificateBuilder) -> Tls {
    tls(&[&builder.self_signed(Key::p256("server"))], &[], Anchor::Unknown)
}

/// The bits of an RSA key with so many of them, as `SubjectPublicKeyInfo`.
pub(crate) fn rsa_info(bits: usize) -> Vec<u8> {
    let bytes = bits.div_ceil(8);
    let first = 0xff_u8 >> (bytes * 8 - bits);
    let modulus = [&[0][..], &[first], &vec![0x55; bytes - 1]].concat();
    let key = value(0x30, &[value(2, &modulus), value(2, &[1, 0, 1])].concat());
    key_info(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1], &[5, 0], &key)
}

pub(crate) fn curve_info(curve: &[u8]) -> Vec<u8> {
    key_info(&[0x2a, 0x86, 0x48, 0xce, 0x3d, 2, 1], &value(6, curve), &[4; 65])
}

pub(crate) fn key_info(kind: &[u8], parameters: &[u8], key: &[u8]) -> Vec<u8> {
    let algorithm = value(0x30, &[&value(6, kind), parameters].concat());
    value(0x30, &[algorithm, value(3, &[&[0], key].concat())].concat())
}

/// A value in DER.
pub(crate) fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let [high, low] = u16::try_from(content.len()).expect("it is short").to_be_bytes();
    let length = match (high, low) {
        (0, 0..0x80) => vec![low],
        (0, _) => vec![0x81, low],
        _ => vec![0x82, high, low],
    };
    [&[tag], &length[..], content].concat()
}

#[test]
fn certificates_end_with_their_last_second() {
    for (end, expected) in [
        (NOW + Duration::days(60), vec![]),
        (NOW, one("certificate-expired", Warning)),
        (NOW - Duration::SECOND, one("certificate-expired", Error)),
        (NOW - Duration::days(900), one("certificate-expired", Error)),
    ] {
        let begin = end - Duration::days(90);
        assert_eq!(of_leaf(|_| valid(begin, end)), expected, "{end}");
    }
    let mut road = Road::of(host_with(ServerPki::with_leaf(|_| valid(NOW - Duration::DAY, NOW)).tls()));
    road.now = NOW + Duration::milliseconds(999);
    assert_eq!(road.findings(), one("certificate-expired", Warning), "within its last second");
}

/// A server's certificate with these dates.
pub(crate) fn valid(begin: UtcDateTime, end: UtcDateTime) -> CertificateBuilder {
    CertificateBuilder::new(Name::new().common_name(NAME), begin)
        .not_after(end)
        .end_entity()
        .server_authentication()
        .alternative_names(&[NAME], &[])
}

#[test]
fn what_should_have_been_renewed_is_a_warning() {
    let soon = || one("certificate-expired", Warning);
    for (life, left, expected) in [
        (Duration::days(90), Duration::days(30), vec![]),
        (Duration::days(90), Duration::days(14), vec![]),
        (Duration::days(90), Duration::days(14) - Duration::SECOND, soon()),
        (Duration::days(360), Duration::days(14), vec![]),
        (Duration::days(360), Duration::days(13), soon()),
        (Duration::days(6), Duration::days(2), vec![]),
        (Duration::days(6), Duration::days(1), vec![]),
        (Duration::days(6), Duration::hours(23), soon()),
    ] {
        let end = NOW + left;
        assert_eq!(of_leaf(|_| valid(end - life, end)), expected, "{life}, {left} left");
    }
}

#[test]
fn certificates_begin_with_their_first_second() {
    for (begin, expected) in [
        (NOW, vec![]),
        (NOW + Duration::SECOND, one("certificate-not-yet-valid", Error)),
        (NOW + Duration::days(2), one("certificate-not-yet-valid", Error)),
    ] {
        assert_eq!(of_leaf(|_| valid(begin, begin + Duration::days(90))), expected, "{begin}");
    }
}

#[test]
fn dates_of_authorities_count_unless_they_are_of_a_shipped_root() {
    let root = ServerPki::authority("Example Root X1", 3650).self_signed(Key::p256("root"));
    let past = |name: &str| {
        let name = Name::new().common_name(name);
        CertificateBuilder::new(name, NOW - Duration::days(900)).not_after(NOW - Duration::DAY).authority()
    };
    let expired = past("Example R3").issued_by(&root, Key::p256("intermediate"));
    let leaf = ServerPki::server(NAME).issued_by(&expired, Key::p256("server"));
    let road = Road::of(host_with(tls(&[&leaf, &expired], &[&root], Anchor::Shipped)));
    assert_eq!(road.findings(), one("certificate-expired", Error));
    let said = message(&road.report(), "certificate-expired");
    assert_eq!(
        said,
        "the certificate of \"Example R3\", above the host's own, of apps.example.com expired on 2026-05-31"
    );

    let old_root = past("Example Root X0").self_signed(Key::p256("root"));
    let leaf = ServerPki::server(NAME).issued_by(&old_root, Key::p256("server"));
    assert_eq!(found(tls(&[&leaf], &[&old_root], Anchor::Shipped)), []);
    let given = found(tls(&[&leaf], &[&old_root], Anchor::Given));
    assert!(given.contains(&("certificate-expired".to_owned(), Error)), "{given:?}");
}

#[test]
fn names_are_those_of_the_certificate() {
    let address: IpAddr = [93, 184, 215, 14].into();
    let mismatch = || one("certificate-name-mismatch", Error);
    for (names, addresses, host_name, expected) in [
        (vec![NAME], vec![], NAME, vec![]),
        (vec!["example.com", "*.example.com"], vec![], NAME, vec![]),
        (vec!["*.example.com"], vec![], "example.com", mismatch()),
        (vec!["*.example.com"], vec![], "a.b.example.com", mismatch()),
        (vec!["www.example.com"], vec![], NAME, mismatch()),
        (vec![], vec![], NAME, mismatch()),
        (vec!["*.local"], vec![], "mac.local", one("certificate-name-mismatch", Warning)),
        (vec![], vec![address], "93.184.215.14", vec![]),
        (vec!["93.184.215.14"], vec![], "93.184.215.14", mismatch()),
        (vec![NAME], vec![], "93.184.215.14", mismatch()),
    ] {
        let leaf = |_| bare("apps.example.com").server_authentication().alternative_names(&names, &addresses);
        let mut host = host_with(ServerPki::with_leaf(leaf).tls());
        host_name.clone_into(&mut host.name);
        assert_eq!(Road::of(host).findings(), expected, "{names:?} {addresses:?} for {host_name}");
    }
}

#[test]
fn a_mismatch_says_whom_the_certificate_is_for() {
    let says = |leaf: CertificateBuilder| {
        let road = Road::of(host_with(ServerPki::with_leaf(|_| leaf).tls()));
        message(&road.report(), "certificate-name-mismatch")
    };
    let many: Vec<String> = (1..=7).map(|number| format!("h{number}.example")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    for (leaf, expected) in [
        (
            bare("x").alternative_names(&["a.example", "b.example"], &[]),
            "the certificate is not for \"apps.example.com\", but for \"a.example\" and \"b.example\"",
        ),
        (
            bare("x").alternative_names(&many, &[]),
            "the certificate is not for \"apps.example.com\", but for \"h1.example\", \"h2.example\", \"h3.example\", \"h4.example\", \"h5.example\" and 2 more",
        ),
        (
            bare(NAME),
            "the certificate has no alternative names, and its common name, \"apps.example.com\", no longer counts",
        ),
        (
            bare(NAME).extension("2.5.29.17", &[4, 0]),
            "whom the certificate is for can't be read: the certificate's list of alternative names is missing or something else stands in its place",
        ),
    ] {
        assert_eq!(says(leaf.server_authentication()), expected);
    }
}

#[test]
fn keys_have_a_least_size() {
    let weak = || one("weak-key", Error);
    let p224 = curve_info(&[0x2b, 0x81, 4, 0, 33]);
    let p384 = curve_info(&[0x2b, 0x81, 4, 0, 34]);
    let secp256k1 = curve_info(&[0x2b, 0x81, 4, 0, 10]);
    let ed25519 = value(0x30, &[value(0x30, &value(6, &[0x2b, 0x65, 0x70])), value(3, &[0; 33])].concat());
    for (info, expected, why) in [
        (rsa_info(2048), vec![], "RSA with 2048"),
        (rsa_info(2047), weak(), "RSA with 2047"),
        (rsa_info(1024), weak(), "RSA with 1024"),
        (rsa_info(4096), vec![], "RSA with 4096"),
        (p384, vec![], "P-384"),
        (p224, weak(), "P-224"),
        (secp256k1, weak(), "secp256k1"),
        (ed25519, weak(), "Ed25519"),
    ] {
        assert_eq!(of_leaf(|leaf| leaf.claimed_key(info)), expected, "{why}");
    }
}

#[test]
fn keys_of_authorities_count_except_those_of_public_roots() {
    let root =
        ServerPki::authority("Example Root", 900).claimed_key(rsa_info(1024)).self_signed(Key::p256("root"));
    let issuer = ServerPki::authority("Example R3", 900).self_signed(Key::p256("intermediate"));
    let leaf = ServerPki::server(NAME).issued_by(&issuer, Key::p256("server"));
    // Its chain ends before the root, whose key is none that signed.
    let seen = tls(&[&leaf, &issuer], &[&issuer], Anchor::Shipped);
    assert_eq!(found(seen), []);
    for (anchor, expected) in [(Anchor::Shipped, vec![]), (Anchor::Given, one("weak-key", Error))] {
        let mut seen = tls(&[&leaf, &issuer], &[&issuer], anchor);
        let chain = seen.chain.as_mut().expect("there is one");
        *chain.certificates.last_mut().expect("there is one") = read(&root);
        let found: Found = found(seen).into_iter().filter(|(name, _)| name == "weak-key").collect();
        assert_eq!(found, expected, "{anchor:?}");
    }
}

#[test]
fn signatures_over_broken_digests_are_told_up_to_the_root() {
    let key = Key::rsa_2048;
    let chain = |root: Digest, intermediate: Digest, leaf: Digest| {
        let root = ServerPki::authority("Example Root", 900).digest(root).self_signed(key(RsaKey::A));
        let intermediate =
            ServerPki::authority("Example R3", 900).digest(intermediate).issued_by(&root, key(RsaKey::B));
        let leaf = ServerPki::server(NAME).digest(leaf).issued_by(&intermediate, key(RsaKey::C));
        tls(&[&leaf, &intermediate], &[&root], Anchor::Shipped)
    };
    let weak = || one("weak-signature", Error);
    let (sha1, sha256, sha384) = (Digest::Sha1, Digest::Sha256, Digest::Sha384);
    for (digests, expected) in [
        ([sha256, sha256, sha256], vec![]),
        ([sha1, sha256, sha384], vec![]),
        ([sha256, sha1, sha256], weak()),
        ([sha256, sha256, sha1], weak()),
    ] {
        let [root, intermediate, leaf] = digests;
        assert_eq!(found(chain(root, intermediate, leaf)), expected, "{digests:?}");
    }
    let report = Road::of(host_with(chain(sha1, sha1, sha1))).report();
    assert_eq!(report.findings.len(), 2);
}

#[test]
fn lives_are_as_long_as_apple_allows() {
    let day = Duration::DAY;
    let long = || one("lifetime-too-long", Error);
    let soon = || one("lifetime-too-long", Warning);
    let since_2019 = utc_datetime!(2019-07-01 0:00);
    let since_2020 = utc_datetime!(2020-09-01 0:00);
    let since_2026 = utc_datetime!(2026-03-15 0:00);
    let since_2027 = utc_datetime!(2027-03-15 0:00);
    let since_2029 = utc_datetime!(2029-03-15 0:00);
    for (anchor, begin, life, expected) in [
        (Anchor::Shipped, since_2020, day * 398, vec![]),
        (Anchor::Shipped, since_2020, day * 398 + Duration::SECOND, long()),
        (Anchor::Shipped, since_2020 - Duration::SECOND, day * 825, vec![]),
        (Anchor::Shipped, since_2020 - Duration::SECOND, day * 826, long()),
        (Anchor::Given, since_2020, day * 825, vec![]),
        (Anchor::Given, since_2020, day * 825 + Duration::SECOND, soon()),
        (Anchor::Given, since_2020, day * 825 + Duration::HOUR, soon()),
        (Anchor::Given, since_2020, day * 825 + Duration::HOUR + Duration::SECOND, long()),
        (Anchor::Unknown, since_2020, day * 826, long()),
        (Anchor::Unknown, since_2019, day * 3650, vec![]),
        (Anchor::Unknown, since_2019 + Duration::SECOND, day * 3650, long()),
        (Anchor::Shipped, since_2026, day * 200, vec![]),
        (Anchor::Shipped, since_2026, day * 200 + Duration::SECOND, soon()),
        (Anchor::Shipped, since_2026, day * 399, long()),
        (Anchor::Shipped, since_2026 - Duration::SECOND, day * 398, vec![]),
        (Anchor::Public, since_2026, day * 201, soon()),
        (Anchor::Given, since_2026, day * 398, vec![]),
        (Anchor::Shipped, since_2027, day * 100, vec![]),
        (Anchor::Shipped, since_2027, day * 101, soon()),
        (Anchor::Shipped, since_2029, day * 47, vec![]),
        (Anchor::Shipped, since_2029, day * 48, soon()),
    ] {
        let pki = ServerPki::with_leaf(|_| valid(begin, begin + life));
        let seen = match anchor {
            Anchor::Unknown => tls(&[&pki.leaf, &pki.intermediate, &pki.root], &[], anchor),
            _ => tls(&[&pki.leaf, &pki.intermediate], &[&pki.root], anchor),
        };
        let mut road = Road::of(host_with(seen));
        road.now = begin + Duration::DAY;
        let found: Found =
            road.findings().into_iter().filter(|(name, _)| name == "lifetime-too-long").collect();
        assert_eq!(found, expected, "{anchor:?}, {begin}, {life}");
    }
}

#[test]
fn servers_have_their_purpose() {
    const USAGE: &str = "2.5.29.37";
    let purpose = |last: u8| value(6, &[0x2b, 6, 1, 5, 5, 7, 3, last]);
    let any = || value(6, &[0x55, 0x1d, 0x25, 0]);
    let named = || bare("x").alternative_names(&[NAME], &[]);
    let missing = || one("missing-server-auth", Error);
    for (leaf, expected, why) in [
        (named().server_authentication(), vec![], "for servers"),
        (named().extension(USAGE, &value(0x30, &[purpose(2), purpose(1)].concat())), vec![], "for both"),
        (named(), missing(), "for nothing in particular"),
        (named().extension(USAGE, &value(0x30, &purpose(2))), missing(), "for clients"),
        (named().extension(USAGE, &value(0x30, &any())), missing(), "for anything"),
        (named().extension(USAGE, &value(0x30, &[])), missing(), "for nothing"),
        (named().extension(USAGE, &[5, 0]), missing(), "not to be read"),
    ] {
        assert_eq!(of_leaf(|_| leaf), expected, "{why}");
    }
    let begin = utc_datetime!(2019-07-01 0:00);
    for (begin, expected) in [(begin, vec![]), (begin + Duration::SECOND, missing())] {
        let leaf =
            |_| CertificateBuilder::new(Name::new().common_name("x"), begin).alternative_names(&[NAME], &[]);
        let mut road = Road::of(host_with(ServerPki::with_leaf(leaf).tls()));
        road.now = begin + Duration::days(1);
        // The authorities of the test are younger.
        let found: Found =
            road.findings().into_iter().filter(|(name, _)| name == "missing-server-auth").collect();
        assert_eq!(found, expected, "{begin}");
    }
}

#[test]
fn authorities_below_public_roots_must_allow_servers() {
    let root = ServerPki::authority("Example Root", 900).self_signed(Key::p256("root"));
    let mail = value(0x30, &value(6, &[0x2b, 6, 1, 5, 5, 7, 3, 4]));
    let issuer = ServerPki::authority("Example R3", 900).extension("2.5.29.37", &mail);
    let issuer = issuer.issued_by(&root, Key::p256("intermediate"));
    let leaf = ServerPki::server(NAME).issued_by(&issuer, Key::p256("server"));
    let seen = |anchor| tls(&[&leaf, &issuer], &[&root], anchor);
    assert_eq!(found(seen(Anchor::Shipped)), one("missing-server-auth", Error));
    assert_eq!(found(seen(Anchor::Given)), one("private-root", Note));
}

#[test]
fn revoked_certificates_are_told_where_that_was_asked() {
    let pki = ServerPki::sound();
    let (leaf, intermediate) = (read(&pki.leaf), read(&pki.intermediate));
    let good = || Fact::Known(Standing::Good { as_of: NOW });
    let revoked =
        || Fact::Known(Standing::Revoked { at: NOW - Duration::days(3), reason: Some("keyCompromise") });
    let silent = || Fact::NotMeasured("the authority did not answer".to_owned());
    for (of_leaf, of_intermediate, expected, verdict) in [
        (Some(good()), None, vec![], Verdict::Installs),
        (Some(good()), Some(good()), vec![], Verdict::Installs),
        (Some(good()), Some(silent()), vec![], Verdict::Installs),
        (Some(revoked()), None, one("revoked-certificate", Error), Verdict::Fails),
        (Some(good()), Some(revoked()), one("revoked-certificate", Error), Verdict::Fails),
        (None, Some(revoked()), one("revoked-certificate", Error), Verdict::Fails),
        (Some(silent()), None, vec![], Verdict::CannotTell),
        (None, None, vec![], Verdict::Installs),
        (Some(Fact::Absent), None, vec![], Verdict::Installs),
    ] {
        let what = format!("{of_leaf:?}, {of_intermediate:?}");
        let mut revocations = Revocations::default();
        for (certificate, standing) in [(&leaf, of_leaf), (&intermediate, of_intermediate)] {
            if let Some(standing) = standing {
                revocations.insert(certificate, standing);
            }
        }
        let mut road = Road::of(host_with(pki.tls()));
        road.revocations = Some(revocations);
        assert_eq!((road.findings(), road.report().verdict), (expected, verdict), "{what}");
    }
    let mut road = Road::of(host_with(pki.tls()));
    let mut revocations = Revocations::default();
    revocations.insert(&leaf, revoked());
    road.revocations = Some(revocations);
    let said = message(&road.report(), "revoked-certificate");
    assert_eq!(said, "the certificate of apps.example.com was revoked on 2026-05-29 (keyCompromise)");
}

#[test]
fn revocation_that_nobody_asked_for_is_named_with_its_option() {
    let report = Road::sound().report();
    let skipped: Vec<_> = report.skipped.iter().map(|one| (one.name, one.option)).collect();
    assert!(skipped.contains(&("revoked-certificate", Some("--revocation"))), "{skipped:?}");
    assert_eq!(report.verdict, Verdict::Installs);
}
