//! Profiles made by `testkit`: every kind is told apart, odd keys stay facts of their own, hostile bytes are refused.

use std::sync::LazyLock;

use ipa::{Devices, Envelope, Fact, LaunchCheck, Limits, ManagedBy, Membership};
use ipa::{Platform, Profile, ProfileError, SigningKind, Udid};
use proptest::prelude::*;
use signed_data::{Authorities, Authority, Certificate, SignatureFault};
use testkit::cms::{self, Encoding};
use testkit::pki::{Chain, LeafKind};
use testkit::plist::{Format, Value};
use testkit::profile::{self, DEVICES, TEAM};
use time::macros::utc_datetime;
use time::{Duration, UtcDateTime};

const NOW: UtcDateTime = utc_datetime!(2026-06-01 12:00);

fn made(kind: profile::SigningKind) -> profile::Profile {
    profile::Profile::new(kind, "com.example.notes", NOW)
}

fn read(bytes: &[u8]) -> Profile {
    Profile::read(bytes, &Limits::default()).expect("it is a profile")
}

fn refused(bytes: &[u8]) -> ProfileError {
    Profile::read(bytes, &Limits::default()).expect_err("it is no profile")
}

#[test]
fn every_kind_is_told_in_every_wrapping() {
    for (kind, expected) in [
        (profile::SigningKind::Development, SigningKind::Development),
        (profile::SigningKind::AdHoc, SigningKind::AdHoc),
        (profile::SigningKind::InHouse, SigningKind::InHouse),
        (profile::SigningKind::AppStore, SigningKind::AppStore),
    ] {
        let chain = Chain::new(TEAM, kind.leaf(), NOW);
        let mut seen = Vec::new();
        for format in [Format::Xml, Format::Binary] {
            let made = made(kind).format(format).chain(&chain);
            for bytes in
                [made.build(), made.clone().encoding(Encoding::Ber).build(), made.unsigned(), made.bare()]
            {
                let is_bare = bytes == made.bare();
                let profile = read(&bytes);
                assert_eq!(profile.kind, expected);
                assert_eq!(matches!(profile.envelope, Envelope::Bare), is_bare, "{expected}");
                assert_eq!(profile.format == bounded_plist::Format::Xml, format == Format::Xml);
                seen.push(Profile {
                    envelope: Envelope::Bare,
                    signed_by: Fact::Absent,
                    format: profile.format,
                    ..profile
                });
            }
        }
        let first = Profile { format: seen[7].format, ..seen[0].clone() };
        assert_eq!(first, seen[7], "XML and binary say the same");
        assert!(seen[..4].iter().all(|profile| *profile == seen[0]), "so do all wrappings");
    }
}

#[test]
fn every_key_is_read() {
    let bytes = made(profile::SigningKind::AdHoc)
        .set("IsXcodeManaged", true)
        .set("PPQCheck", true)
        .set("UUID", "00000000-1111-2222-3333-444444444444")
        .name("Notes Ad Hoc")
        .build();
    let profile = read(&bytes);
    assert_eq!(profile.name, Fact::Known("Notes Ad Hoc".to_owned()));
    assert_eq!(profile.uuid, Fact::Known("00000000-1111-2222-3333-444444444444".to_owned()));
    assert_eq!(profile.app_id_name, Fact::Known("Notes".to_owned()));
    assert_eq!(profile.prefixes, Fact::Known(vec![TEAM.to_owned()]));
    assert_eq!(profile.team_ids.known().unwrap()[0].as_str(), TEAM);
    assert_eq!(profile.team_name.known().map(String::as_str), Some(Chain::ORGANIZATION));
    assert_eq!(profile.membership, Membership::Paid);
    assert_eq!(profile.platforms, Fact::Known(vec![Platform::Ios, Platform::VisionOs]), "two names of one");
    assert_eq!(profile.created_at, Fact::Known(NOW - Duration::days(30)));
    assert_eq!(profile.expires_at, Fact::Known(NOW + Duration::days(335)));
    assert_eq!(profile.time_to_live_days, Fact::Known(365));
    assert_eq!(profile.version, Fact::Known(1));
    assert_eq!(profile.managed_by, Fact::Known(ManagedBy::Xcode));
    assert_eq!(profile.launch_check, Fact::Known(LaunchCheck::Demanded));
    assert_eq!(profile.application_identifier(), Some(format!("{TEAM}.com.example.notes").as_str()));
    assert_eq!(profile.entitlement("get-task-allow").and_then(bounded_plist::Value::as_bool), Some(false));

    let certificates: Vec<_> = profile.readable_certificates().collect();
    assert_eq!(certificates.len(), 1);
    assert_eq!(certificates[0].subject().organizational_unit(), Some(TEAM));

    let Envelope::Signed(message) = &profile.envelope else { panic!("it is signed") };
    assert_eq!((message.certificates().len(), message.signers().len()), (3, 1));
}

#[test]
fn who_signed_a_profile_is_told_and_whether_that_holds() {
    let chain = Chain::new(TEAM, LeafKind::Distribution, NOW);
    let root = Certificate::read(&chain.root.certificate.der, &signed_data::Limits::default()).unwrap();
    let authorities = Authorities::new(vec![root], Vec::new());
    let made = made(profile::SigningKind::AdHoc).chain(&chain);
    for (bytes, expected, why) in [
        (made.build(), Ok(()), "sound"),
        (made.tampered(), Err(SignatureFault::OtherContent), "changed after signing"),
        (made.with_broken_signature(), Err(SignatureFault::Mismatch), "a bit flipped"),
    ] {
        let profile = Profile::read_below(&bytes, &Limits::default(), &authorities).unwrap();
        let signed_by = profile.signed_by.into_known().unwrap();
        assert_eq!(signed_by.signature, expected, "{why}");
        assert_eq!(signed_by.chain.known().unwrap().authority, Authority::Apple, "{why}");
        assert_eq!(signed_by.signed_at, Fact::Known(NOW - Duration::days(30)), "{why}");
        let signer = signed_by.certificate().unwrap().subject().common_name();
        assert_eq!(signer, Some("Example iPhone OS Provisioning Profile Signing"), "{why}");
    }
    let other = read(&made.build()).signed_by.into_known().unwrap();
    assert_eq!(other.chain.known().unwrap().authority, Authority::Other, "the root is not Apple's");
    assert_eq!(read(&made.unsigned()).signed_by, Fact::Absent);
}

#[test]
fn the_der_form_is_compared_with_the_list() {
    let made = || made(profile::SigningKind::AdHoc);
    for (profile, expected) in [
        (made().with_der(), &[][..]),
        (made().with_der_set("Name", "another"), &["Name"]),
        (made().with_der_set("DeveloperCertificates", Value::Array(Vec::new())), &["DeveloperCertificates"]),
        (made().with_der_without("ProvisionedDevices"), &["ProvisionedDevices"]),
        (made().with_der_set("Version", 2).with_der_without("UUID"), &["UUID", "Version"]),
    ] {
        let der = read(&profile.build()).der.into_known().unwrap();
        assert_eq!(der.differing, expected);
        assert_eq!(der.signed_by.known().unwrap().signature, Ok(()));
    }
    let odd = made().set("DER-Encoded-Profile", Value::Data(vec![0x30, 0])).build();
    let expected = "the signed message around it cannot be read: the message's type is missing or something else \
                    stands in its place";
    assert_eq!(read(&odd).der, Fact::Unreadable(expected.to_owned()));
}

#[test]
fn what_is_missing_is_absent() {
    let made = made(profile::SigningKind::AppStore);
    let mut bare = made.clone();
    for key in made.payload().keys().filter(|key| *key != "ExpirationDate") {
        bare = bare.without(key);
    }
    let profile = read(&bare.bare());
    assert!(profile.expires_at.known().is_some());
    assert_eq!((profile.kind, &profile.devices), (SigningKind::AppStore, &Devices::None));
    assert_eq!(
        (&profile.name, &profile.uuid, &profile.team_name),
        (&Fact::Absent, &Fact::Absent, &Fact::Absent)
    );
    assert!(profile.team_ids.is_absent() && profile.platforms.is_absent() && profile.prefixes.is_absent());
    assert!(profile.managed_by.is_absent() && profile.launch_check.is_absent());
    assert!(
        profile.certificates.is_absent()
            && profile.entitlements.is_absent()
            && profile.der.is_absent()
            && profile.signed_by.is_absent()
    );
    assert_eq!((profile.readable_certificates().count(), profile.application_identifier()), (0, None));
}

#[test]
fn a_key_of_the_wrong_type_leaves_the_others_alone() {
    let unreadable = |reason: &str| reason.to_owned();
    let odd = made(profile::SigningKind::InHouse)
        .set("Name", 7)
        .set("UUID", "x".repeat(1025))
        .set("TeamIdentifier", Value::Array(vec!["A1B2C3D4E5".into(), 1.into()]))
        .set("Platform", Value::Array(vec!["Amiga".into()]))
        .set("ExpirationDate", "tomorrow")
        .set("TimeToLive", -1)
        .set("IsXcodeManaged", "yes")
        .set("Entitlements", Value::Array(vec![]))
        .set("DER-Encoded-Profile", "MAA=");
    let profile = read(&odd.build());
    for (fact, expected, key) in [
        (profile.name.map(drop), "it is integer, expected text", "Name"),
        (profile.uuid.map(drop), "it is 1025 bytes long, 1024 bytes are the most", "UUID"),
        (profile.team_ids.map(drop), "it is array, expected an array of texts", "TeamIdentifier"),
        (profile.platforms.map(drop), "\"Amiga\" is no known platform", "Platform"),
        (profile.expires_at.map(drop), "it is string, expected a date", "ExpirationDate"),
        (profile.time_to_live_days.map(drop), "it is integer, expected a number", "TimeToLive"),
        (profile.managed_by.map(drop), "it is string, expected a truth value", "IsXcodeManaged"),
        (profile.entitlements.map(drop), "it is array, expected a dictionary", "Entitlements"),
        (profile.der.map(drop), "it is string, expected data", "DER-Encoded-Profile"),
    ] {
        assert_eq!(fact, Fact::Unreadable(unreadable(expected)), "{key}");
    }
    assert_eq!(profile.kind, SigningKind::InHouse);
    assert_eq!(profile.version, Fact::Known(1));
}

#[test]
fn the_keys_that_decide_the_kind_count_in_order() {
    let listed = || Value::Array(vec![DEVICES[0].into()]);
    let base = || made(profile::SigningKind::AppStore);
    for (made, expected, why) in [
        (
            base().set("ProvisionsAllDevices", true).set("ProvisionedDevices", listed()),
            SigningKind::InHouse,
            "all wins",
        ),
        (
            base().set("ProvisionsAllDevices", false).set("ProvisionedDevices", listed()),
            SigningKind::AdHoc,
            "all, if false, says nothing",
        ),
        (base().set("ProvisionsAllDevices", "true"), SigningKind::AppStore, "text is no truth"),
        (
            base().set("ProvisionedDevices", Value::Array(vec![])),
            SigningKind::AdHoc,
            "an empty list is a list",
        ),
        (
            base().set("ProvisionedDevices", listed()).entitlement("get-task-allow", true),
            SigningKind::Development,
            "devices that may be debugged on",
        ),
        (base().entitlement("get-task-allow", true), SigningKind::AppStore, "debugging without devices"),
        (
            base().set("ProvisionsAllDevices", true).entitlement("get-task-allow", true),
            SigningKind::InHouse,
            "debugging on all devices",
        ),
    ] {
        assert_eq!(read(&made.build()).kind, expected, "{why}");
    }
    assert_eq!(
        read(&made(profile::SigningKind::Development).free_team().build()).membership,
        Membership::Free
    );
}

#[test]
fn odd_devices_are_kept_as_text_and_never_shown() {
    let odd = made(profile::SigningKind::AdHoc).set(
        "ProvisionedDevices",
        Value::Array(vec![DEVICES[1].into(), "my phone".into(), 7.into(), DEVICES[0].into()]),
    );
    let profile = read(&odd.build());
    let Devices::Listed { udids, odd } = &profile.devices else { panic!("devices are listed") };
    assert_eq!(udids.iter().map(Udid::as_str).collect::<Vec<_>>(), [DEVICES[1], DEVICES[0]]);
    assert_eq!(odd, &["my phone", "(integer)"]);
    assert!(profile.devices.include(&udids[1]));
    assert!(!profile.devices.include(&Udid::parse("00008110-000A1234567890AC").unwrap()));
    let shown = format!("{profile:?}");
    assert!(shown.contains("Listed(2 udids, 2 odd)"));
    assert!(!shown.contains(DEVICES[0]) && !shown.contains("my phone"));
}

#[test]
fn an_unreadable_certificate_leaves_the_others_readable() {
    let chain = Chain::new(TEAM, LeafKind::Distribution, NOW);
    let sound = Value::Data(chain.leaf.certificate.der.clone());
    let list = vec![sound, Value::Data(vec![0x30, 0x80]), Value::Data(vec![]), "text".into()];
    let profile =
        read(&made(profile::SigningKind::AdHoc).set("DeveloperCertificates", Value::Array(list)).build());
    let reasons: Vec<_> = profile
        .certificates
        .known()
        .unwrap()
        .iter()
        .map(|certificate| match certificate {
            Fact::Unreadable(reason) => reason.as_str(),
            _ => "",
        })
        .collect();
    assert_eq!(
        reasons,
        [
            "",
            "the data ends within a value, at byte 2",
            "the data ends within a value, at byte 0",
            "it is string, expected data"
        ]
    );
    assert_eq!(profile.readable_certificates().count(), 1);
    let many = |count| Value::Array(vec![Value::Data(vec![]); count]);
    let many =
        |count| read(&made(profile::SigningKind::AdHoc).set("DeveloperCertificates", many(count)).bare());
    assert_eq!(many(1000).certificates.known().map(Vec::len), Some(1000));
    let refused = Fact::Unreadable("it holds 1001 certificates, 1000 are the most".to_owned());
    assert_eq!(many(1001).certificates, refused);
    let none = read(&made(profile::SigningKind::AdHoc).set("DeveloperCertificates", "none").build());
    assert_eq!(none.certificates, Fact::Unreadable("it is string, expected an array".to_owned()));
}

#[test]
fn what_is_no_profile_is_refused_by_name() {
    for (bytes, expected) in [
        (b"".to_vec(), "neither a signed message nor a property list"),
        (b"BOGUS BOGUS".to_vec(), "neither a signed message nor a property list"),
        (b"\x01<?xml version=\"1.0\"?><plist/>".to_vec(), "neither a signed message nor a property list"),
        (b"<plist><array/></plist>".to_vec(), "it holds array where a dictionary belongs"),
        (
            b"<plist><dict><key>CFBundleIdentifier</key><string>a.b</string></dict></plist>".to_vec(),
            "a dictionary without ExpirationDate, Entitlements or DeveloperCertificates",
        ),
        (cms::SignedData::detached("elsewhere").build(), "the signed message around it is empty"),
        (cms::SignedData::new("no list").build(), "neither a signed message nor a property list"),
        (
            vec![0x30, 0x80],
            "the signed message around it cannot be read: the data ends within a value, at byte 2",
        ),
    ] {
        assert_eq!(refused(&bytes).to_string(), expected);
    }
    assert!(matches!(refused(b"<plist><dict>"), ProfileError::Plist(_)));
    assert!(matches!(refused(b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"), ProfileError::Plist(_)));
    for case in cms::hostile::cases() {
        let read = Profile::read(&case.bytes, &Limits::default());
        assert!(read.is_err(), "{}", case.what);
    }
}

#[test]
fn the_limit_on_bytes_holds_for_both_wrappings() {
    let made = made(profile::SigningKind::AdHoc);
    for bytes in [made.build(), made.bare()] {
        let limits = |profile_bytes| Limits { profile_bytes, ..Limits::default() };
        let length = u64::try_from(bytes.len()).unwrap();
        assert!(Profile::read(&bytes, &limits(length)).is_ok());
        let error = Profile::read(&bytes, &limits(length - 1)).unwrap_err().to_string();
        assert!(error.contains(&format!("{length} bytes")), "{error}");
    }
}

/// A profile in both wrappings, to be spoiled.
struct Made {
    bare: Vec<u8>,
    signed: Vec<u8>,
}

static MADE: LazyLock<Made> = LazyLock::new(|| {
    let made = made(profile::SigningKind::Development);
    Made { bare: made.bare(), signed: made.build() }
});

proptest! {
    #[test]
    fn no_change_to_a_profile_makes_it_panic(
        bare in any::<bool>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
    ) {
        let mut bytes = if bare { MADE.bare.clone() } else { MADE.signed.clone() };
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        let _ = Profile::read(&bytes, &Limits::default());
    }
}
