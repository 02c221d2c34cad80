//! Messages made by `testkit`: what goes in comes out, and what is hostile stays out.

use std::sync::LazyLock;

use proptest::prelude::*;
use ring::signature::{ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
use signed_data::{Certificate, Limits, ObjectIdentifier, SignedData, SignedDataError, SignerIdentifier};
use testkit::cms::{self, Encoding, Signer};
use testkit::pki::{Chain, Digest, LeafKind};
use time::macros::utc_datetime;
use time::{Duration, UtcDateTime};

const NOW: UtcDateTime = utc_datetime!(2026-06-01 12:00);
const TEAM: &str = "A1B2C3D4E5";

fn chain() -> Chain {
    Chain::new(TEAM, LeafKind::Distribution, NOW)
}

fn message(chain: &Chain, content: &[u8], encoding: Encoding) -> cms::SignedData {
    cms::SignedData::new(content)
        .encoding(encoding)
        .certificate(&chain.root.certificate)
        .certificate(&chain.intermediate.certificate)
        .certificate(&chain.leaf.certificate)
        .signer(Signer::new(&chain.leaf).signed_at(NOW))
}

fn read(bytes: &[u8]) -> Result<SignedData, SignedDataError> {
    SignedData::read(bytes, &Limits::default())
}

#[test]
fn der_and_ber_say_the_same() {
    let chain = chain();
    for length in [0, 1, 127, 128, 999, 1000, 1001, 2500, 70_000] {
        let content: Vec<u8> = (0_u8..251).cycle().take(length).collect();
        let der = read(&message(&chain, &content, Encoding::Der).build()).unwrap();
        let ber = read(&message(&chain, &content, Encoding::Ber).build()).unwrap();
        assert_eq!(der.content(), Some(content.as_slice()), "{length} bytes");
        assert_eq!(der, ber, "{length} bytes");
        assert_eq!((ber.certificates().len(), ber.signers().len()), (3, 1));
    }
}

#[test]
fn a_message_tells_who_signed_what_when_and_how() {
    let chain = chain();
    let message = read(&message(&chain, b"content", Encoding::Ber).build()).unwrap();
    let [signer] = message.signers() else { panic!("one signer") };
    assert_eq!(signer.signing_time(), Some(NOW));
    assert_eq!(signer.content_type(), Some(message.content_type()));
    assert_eq!(signer.message_digest(), Some(Digest::Sha256.of(b"content").as_slice()));
    assert_eq!(signer.digest_algorithm().oid.to_string(), "2.16.840.1.101.3.4.2.1");
    assert_eq!(signer.signed_attributes().len(), 3);

    let certificate = message.certificate_of(signer).unwrap();
    assert_eq!(certificate.der(), chain.leaf.certificate.der);
    assert_eq!(certificate.sha256().as_slice(), Digest::Sha256.of(certificate.der()));
    assert_eq!(certificate.sha1().as_slice(), Digest::Sha1.of(certificate.der()));
    assert_eq!(certificate.subject().organizational_unit(), Some(TEAM));
    assert_eq!(certificate.subject().organization(), Some(Chain::ORGANIZATION));
    assert!(certificate.subject().common_name().is_some_and(|name| name.contains(TEAM)));
    assert!(certificate.subject().user_id().is_some());
    assert_eq!(certificate.subject().country(), Some("US"));
    assert_eq!(certificate.issuer().der(), chain.intermediate.certificate.subject);
    assert!(certificate.not_before() <= NOW && NOW < certificate.not_after());
    assert!(certificate.extension(ObjectIdentifier::new_unwrap("1.2.840.113635.100.6.1.4")).is_some());
    assert!(!format!("{certificate:?}").contains(TEAM));
}

#[test]
fn what_is_kept_suffices_to_verify_it() {
    for (chain, what) in [(chain(), "elliptic"), (Chain::rsa(TEAM, LeafKind::Development, NOW), "RSA")] {
        for encoding in [Encoding::Der, Encoding::Ber] {
            let message = read(&message(&chain, b"content", encoding).build()).unwrap();
            let verifies = |signer: &Certificate, signed: &[u8], signature: &[u8]| {
                let key = signer.public_key();
                if key.algorithm.oid.to_string() == "1.2.840.113549.1.1.1" {
                    UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, &key.bits)
                        .verify(signed, signature)
                        .is_ok()
                } else {
                    UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &key.bits)
                        .verify(signed, signature)
                        .is_ok()
                }
            };
            let signer = &message.signers()[0];
            let certificate = message.certificate_of(signer).unwrap();
            assert!(
                verifies(certificate, signer.signed_attributes_der().unwrap(), signer.signature()),
                "{what}"
            );
            for certificate in message.certificates() {
                let issuer = message
                    .certificates()
                    .iter()
                    .find(|issuer| issuer.subject().der() == certificate.issuer().der())
                    .unwrap();
                assert!(verifies(issuer, certificate.signed_part(), certificate.signature()), "{what}");
            }
        }
    }
}

#[test]
fn a_signer_named_by_its_key_is_found() {
    let tlv = |tag: u8, parts: &[&[u8]]| {
        let content = parts.concat();
        let length = u16::try_from(content.len()).unwrap().to_be_bytes();
        [&[tag, 0x82][..], &length, &content].concat()
    };
    let certificate = chain().leaf.certificate;
    let read_alone = Certificate::read(&certificate.der, &Limits::default()).unwrap();
    let own_name = ObjectIdentifier::new_unwrap("2.5.29.14");
    let [4, 20, key @ ..] = read_alone.extension(own_name).unwrap().value.as_slice() else {
        panic!("20 octets")
    };
    let sha256 = [0x30, 11, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
    let message_by = |key: &[u8]| {
        let signer = tlv(0x30, &[&[2, 1, 3], &tlv(0x80, &[key]), &sha256, &sha256, &[4, 1, 9]]);
        let data = [0x30, 11, 6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 1];
        let parts = [&[2, 1, 3, 0x31, 0][..], &data, &tlv(0xa0, &[&certificate.der]), &tlv(0x31, &[&signer])];
        let message_type = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
        read(&tlv(0x30, &[&message_type, &tlv(0xa0, &[&tlv(0x30, &parts)])])).unwrap()
    };
    let message = message_by(key);
    assert_eq!(message.signers()[0].identifier(), &SignerIdentifier::SubjectKey(key.to_vec()));
    let found = message.certificate_of(&message.signers()[0]).map(Certificate::der);
    assert_eq!(found, Some(certificate.der.as_slice()));
    let message = message_by(&[8; 20]);
    assert_eq!(message.certificate_of(&message.signers()[0]), None);
}

#[test]
fn detached_and_bare_messages_are_read_too() {
    let chain = chain();
    let detached = read(&cms::SignedData::detached("elsewhere").signed_by(&chain.leaf).build()).unwrap();
    assert_eq!(detached.content(), None);
    assert_eq!(detached.certificate_of(&detached.signers()[0]), None, "it carries no certificate");

    let direct = cms::SignedData::new("content").signer(Signer::new(&chain.leaf).without_attributes());
    let direct = read(&direct.build()).unwrap();
    assert_eq!(direct.signers()[0].signed_attributes_der(), None);
    assert_eq!(direct.signers()[0].signing_time(), None);

    let unsigned = read(&cms::SignedData::new("content").build()).unwrap();
    assert!(unsigned.signers().is_empty());
}

#[test]
fn bytes_behind_a_message_or_certificate_are_ignored() {
    let chain = chain();
    let bytes = message(&chain, b"content", Encoding::Ber).build();
    assert_eq!(read(&[&bytes[..], &[0; 20]].concat()), read(&bytes));
    let der = &chain.leaf.certificate.der;
    let padded = Certificate::read(&[&der[..], b"\n"].concat(), &Limits::default()).unwrap();
    assert_eq!(padded.der(), der);
}

#[test]
fn an_odd_certificate_does_not_spoil_the_message() {
    let chain = chain();
    let odd = [0x30, 3, 2, 1, 5];
    let message = cms::SignedData::new("content")
        .certificate(&chain.leaf.certificate)
        .certificate_bytes(odd)
        .signed_by(&chain.leaf);
    let message = read(&message.build()).unwrap();
    assert_eq!(message.certificates().len(), 1);
    let [unreadable] = message.unreadable_certificates() else { panic!("one is unreadable") };
    assert_eq!(unreadable.index, 0, "sets are sorted");
    assert_eq!(
        unreadable.error.to_string(),
        "the certificate's signed part is missing or something else stands in its place"
    );
}

#[test]
fn messages_beyond_a_limit_are_refused_by_name() {
    let chain = chain();
    let bytes = message(&chain, &[7; 1000], Encoding::Ber).build();
    let default = Limits::default();
    for (limits, expected) in [
        (
            Limits { input_bytes: bytes.len(), content_bytes: 1000, certificates: 3, signers: 1, ..default },
            None,
        ),
        (
            Limits { input_bytes: bytes.len() - 1, ..default },
            Some(SignedDataError::InputBytes { found: bytes.len(), limit: bytes.len() - 1 }),
        ),
        (
            Limits { content_bytes: 999, ..default },
            Some(SignedDataError::ContentBytes { found: 1000, limit: 999 }),
        ),
        (Limits { certificates: 2, ..default }, Some(SignedDataError::Certificates { limit: 2 })),
        (Limits { signers: 0, ..default }, Some(SignedDataError::Signers { limit: 0 })),
    ] {
        assert_eq!(SignedData::read(&bytes, &limits).err(), expected);
    }
}

#[test]
fn other_things_are_refused_by_name() {
    let sequence = |content: &[u8]| [&[0x30, u8::try_from(content.len()).unwrap()], content].concat();
    let enveloped = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 3];
    let signed = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2];
    for (bytes, expected) in [
        (b"bplist00".to_vec(), "a value of 112 bytes where 6 are left, at byte 0"),
        (b"<?xml version=\"1.0\"?>".to_vec(), "a value of 63 bytes where 19 are left, at byte 0"),
        (vec![], "the data ends within a value, at byte 0"),
        (vec![5, 0], "the message is missing or something else stands in its place"),
        (sequence(&[]), "the message's type is missing or something else stands in its place"),
        (
            sequence(&enveloped),
            "a message of type 1.2.840.113549.1.7.3, where signed data (1.2.840.113549.1.7.2) is read",
        ),
        (sequence(&signed), "the signed data is missing or something else stands in its place"),
        (
            sequence(&[&signed[..], &[0xa0, 2, 0x30, 0, 5, 0]].concat()),
            "something stands behind the last part of the message",
        ),
        (
            sequence(&[&signed[..], &[0xa0, 2, 0x30, 0]].concat()),
            "the signed data's version is missing or something else stands in its place",
        ),
    ] {
        assert_eq!(read(&bytes).unwrap_err().to_string(), expected);
    }
}

#[test]
fn a_message_cut_anywhere_is_refused() {
    let chain = chain();
    for encoding in [Encoding::Der, Encoding::Ber] {
        let bytes = message(&chain, b"content", encoding).build();
        for end in 0..bytes.len() {
            assert!(read(&bytes[..end]).is_err(), "{encoding:?} cut at {end}");
        }
    }
    let der = &chain.leaf.certificate.der;
    for end in 0..der.len() {
        assert!(Certificate::read(&der[..end], &Limits::default()).is_err(), "certificate cut at {end}");
    }
}

#[test]
fn hostile_messages_are_refused_or_do_no_harm() {
    for case in cms::hostile::cases() {
        match read(&case.bytes) {
            Ok(message) => assert_eq!(message.unreadable_certificates().len(), 1, "{}", case.what),
            Err(error) => assert!(!error.to_string().is_empty(), "{}", case.what),
        }
    }
}

#[test]
fn old_devices_certificates_and_digests_are_read() {
    let chain = Chain::rsa_sha1(TEAM, LeafKind::Distribution, NOW - Duration::days(3000));
    let message = cms::SignedData::new("content")
        .certificate(&chain.leaf.certificate)
        .signer(Signer::new(&chain.leaf).digest(Digest::Sha1));
    let message = read(&message.build()).unwrap();
    assert_eq!(message.signers()[0].digest_algorithm().oid.to_string(), "1.3.14.3.2.26");
    assert_eq!(message.signers()[0].message_digest().map(<[u8]>::len), Some(20));
    let algorithm = message.certificates()[0].signature_algorithm();
    assert_eq!(algorithm.oid.to_string(), "1.2.840.113549.1.1.5");
}

/// A message in both encodings, to be spoiled.
struct Made {
    der: Vec<u8>,
    ber: Vec<u8>,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let made = |encoding| message(&chain(), b"content", encoding).build();
    Made { der: made(Encoding::Der), ber: made(Encoding::Ber) }
});

proptest! {
    #[test]
    fn no_change_to_a_message_makes_it_panic(
        ber in any::<bool>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = if ber { MADE.ber.clone() } else { MADE.der.clone() };
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(message) = read(&bytes) {
            for signer in message.signers() {
                let _ = (signer.message_digest(), signer.signing_time(), signer.content_type());
                let _ = message.certificate_of(signer);
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
        let _ = Certificate::read(&bytes, &Limits::default());
    }
}
