use std::sync::LazyLock;

use proptest::prelude::*;
use signed_data::{
    Limits, ObjectIdentifier, RevocationError, RevocationList, RevocationReason, RevocationStatement,
    RevocationStatus, SignatureFault, SignedDataError,
};
use testkit::pki::{self, CertificateBuilder, Chain, Identity, Key, LeafKind, Name, Reason, hostile};
use time::{Duration, UtcDateTime};

use crate::{NOW, chain, read};

type Answer = Result<RevocationStatement, RevocationError>;

/// What a list says of a certificate of the chain's intermediate.
fn about_one(certificate: &Identity, issuer: &Identity, bytes: &[u8], now: UtcDateTime) -> Answer {
    let list = RevocationList::read(bytes, &Limits::default())?;
    list.about(&read(&certificate.certificate), &read(&issuer.certificate), now)
}

fn about(chain: &Chain, bytes: &[u8]) -> Result<RevocationStatus, RevocationError> {
    about_one(&chain.leaf, &chain.intermediate, bytes, NOW).map(|statement| statement.status)
}

fn list() -> pki::RevocationList {
    pki::RevocationList::new(NOW)
}

#[test]
fn a_certificate_is_found_or_good() {
    let at = NOW - Duration::days(3);
    let reason = Some(RevocationReason::KeyCompromise);
    for chain in [chain(), Chain::rsa("A1B2C3D4E5", LeafKind::Distribution, NOW)] {
        let serial = &chain.leaf.certificate.serial;
        let filled = |list: pki::RevocationList| {
            list.revoked(&[1], NOW, Reason::Superseded)
                .revoked(serial, at, Reason::KeyCompromise)
                .crowd(3, NOW)
        };
        let expected = RevocationStatement {
            status: RevocationStatus::Revoked { at, reason },
            this_update: NOW,
            next_update: Some(NOW + Duration::days(7)),
        };
        let bytes = filled(list()).signed_by(&chain.intermediate);
        assert_eq!(about_one(&chain.leaf, &chain.intermediate, &bytes, NOW), Ok(expected));
        for (list, why) in [(list(), "empty"), (list().crowd(3, NOW), "others")] {
            let bytes = list.signed_by(&chain.intermediate);
            assert_eq!(about(&chain, &bytes), Ok(RevocationStatus::Good), "{why}");
        }
        let other = about_one(&chain.profile_signer, &chain.intermediate, &bytes, NOW);
        assert_eq!(other.map(|statement| statement.status), Ok(RevocationStatus::Good));
    }
}

#[test]
fn lists_of_somebody_else_are_refused() {
    let chain = chain();
    let mismatch = RevocationError::Signature(SignatureFault::Mismatch);
    let issuer = &chain.intermediate.certificate;
    for (bytes, expected, why) in [
        (list().signed_by(&chain.root), RevocationError::OtherIssuer, "the root's"),
        (list().forged(issuer, &Key::p256("stranger")), mismatch.clone(), "forged"),
        (list().forged(issuer, &chain.root.key), mismatch, "signed by the root"),
    ] {
        assert_eq!(about(&chain, &bytes), Err(expected), "{why}");
    }

    // An authority that may sign certificates and no lists.
    let name = Name::new().common_name("narrow");
    let narrow = CertificateBuilder::new(name, NOW)
        .critical("2.5.29.15", &[3, 2, 2, 0b0000_0100])
        .issued_by(&chain.root, Key::p256("narrow"));
    let leaf =
        CertificateBuilder::new(Name::new().common_name("leaf"), NOW).issued_by(&narrow, Key::p256("leaf"));
    let answer = about_one(&leaf, &narrow, &list().signed_by(&narrow), NOW);
    assert_eq!(answer, Err(RevocationError::MayNotSign));
}

#[test]
fn lists_about_something_else_are_refused_by_name() {
    let chain = chain();
    let scope = |about| RevocationError::OtherScope { about };
    let critical = |oid| RevocationError::CriticalExtension { oid: ObjectIdentifier::new_unwrap(oid) };
    for (list, expected) in [
        (list().delta(), RevocationError::Delta),
        (list().only(4), RevocationError::Indirect),
        (list().only(2), scope("certificates of authorities")),
        (list().only(3), scope("some reasons alone")),
        (list().only(5), scope("attribute certificates")),
        (
            list().published_at("http://example.com/2.crl"),
            scope("certificates that name another place for their list"),
        ),
        (list().critical("1.2.3.4", &[5, 0]), critical("1.2.3.4")),
        (list().revoked_with_critical(&[1], NOW, "2.5.29.29"), RevocationError::Indirect),
        (list().revoked_with_critical(&[1], NOW, "1.2.3.4"), critical("1.2.3.4")),
        (
            list().critical("2.5.29.28", &[5, 0]),
            SignedDataError::Structure { part: "what the list is about" }.into(),
        ),
    ] {
        assert_eq!(about(&chain, &list.signed_by(&chain.intermediate)), Err(expected));
    }
    assert_eq!(about(&chain, &list().only(1).signed_by(&chain.intermediate)), Ok(RevocationStatus::Good));

    let of_authorities =
        about_one(&chain.intermediate, &chain.root, &list().only(2).signed_by(&chain.root), NOW);
    assert!(of_authorities.is_ok());
    let of_others = about_one(&chain.intermediate, &chain.root, &list().only(1).signed_by(&chain.root), NOW);
    assert_eq!(of_others, Err(scope("certificates of no authority")));
}

#[test]
fn a_list_at_the_place_that_the_certificate_names_counts() {
    let chain = chain();
    let places = ["http://example.com/1.crl", "HTTP://example.com/2.crl", "ldap://example.com/3.crl"];
    let leaf = CertificateBuilder::new(Name::new().common_name("leaf"), NOW)
        .revocation_lists(&places)
        .issued_by(&chain.intermediate, Key::p256("leaf"));
    assert_eq!(read(&leaf.certificate).revocation_list_locations(), places[..2]);
    for (place, counts) in
        [(places[0], true), (places[1], true), (places[2], false), ("http://example.com/", false)]
    {
        let bytes = list().published_at(place).signed_by(&chain.intermediate);
        let answer = about_one(&leaf, &chain.intermediate, &bytes, NOW);
        assert_eq!(answer.is_ok(), counts, "{place}: {answer:?}");
    }
}

#[test]
fn places_of_other_kinds_of_list_are_left_out() {
    let name = [&[0xa0, 17, 0xa0, 15, 0x86, 13][..], b"http://a.test"].concat();
    for (more, expected) in [
        (&[][..], &["http://a.test"][..]),
        (&[0x81, 2, 6, 0x40], &[]),             // for the reason keyCompromise alone
        (&[0xa2, 4, 0x82, 2, b'a', b'b'], &[]), // another issuer's
    ] {
        let point = [&[0x30, u8::try_from(name.len() + more.len()).unwrap()], &name[..], more].concat();
        let points = [&[0x30, u8::try_from(point.len()).unwrap()], &point[..]].concat();
        let certificate = CertificateBuilder::new(Name::new(), NOW)
            .extension("2.5.29.31", &points)
            .self_signed(Key::p256("leaf"));
        assert_eq!(read(&certificate.certificate).revocation_list_locations(), expected);
    }
}

#[test]
fn stale_and_early_lists_are_refused_with_their_times() {
    let chain = chain();
    let dated = list().signed_by(&chain.intermediate);
    let undated =
        list().next_update(None).revoked(&[1], NOW, Reason::Superseded).signed_by(&chain.intermediate);
    for (bytes, until) in [(dated, NOW + Duration::days(7)), (undated, NOW + Duration::DAY)] {
        let answer = |now| about_one(&chain.leaf, &chain.intermediate, &bytes, now).map(drop);
        let (early, late) = (NOW - Duration::HOUR, until + Duration::HOUR);
        assert_eq!(answer(NOW), Ok(()));
        assert_eq!(answer(until), Ok(()));
        assert_eq!(answer(early), Err(RevocationError::TooEarly { this_update: NOW, now: early }));
        assert_eq!(answer(late), Err(RevocationError::Stale { until, now: late }));
    }
}

#[test]
fn a_list_of_a_large_authority_is_read_within_its_limit() {
    let chain = chain();
    let serial = &chain.leaf.certificate.serial;
    let bytes =
        list().crowd(20_000, NOW).revoked(serial, NOW, Reason::Superseded).signed_by(&chain.intermediate);
    assert!(bytes.len() > 800_000);
    let reason = Some(RevocationReason::Superseded);
    assert_eq!(about(&chain, &bytes), Ok(RevocationStatus::Revoked { at: NOW, reason }));

    let limited =
        |list_bytes| RevocationList::read(&bytes, &Limits { list_bytes, ..Limits::default() }).err();
    assert_eq!(limited(bytes.len()), None);
    let (found, limit) = (bytes.len(), bytes.len() - 1);
    assert_eq!(limited(limit), Some(SignedDataError::InputBytes { found, limit }));
}

#[test]
fn what_is_hostile_is_refused() {
    for case in hostile::revocation_lists(NOW) {
        assert!(RevocationList::read(&case.bytes, &Limits::default()).is_err(), "{}", case.what);
    }
}

/// A chain, and a list that has its leaf.
static MADE: LazyLock<(Chain, Vec<u8>)> = LazyLock::new(|| {
    let chain = chain();
    let list = list().only(1).revoked(&chain.leaf.certificate.serial, NOW, Reason::Superseded);
    let bytes = list.signed_by(&chain.intermediate);
    (chain, bytes)
});

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = RevocationList::read(&bytes, &Limits::default());
    }

    #[test]
    fn no_change_to_a_list_makes_it_panic_or_say_something_else(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let (chain, sound) = &*MADE;
        let mut bytes = sound.clone();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(status) = about(chain, &bytes) {
            prop_assert_eq!(Ok(status), about(chain, sound));
        }
    }
}
