//! Signatures and chains made by `testkit`, sound and with one thing wrong, and Apple's own.

use std::sync::LazyLock;

use proptest::prelude::*;
use signed_data::{
    Authorities, Authority, Certificate, Chain, ChainFault, Limits, SignatureFault, SignedData,
};
use testkit::cms::{self, Encoding, Signer};
use testkit::pki::{self, CertificateBuilder, ChainFault as Fault, Digest, Identity, Key, LeafKind, Name};
use time::macros::utc_datetime;
use time::{Duration, UtcDateTime};

const NOW: UtcDateTime = utc_datetime!(2026-06-01 12:00);
const TEAM: &str = "A1B2C3D4E5";

fn read(certificate: &pki::Certificate) -> Certificate {
    Certificate::read(&certificate.der, &Limits::default()).expect("testkit makes sound certificates")
}

fn authorities(chain: &pki::Chain) -> Authorities {
    Authorities::new(vec![read(&chain.root.certificate)], Vec::new())
}

fn message(chain: &pki::Chain, signer: Signer) -> cms::SignedData {
    cms::SignedData::new("content").certificate(&chain.leaf.certificate).signer(signer)
}

fn verify(message: &cms::SignedData) -> Result<Certificate, SignatureFault> {
    let message = SignedData::read(&message.build(), &Limits::default()).expect("the message is sound");
    message.verify(&message.signers()[0]).cloned()
}

/// The chain of a leaf, found in a message that carries these certificates besides it.
fn chain_of(leaf: &pki::Certificate, carried: &[&pki::Certificate], authorities: &Authorities) -> Chain {
    let carried: Vec<_> = carried.iter().map(|certificate| read(certificate)).collect();
    Chain::build(&read(leaf), &carried, authorities)
}

#[test]
fn signatures_of_every_kind_hold() {
    let ec = pki::Chain::new(TEAM, LeafKind::Distribution, NOW);
    let rsa = pki::Chain::rsa(TEAM, LeafKind::Distribution, NOW);
    for (chain, digest, encoding) in [
        (&ec, Digest::Sha256, Encoding::Der),
        (&ec, Digest::Sha384, Encoding::Ber),
        (&rsa, Digest::Sha1, Encoding::Der),
        (&rsa, Digest::Sha256, Encoding::Ber),
        (&rsa, Digest::Sha384, Encoding::Der),
        (&rsa, Digest::Sha512, Encoding::Der),
    ] {
        let with = message(chain, Signer::new(&chain.leaf).digest(digest).signed_at(NOW)).encoding(encoding);
        assert_eq!(verify(&with), Ok(read(&chain.leaf.certificate)), "{digest:?}, {encoding:?}");
        let bare = message(chain, Signer::new(&chain.leaf).digest(digest).without_attributes());
        assert!(verify(&bare).is_ok(), "{digest:?}, without attributes");
    }
}

#[test]
fn what_is_wrong_with_a_signature_is_told() {
    let chain = pki::Chain::new(TEAM, LeafKind::Distribution, NOW);
    let other = Identity { key: Key::p256("another"), ..chain.leaf.clone() };
    let signer = || Signer::new(&chain.leaf);
    for (message, expected, why) in [
        (message(&chain, signer().with_broken_signature()), SignatureFault::Mismatch, "a bit flipped"),
        (message(&chain, Signer::new(&other)), SignatureFault::Mismatch, "another key"),
        (
            message(&chain, signer().without_attributes().with_broken_signature()),
            SignatureFault::Mismatch,
            "a bit flipped, without attributes",
        ),
        (
            message(&chain, signer()).carrying_instead("another"),
            SignatureFault::OtherContent,
            "another content",
        ),
        (
            message(&chain, signer().without_attributes()).carrying_instead("another"),
            SignatureFault::Mismatch,
            "another content, without attributes",
        ),
        (
            message(&chain, signer().with_wrong_message_digest()),
            SignatureFault::OtherContent,
            "another digest",
        ),
        (
            message(&chain, signer().attribute("1.2.840.113549.1.9.4", &[4, 1, 0])),
            SignatureFault::NoDigest,
            "two digests",
        ),
        (
            message(&chain, signer().attribute("1.2.840.113549.1.9.3", &[6, 1, 42])),
            SignatureFault::OtherContentType,
            "two content types",
        ),
        (
            cms::SignedData::new("content").signed_by(&chain.leaf),
            SignatureFault::NoCertificate,
            "the certificate left out",
        ),
        (
            cms::SignedData::detached("content").certificate(&chain.leaf.certificate).signed_by(&chain.leaf),
            SignatureFault::NoContent,
            "the content left out",
        ),
    ] {
        assert_eq!(verify(&message), Err(expected), "{why}");
    }
    let unchecked = verify(&message(&chain, signer().digest(Digest::Sha512))).unwrap_err();
    assert_eq!(
        unchecked.to_string(),
        "signatures of kind 1.2.840.10045.4.3.4 with digests of kind 2.16.840.1.101.3.4.2.3 are not checked"
    );
}

#[test]
fn a_signature_over_a_content_elsewhere_holds_for_that_content_alone() {
    let chain = pki::Chain::rsa(TEAM, LeafKind::Distribution, NOW);
    let message =
        cms::SignedData::detached("elsewhere").certificate(&chain.leaf.certificate).signed_by(&chain.leaf);
    let message = SignedData::read(&message.encoding(Encoding::Ber).build(), &Limits::default()).unwrap();
    let signer = &message.signers()[0];
    assert!(message.verify_over(signer, b"elsewhere").is_ok());
    assert_eq!(message.verify_over(signer, b"nowhere"), Err(SignatureFault::OtherContent));
}

#[test]
fn a_sound_chain_ends_at_the_given_root_wherever_its_certificates_are() {
    for chain in [
        pki::Chain::new(TEAM, LeafKind::Distribution, NOW),
        pki::Chain::rsa(TEAM, LeafKind::Distribution, NOW),
        pki::Chain::rsa_sha1(TEAM, LeafKind::Distribution, NOW),
    ] {
        let [leaf, intermediate, root] =
            [&chain.leaf, &chain.intermediate, &chain.root].map(|identity| &identity.certificate);
        let known = authorities(&chain);
        let both = Authorities::new(vec![read(root)], vec![read(intermediate)]);
        for (carried, authorities) in
            [(vec![root, leaf, intermediate], &known), (vec![intermediate], &known), (vec![], &both)]
        {
            let found = chain_of(leaf, &carried, authorities);
            assert_eq!(found.authority, Authority::Apple);
            assert_eq!(found.certificates, [leaf, intermediate, root].map(read));
        }
    }
}

#[test]
fn other_ends_are_told_apart() {
    let chain = pki::Chain::new(TEAM, LeafKind::Distribution, NOW);
    let [leaf, intermediate, root] =
        [&chain.leaf, &chain.intermediate, &chain.root].map(|identity| &identity.certificate);
    let nobody = Authorities::default();

    let other = chain_of(leaf, &[intermediate, root], &nobody);
    assert_eq!((other.certificates.len(), &other.authority), (3, &Authority::Other));
    assert_eq!(other.last(), &read(root));

    let lone = chain_of(root, &[], &nobody);
    assert_eq!((lone.certificates.len(), lone.authority), (1, Authority::Other));

    let incomplete = chain_of(leaf, &[root], &authorities(&chain));
    assert_eq!(incomplete.authority, Authority::Incomplete { missing: read(leaf).issuer().clone() });
    assert_eq!(incomplete.last(), &read(leaf));
}

#[test]
fn broken_chains_are_told_with_the_place_and_the_reason() {
    let mismatch = ChainFault::Signature(SignatureFault::Mismatch);
    for (fault, length, expected) in [
        (Fault::LeafForged, 1, mismatch.clone()),
        (Fault::IntermediateForged, 2, mismatch),
        (Fault::IntermediateNotAnAuthority, 1, ChainFault::NotAnAuthority),
    ] {
        let chain = pki::Chain::with_fault(TEAM, LeafKind::Distribution, NOW, fault);
        let carried = [&chain.intermediate.certificate, &chain.root.certificate];
        let found = chain_of(&chain.leaf.certificate, &carried, &authorities(&chain));
        assert_eq!(found.authority, Authority::Broken(expected), "{fault:?}");
        assert_eq!(found.certificates.len(), length, "{fault:?}");
    }
}

#[test]
fn dates_break_no_chain_and_are_told() {
    for (fault, place) in [
        (None, None),
        (Some(Fault::LeafExpired), Some(0)),
        (Some(Fault::LeafNotYetValid), Some(0)),
        (Some(Fault::IntermediateExpired), Some(1)),
    ] {
        let chain = match fault {
            Some(fault) => pki::Chain::with_fault(TEAM, LeafKind::Distribution, NOW, fault),
            None => pki::Chain::new(TEAM, LeafKind::Distribution, NOW),
        };
        let carried = [&chain.intermediate.certificate];
        let found = chain_of(&chain.leaf.certificate, &carried, &authorities(&chain));
        assert_eq!(found.authority, Authority::Apple, "{fault:?}");
        let expected = place.map(|place: usize| &found.certificates[place]);
        assert_eq!(found.not_valid_at(NOW), expected, "{fault:?}");
    }
    let chain = pki::Chain::new(TEAM, LeafKind::Distribution, NOW);
    let leaf = read(&chain.leaf.certificate);
    for (moment, valid) in [
        (leaf.not_before() - Duration::SECOND, false),
        (leaf.not_before(), true),
        (leaf.not_after() + Duration::milliseconds(999), true),
        (leaf.not_after() + Duration::SECOND, false),
    ] {
        assert_eq!(leaf.is_valid_at(moment), valid, "{moment}");
    }
}

#[test]
fn authorities_below_an_authority_are_counted() {
    // Basic constraints: an authority with so many authorities below it.
    let constraints = |allowed: u8| [0x30, 6, 1, 1, 0xff, 2, 1, allowed];
    let key = |seed: &str| Key::p256(seed);
    let name = |text: &str| Name::new().common_name(text);
    let root = CertificateBuilder::new(name("root"), NOW).authority().self_signed(key("root"));
    for (allowed, expected) in
        [(1, Authority::Apple), (0, Authority::Broken(ChainFault::PathLength { allowed: 0, found: 1 }))]
    {
        let upper = CertificateBuilder::new(name("upper"), NOW)
            .critical("2.5.29.19", &constraints(allowed))
            .issued_by(&root, key("upper"));
        let lower = CertificateBuilder::new(name("lower"), NOW).authority().issued_by(&upper, key("lower"));
        let leaf = CertificateBuilder::new(name("leaf"), NOW).issued_by(&lower, key("leaf"));
        let known = Authorities::new(vec![read(&root.certificate)], Vec::new());
        let carried = [&lower.certificate, &upper.certificate];
        assert_eq!(chain_of(&leaf.certificate, &carried, &known).authority, expected);
    }
}

#[test]
fn chains_without_end_are_left() {
    let name = |place: usize| Name::new().common_name(format!("authority {}", place % 12));
    let key = |place: usize| Key::p256(&format!("key {}", place % 12));
    let mut issuer = CertificateBuilder::new(name(0), NOW).authority().self_signed(key(0));
    let mut all = Vec::new();
    // Each is issued by the one before, and the first once more by the last: a circle.
    for place in 1..=12 {
        issuer = CertificateBuilder::new(name(place), NOW).authority().issued_by(&issuer, key(place));
        all.push(issuer.certificate.clone());
    }
    let carried: Vec<_> = all.iter().collect();
    let found = chain_of(&all[5], &carried, &Authorities::default());
    assert_eq!(found.authority, Authority::Broken(ChainFault::TooLong));
    assert_eq!(found.certificates.len(), 8);
}

#[test]
fn a_crowd_of_issuers_of_one_name_costs_little() {
    let chain = pki::Chain::new(TEAM, LeafKind::Distribution, NOW);
    let leaf = read(&chain.leaf.certificate);
    let impostors: Vec<_> = (0..200_u8)
        .map(|serial| {
            let name = Name::new().common_name("root");
            let builder = CertificateBuilder::new(name, NOW).authority().serial([1, serial]);
            read(&builder.self_signed(Key::p256("impostor")).certificate)
        })
        .collect();
    let honest =
        CertificateBuilder::new(Name::new().common_name("root"), NOW).self_signed(Key::p256("honest"));
    let signed = CertificateBuilder::new(Name::new().common_name("signed"), NOW).forged(
        &pki::Certificate {
            key_id: Digest::Sha1.of(&Key::p256("impostor").public_key()),
            ..honest.certificate
        },
        &Key::p256("stranger"),
        Key::p256("key"),
    );
    let found = Chain::build(&read(&signed.certificate), &impostors, &Authorities::default());
    assert_eq!(found.authority, Authority::Broken(ChainFault::TooLong), "64 signatures are checked, not 200");
    assert_eq!(Chain::build(&leaf, &impostors, &authorities(&chain)).certificates.len(), 1);
}

#[test]
fn apples_certificates_are_those_of_the_table_and_stand_for_each_other() {
    let table = include_str!("../apple/README.md");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| Apple"))
        .map(|line| line.split('|').map(|cell| cell.trim().trim_matches('`')).collect())
        .collect();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("apple");
    let files = std::fs::read_dir(&folder).unwrap().filter(|file| {
        file.as_ref().is_ok_and(|file| file.path().extension().is_some_and(|extension| extension == "cer"))
    });
    assert_eq!((rows.len(), files.count()), (11, 11));

    let apple = Authorities::apple();
    assert_eq!(apple.roots().len(), 3);
    for row in rows {
        let bytes = std::fs::read(folder.join(row[1])).unwrap();
        let certificate = Certificate::read(&bytes, &Limits::default()).unwrap();
        let digit = |at: usize| u8::from_str_radix(&row[4][at..at + 2], 16).unwrap();
        let digest: Vec<u8> = (0..64).step_by(2).map(digit).collect();
        assert_eq!(certificate.sha256().as_slice(), digest, "{}", row[1]);
        assert!(row[2].starts_with(certificate.subject().common_name().unwrap()), "{}", row[1]);
        assert_eq!(certificate.not_after().date().to_string(), row[3], "{}", row[1]);
        // Without anything carried: each is among the given authorities.
        let chain = Chain::build(&certificate, &[], apple);
        assert_eq!(chain.authority, Authority::Apple, "{}", row[1]);
        let is_root = apple.roots().contains(&certificate);
        assert_eq!(chain.certificates.len(), if is_root { 1 } else { 2 }, "{}", row[1]);
        if is_root {
            assert_eq!(certificate.verify_issued_by(&certificate), Ok(()), "{}", row[1]);
        }
    }
}

static CHAIN: LazyLock<pki::Chain> = LazyLock::new(|| pki::Chain::new(TEAM, LeafKind::Distribution, NOW));
static AUTHORITIES: LazyLock<Authorities> = LazyLock::new(|| authorities(&CHAIN));
static MADE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let signer = Signer::new(&CHAIN.leaf).signed_at(NOW);
    message(&CHAIN, signer).certificate(&CHAIN.intermediate.certificate).build()
});

proptest! {
    #[test]
    fn no_change_to_a_message_makes_verifying_panic_or_hold(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = MADE.clone();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let Ok(message) = SignedData::read(&bytes, &Limits::default()) else { return Ok(()) };
        for signer in message.signers() {
            if let Ok(certificate) = message.verify(signer) {
                prop_assert_eq!(message.content(), Some(&b"content"[..]));
                let found = message.chain(certificate, &AUTHORITIES);
                if found.authority == Authority::Apple {
                    prop_assert_eq!(&found.certificates[0], &read(&CHAIN.leaf.certificate));
                }
            }
        }
    }
}
