//! Certificates of web servers: names, purposes, and who vouches for them.

use std::net::IpAddr;
use std::sync::LazyLock;

use proptest::prelude::*;
use signed_data::{AlternativeName, Certificate, Limits, SignatureDigest, SignedDataError};
use testkit::pki::{CertificateBuilder, Digest, Key, Name};
use time::macros::utc_datetime;

fn builder() -> CertificateBuilder {
    CertificateBuilder::new(Name::new().common_name("apps.example.com"), utc_datetime!(2026-06-01 12:00))
}

fn made(builder: &CertificateBuilder) -> Certificate {
    let der = builder.self_signed(Key::p256("server")).certificate.der;
    Certificate::read(&der, &Limits::default()).expect("it is a certificate")
}

/// A certificate whose extension has this value.
fn with(oid: &str, value: &[u8]) -> Certificate {
    made(&builder().extension(oid, value))
}

fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    [&[tag, u8::try_from(content.len()).expect("it is short")], content].concat()
}

#[test]
fn names_and_addresses_are_read_in_their_order() {
    let addresses: [IpAddr; 2] = ["192.0.2.7".parse().unwrap(), "2001:db8::7".parse().unwrap()];
    let certificate = made(&builder().alternative_names(&["*.example.com", "apps.example.com"], &addresses));
    let dns = |name: &str| AlternativeName::Dns(name.to_owned());
    let expected = [
        dns("*.example.com"),
        dns("apps.example.com"),
        AlternativeName::Address(addresses[0]),
        AlternativeName::Address(addresses[1]),
    ];
    assert_eq!(certificate.alternative_names().as_deref(), Ok(&expected[..]));
}

#[test]
fn odd_lists_of_names_are_told_from_none() {
    let bad = Err(SignedDataError::Structure { part: "the certificate's list of alternative names" });
    let dns = |name: &str| AlternativeName::Dns(name.to_owned());
    let mail = value(0x30, &[value(0x81, b"a@h.example"), value(0x82, b"h.example")].concat());
    for (found, expected, why) in [
        (made(&builder()), Ok(vec![]), "no extension"),
        (with("2.5.29.17", &value(0x30, &[])), Ok(vec![]), "an empty list"),
        (with("2.5.29.17", &mail), Ok(vec![dns("h.example")]), "an address of mail is left out"),
        (with("2.5.29.17", &value(0x30, &value(0x87, &[1, 2, 3]))), Ok(vec![]), "an address of three bytes"),
        (with("2.5.29.17", &value(0x30, &value(0x82, &[0xff]))), Ok(vec![dns("\u{fffd}")]), "no text"),
        (with("2.5.29.17", &value(0x31, &[])), bad.clone(), "a set"),
        (with("2.5.29.17", &[0x30, 9]), bad, "cut off"),
    ] {
        assert_eq!(found.alternative_names(), expected, "{why}");
    }
}

#[test]
fn purposes_are_read_or_refused() {
    let server = "1.3.6.1.5.5.7.3.1";
    let read = |certificate: &Certificate| {
        let usage = certificate.extended_key_usage();
        usage.map(|usage| usage.map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>()))
    };
    assert_eq!(read(&made(&builder())), Ok(None));
    assert_eq!(read(&made(&builder().server_authentication())), Ok(Some(vec![server.to_owned()])));
    assert_eq!(read(&with("2.5.29.37", &value(0x30, &[]))), Ok(Some(vec![])));
    let bad = Err(SignedDataError::Structure { part: "the certificate's list of purposes" });
    for (bytes, why) in [
        (&[4, 0][..], "no list"),
        (&[0x30, 2, 5, 0], "no purpose in it"),
        (&[0x30, 2, 6, 3], "a purpose cut off"),
    ] {
        assert_eq!(read(&with("2.5.29.37", bytes)), bad, "{why}");
    }
}

#[test]
fn who_vouches_for_it_is_read() {
    // CA/Browser Forum, domain-validated; and Let's Encrypt's own, with a qualifier.
    let domain = value(6, &[0x67, 0x81, 0x0c, 1, 2, 1]);
    let policies = value(
        0x30,
        &[value(0x30, &domain), value(0x30, &[value(6, &[0x2a]), value(0x30, &[])].concat())].concat(),
    );
    let read: Vec<_> = with("2.5.29.32", &policies).policies().iter().map(ToString::to_string).collect();
    assert_eq!(read, ["2.23.140.1.2.1", "1.2"]);

    let method = |last: u8| value(6, &[0x2b, 6, 1, 5, 5, 7, 0x30, last]);
    let location = value(0x86, b"http://r3.example/r3.crt");
    let ocsp = value(0x30, &[method(1), value(0x86, b"http://ocsp.example")].concat());
    let issuers = value(0x30, &[method(2), location].concat());
    let locations = with("1.3.6.1.5.5.7.1.1", &value(0x30, &[ocsp, issuers].concat())).issuer_locations();
    assert_eq!(locations, ["http://r3.example/r3.crt"]);

    let root = Name::new().common_name("Example Root");
    let root = CertificateBuilder::new(root, utc_datetime!(2026-06-01 0:00)).self_signed(Key::p256("root"));
    let names = value(0xa1, &value(0xa4, &root.certificate.subject));
    let leaf = with("2.5.29.35", &value(0x30, &[names, value(0x82, &[7])].concat()));
    assert_eq!(leaf.issuers_issuer().as_ref().and_then(signed_data::Name::common_name), Some("Example Root"));

    let plain = made(&builder());
    assert_eq!((plain.policies().len(), plain.issuer_locations().len()), (0, 0));
    assert_eq!(plain.issuers_issuer(), None);
}

#[test]
fn what_a_certificate_is_signed_over_is_told() {
    for (digest, expected) in [
        (Digest::Sha1, SignatureDigest::Sha1),
        (Digest::Sha256, SignatureDigest::Sha2),
        (Digest::Sha512, SignatureDigest::Sha2),
    ] {
        let certificate = made(&builder().digest(digest));
        assert_eq!(certificate.signature_algorithm().signature_digest(), Some(expected), "{digest:?}");
    }
}

static MADE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let names = builder().server_authentication().alternative_names(&["apps.example.com"], &[[1; 4].into()]);
    names.self_signed(Key::p256("server")).certificate.der
});

fn look(certificate: &Certificate) {
    let _ = (certificate.alternative_names(), certificate.extended_key_usage(), certificate.policies());
    let _ = (certificate.issuer_locations(), certificate.issuers_issuer());
    let _ = (certificate.public_key().strength(), certificate.signature_algorithm().signature_digest());
}

proptest! {
    #[test]
    fn no_change_to_a_certificate_makes_reading_its_parts_panic(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = MADE.clone();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(certificate) = Certificate::read(&bytes, &Limits::default()) {
            look(&certificate);
        }
    }

    #[test]
    fn no_extension_makes_reading_it_panic(
        value in proptest::collection::vec(any::<u8>(), 0..200),
        oid in prop::sample::select(&["2.5.29.17", "2.5.29.32", "2.5.29.35", "2.5.29.37", "1.3.6.1.5.5.7.1.1"]),
        is_list in any::<bool>(),
    ) {
        let list = [&[0x30, 0x81, u8::try_from(value.len()).expect("it is short")], &value[..]].concat();
        look(&with(oid, if is_list { &list } else { &value }));
    }
}
