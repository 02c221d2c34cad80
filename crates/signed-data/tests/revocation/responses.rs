use std::sync::LazyLock;

use proptest::prelude::*;
use signed_data::{
    Limits, ObjectIdentifier, OcspResponse, ResponderFault, RevocationError, RevocationReason,
    RevocationStatement, RevocationStatus, SignatureFault, SignedDataError,
};
use testkit::pki::{
    self, CertificateBuilder, CertificateStatus, Chain, Digest, Identity, Key, LeafKind, Name,
};
use testkit::pki::{OcspRequest, Reason, hostile};
use time::{Duration, UtcDateTime};

use crate::{NOW, chain, read};

/// What a response says of the leaf.
fn about(chain: &Chain, bytes: &[u8], now: UtcDateTime) -> Result<RevocationStatement, RevocationError> {
    let response = OcspResponse::read(bytes, &Limits::default())?;
    response.about(&read(&chain.leaf.certificate), &read(&chain.intermediate.certificate), now)
}

fn good(chain: &Chain) -> pki::OcspResponse {
    pki::OcspResponse::new(NOW).good(&chain.leaf.certificate, &chain.intermediate)
}

/// Somebody with a certificate to sign responses with.
fn responder() -> CertificateBuilder {
    CertificateBuilder::new(Name::new().common_name("responder"), NOW - Duration::days(1)).end_entity()
}

fn key() -> Key {
    Key::p256("responder")
}

#[test]
fn a_request_names_the_certificate_and_its_issuer() {
    for chain in [chain(), Chain::rsa("A1B2C3D4E5", LeafKind::InHouse, NOW)] {
        let issuer = &chain.intermediate.certificate;
        let request = read(&chain.leaf.certificate).ocsp_request(&read(issuer));
        let expected = OcspRequest {
            issuer_name: Digest::Sha1.of(&issuer.subject),
            issuer_key: issuer.key_id.clone(),
            serial: chain.leaf.certificate.serial.clone(),
        };
        assert_eq!(OcspRequest::read(&request), Some(expected));
    }
}

#[test]
fn every_status_is_read_with_its_times() {
    let revoked = |reason| CertificateStatus::Revoked { at: NOW - Duration::HOUR, reason };
    let read = |reason| RevocationStatus::Revoked { at: NOW - Duration::HOUR, reason };
    for (said, expected) in [
        (CertificateStatus::Good, RevocationStatus::Good),
        (CertificateStatus::Unknown, RevocationStatus::Unknown),
        (revoked(None), read(None)),
        (revoked(Some(Reason::Unspecified)), read(Some(RevocationReason::Unspecified))),
        (revoked(Some(Reason::KeyCompromise)), read(Some(RevocationReason::KeyCompromise))),
        (revoked(Some(Reason::CaCompromise)), read(Some(RevocationReason::CaCompromise))),
        (revoked(Some(Reason::AffiliationChanged)), read(Some(RevocationReason::AffiliationChanged))),
        (revoked(Some(Reason::Superseded)), read(Some(RevocationReason::Superseded))),
        (revoked(Some(Reason::CessationOfOperation)), read(Some(RevocationReason::CessationOfOperation))),
        (revoked(Some(Reason::CertificateHold)), read(Some(RevocationReason::CertificateHold))),
        (revoked(Some(Reason::RemoveFromCrl)), read(Some(RevocationReason::RemoveFromCrl))),
        (revoked(Some(Reason::PrivilegeWithdrawn)), read(Some(RevocationReason::PrivilegeWithdrawn))),
        (revoked(Some(Reason::AaCompromise)), read(Some(RevocationReason::AaCompromise))),
    ] {
        let chain = chain();
        let bytes = pki::OcspResponse::new(NOW)
            .answer(&chain.leaf.certificate.serial, &chain.intermediate, said)
            .signed_by(&chain.intermediate);
        let next_update = Some(NOW + Duration::hours(12));
        let expected = RevocationStatement { status: expected, this_update: NOW, next_update };
        assert_eq!(about(&chain, &bytes, NOW), Ok(expected));
        assert_eq!(OcspResponse::read(&bytes, &Limits::default()).unwrap().produced_at(), NOW);
    }
}

#[test]
fn only_the_certificate_that_was_asked_about_counts() {
    let chain = chain();
    let revoked = CertificateStatus::Revoked { at: NOW, reason: None };
    let serial = &chain.leaf.certificate.serial;
    let others = pki::OcspResponse::new(NOW)
        .answer(&[7], &chain.intermediate, revoked)
        .answer(serial, &chain.root, revoked)
        .answer(serial, &chain.profile_signer, revoked);
    let bytes = others.signed_by(&chain.intermediate);
    assert_eq!(about(&chain, &bytes, NOW), Err(RevocationError::NotSpokenOf { spoken_of: 3 }));

    for digest in [Digest::Sha1, Digest::Sha256, Digest::Sha384, Digest::Sha512] {
        let among = others.clone().id_digest(digest).good(&chain.leaf.certificate, &chain.intermediate);
        let statement = about(&chain, &among.signed_by(&chain.intermediate), NOW);
        assert_eq!(statement.map(|statement| statement.status), Ok(RevocationStatus::Good), "{digest:?}");
    }
}

#[test]
fn the_issuer_and_whom_it_entrusted_may_answer() {
    let rsa = Chain::rsa("A1B2C3D4E5", LeafKind::Distribution, NOW);
    for (chain, what) in [(chain(), "elliptic"), (rsa, "RSA")] {
        let unasked = responder().ocsp_signing().issued_by(&chain.intermediate, key());
        // Without id-pkix-ocsp-nocheck.
        let bare = responder()
            .extension("2.5.29.37", &[0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 9])
            .issued_by(&chain.intermediate, key());
        for (response, signer, why) in [
            (good(&chain), &chain.intermediate, "the issuer"),
            (good(&chain).named_by_key(), &chain.intermediate, "the issuer, by its key"),
            (
                good(&chain).certificate(&chain.intermediate.certificate),
                &chain.intermediate,
                "the issuer, with its certificate",
            ),
            (good(&chain).certificate(&unasked.certificate), &unasked, "a responder"),
            (good(&chain).named_by_key().certificate(&unasked.certificate), &unasked, "one by its key"),
            (good(&chain).certificate(&bare.certificate), &bare, "one without nocheck"),
            (
                good(&chain).certificate(&chain.root.certificate).certificate(&unasked.certificate),
                &unasked,
                "one among others",
            ),
        ] {
            let statement = about(&chain, &response.signed_by(signer), NOW);
            let status = statement.map(|statement| statement.status);
            assert_eq!(status, Ok(RevocationStatus::Good), "{why}, {what}");
        }
    }
}

#[test]
fn nobody_else_may() {
    let chain = chain();
    let issued = |builder: CertificateBuilder| builder.issued_by(&chain.intermediate, key());
    let other_use = issued(responder().code_signing());
    let any_use = issued(responder().extension("2.5.29.37", &[0x30, 6, 6, 4, 0x55, 0x1d, 37, 0]));
    let by_root = responder().ocsp_signing().issued_by(&chain.root, key());
    let forged =
        responder().ocsp_signing().forged(&chain.intermediate.certificate, &Key::p256("stranger"), key());
    let self_signed = responder().ocsp_signing().self_signed(key());
    let (not_before, ended) = (NOW - Duration::days(1), NOW - Duration::SECOND);
    let expired = issued(responder().ocsp_signing().not_after(ended));
    let not_valid = ResponderFault::NotValid { not_before, not_after: ended, now: NOW };
    for (signer, expected) in [
        (&issued(responder()), ResponderFault::OtherUse),
        (&other_use, ResponderFault::OtherUse),
        (&any_use, ResponderFault::OtherUse),
        (&chain.leaf, ResponderFault::OtherUse),
        (&by_root, ResponderFault::NotIssued),
        (&forged, ResponderFault::NotIssued),
        (&self_signed, ResponderFault::NotIssued),
        (&expired, not_valid),
    ] {
        let bytes = good(&chain).certificate(&signer.certificate).signed_by(signer);
        assert_eq!(about(&chain, &bytes, NOW), Err(RevocationError::Responder(expected)));
    }

    let sound = issued(responder().ocsp_signing());
    let mismatch = RevocationError::Signature(SignatureFault::Mismatch);
    let stranger = Key::p256("stranger");
    for (bytes, expected, why) in [
        (good(&chain).signed_by(&sound), RevocationError::UnknownResponder, "its certificate is not there"),
        (good(&chain).signed_by(&chain.root), RevocationError::UnknownResponder, "the root"),
        (
            good(&chain).forged(&chain.intermediate.certificate, &stranger),
            mismatch.clone(),
            "not the issuer's key",
        ),
        (
            good(&chain).certificate(&sound.certificate).forged(&sound.certificate, &stranger),
            mismatch,
            "not the responder's key",
        ),
    ] {
        assert_eq!(about(&chain, &bytes, NOW), Err(expected), "{why}");
    }
}

#[test]
fn a_crowd_of_responders_of_one_name_costs_little() {
    let chain = chain();
    let sound = responder().ocsp_signing().issued_by(&chain.intermediate, key());
    let crowd = |count: u8| {
        let impostor = |serial| {
            let key = Key::p256("impostor");
            responder().serial([1, serial]).ocsp_signing().issued_by(&chain.intermediate, key).certificate
        };
        let response =
            (0..count).fold(good(&chain), |response, serial| response.certificate(&impostor(serial)));
        about(&chain, &response.certificate(&sound.certificate).signed_by(&sound), NOW)
    };
    assert!(crowd(7).is_ok());
    assert_eq!(crowd(8), Err(RevocationError::Signature(SignatureFault::Mismatch)), "eight are tried");
}

#[test]
fn stale_and_early_responses_are_refused_with_their_times() {
    let chain = chain();
    let dated = good(&chain).signed_by(&chain.intermediate);
    let undated = pki::OcspResponse::new(NOW)
        .next_update(None)
        .good(&chain.leaf.certificate, &chain.intermediate)
        .signed_by(&chain.intermediate);
    let (allowance, half_day) = (Duration::minutes(5), Duration::hours(12));
    for (bytes, until) in [(&dated, NOW + half_day), (&undated, NOW + Duration::DAY)] {
        let stale = |now| Err(RevocationError::Stale { until, now });
        let early = |now| Err(RevocationError::TooEarly { this_update: NOW, now });
        for (now, expected) in [
            (NOW - allowance, Ok(())),
            (NOW - allowance - Duration::SECOND, early(NOW - allowance - Duration::SECOND)),
            (until + allowance, Ok(())),
            (until + allowance + Duration::SECOND, stale(until + allowance + Duration::SECOND)),
        ] {
            assert_eq!(about(&chain, bytes, now).map(drop), expected, "{now}");
        }
    }
    let stale = RevocationError::Stale { until: NOW, now: NOW + Duration::HOUR };
    assert_eq!(
        stale.to_string(),
        "it is stale: it held until 2026-06-01 12:00:00 UTC, and now it is 2026-06-01 13:00:00 UTC"
    );
}

#[test]
fn the_end_of_the_calendar_is_a_date() {
    let chain = chain();
    let last = time::macros::utc_datetime!(9999-12-31 23:59:59);
    let bytes = pki::OcspResponse::new(NOW)
        .next_update(Some(last))
        .good(&chain.leaf.certificate, &chain.intermediate)
        .signed_by(&chain.intermediate);
    assert_eq!(about(&chain, &bytes, NOW).map(|statement| statement.next_update), Ok(Some(last)));
    assert!(about(&chain, &bytes, UtcDateTime::MAX).is_ok());
}

#[test]
fn refusals_and_other_answers_are_told() {
    let chain = chain();
    for (status, expected) in [
        (1, "the responder answers malformedRequest (1)"),
        (2, "the responder answers internalError (2)"),
        (3, "the responder answers tryLater (3)"),
        (5, "the responder answers sigRequired (5)"),
        (6, "the responder answers unauthorized (6)"),
        (4, "the responder answers with status 4"),
    ] {
        let error = about(&chain, &pki::OcspResponse::refusal(status), NOW).unwrap_err();
        assert_eq!((&error, error.to_string().as_str()), (&RevocationError::Refused { status }, expected));
    }
    let oid = ObjectIdentifier::new_unwrap("1.2.3.4");
    let unknown = good(&chain).critical_extension("1.2.3.4").signed_by(&chain.intermediate);
    let other = pki::OcspResponse::typed("1.2.3.4", &[5, 0]);
    assert_eq!(about(&chain, &unknown, NOW), Err(RevocationError::CriticalExtension { oid }));
    assert_eq!(about(&chain, &other, NOW), Err(RevocationError::ResponseType { found: oid }));
}

#[test]
fn limits_hold() {
    let chain = chain();
    let bytes = good(&chain).certificate(&chain.root.certificate).signed_by(&chain.intermediate);
    let default = Limits::default();
    let limits = Limits { input_bytes: bytes.len(), certificates: 1, ..default };
    assert!(OcspResponse::read(&bytes, &limits).is_ok());
    for (limits, expected) in [
        (
            Limits { input_bytes: bytes.len() - 1, ..default },
            SignedDataError::InputBytes { found: bytes.len(), limit: bytes.len() - 1 },
        ),
        (Limits { certificates: 0, ..default }, SignedDataError::Certificates { limit: 0 }),
        (Limits { values: 20, ..default }, SignedDataError::Values { limit: 20 }),
    ] {
        assert_eq!(OcspResponse::read(&bytes, &limits), Err(RevocationError::Unreadable(expected)));
    }
}

#[test]
fn what_is_hostile_is_refused() {
    for case in hostile::ocsp_responses(NOW) {
        assert!(OcspResponse::read(&case.bytes, &Limits::default()).is_err(), "{}", case.what);
    }
}

/// A chain, and a response of a responder's about its leaf.
static MADE: LazyLock<(Chain, Vec<u8>)> = LazyLock::new(|| {
    let chain = chain();
    let signer: Identity = responder().ocsp_signing().issued_by(&chain.intermediate, key());
    let bytes = good(&chain).certificate(&signer.certificate).signed_by(&signer);
    (chain, bytes)
});

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = OcspResponse::read(&bytes, &Limits::default());
    }

    #[test]
    fn no_change_to_a_response_makes_it_panic_or_say_something_else(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let (chain, sound) = &*MADE;
        let mut bytes = sound.clone();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(statement) = about(chain, &bytes, NOW) {
            prop_assert_eq!(Ok(statement), about(chain, sound, NOW));
        }
    }
}
