//! Real profiles, where they are at hand: `AIRSTAIR_CORPUS`, or `../shared/fixtures` beside the workspace.
//!
//! What is expected of them was found with `openssl cms -verify -noverify` and Python's `plistlib`. They speak of people
//! and their devices, so only dates and counts are written down here.

use std::path::{Path, PathBuf};

use ipa::{Devices, Envelope, Fact, Limits, ManagedBy, Membership};
use ipa::{Platform, Profile, ProfileError, SigningKind};
use signed_data::Authority;
use time::UtcDateTime;
use time::macros::utc_datetime;

#[expect(clippy::disallowed_methods, reason = "where the real profiles lie is the tester's to say")]
#[expect(clippy::print_stdout, reason = "a skipped test has to say so")]
fn corpus() -> Option<PathBuf> {
    let corpus = std::env::var_os("AIRSTAIR_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures"),
        PathBuf::from,
    );
    let profiles = corpus.join("mobileprovision");
    if profiles.is_dir() {
        return Some(profiles);
    }
    println!("SKIPPED: no real profiles at {}; name a folder by AIRSTAIR_CORPUS", profiles.display());
    None
}

/// Reads the profile whose file name begins with `name`.
fn read(corpus: &Path, name: &str) -> Result<Profile, ProfileError> {
    let mut files = std::fs::read_dir(corpus).expect("the folder is readable").flatten();
    let file = files
        .find(|file| file.file_name().to_string_lossy().starts_with(name))
        .expect("the profile is there");
    Profile::read(&std::fs::read(file.path()).expect("the profile is readable"), &Limits::default())
}

/// What is expected of one profile.
struct Row {
    name: &'static str,
    kind: SigningKind,
    expires_at: UtcDateTime,
    /// `None` where the profile lists none.
    devices: Option<usize>,
    certificates: usize,
    /// How many of these cannot be read, by `openssl x509` neither.
    unreadable: usize,
    entitlements: usize,
    days: u64,
    platform: Platform,
    managed_by: Option<ManagedBy>,
}

const ROWS: [Row; 17] = [
    Row {
        name: "app-info__bplist.mobileprovision",
        kind: SigningKind::InHouse,
        expires_at: utc_datetime!(2020-06-19 11:47:07),
        devices: None,
        certificates: 1,
        unreadable: 1,
        entitlements: 8,
        days: 365,
        platform: Platform::Ios,
        managed_by: Some(ManagedBy::Team),
    },
    Row {
        name: "app-info__ios_adhoc.mobileprovision",
        kind: SigningKind::AdHoc,
        expires_at: utc_datetime!(2020-10-24 8:40:28),
        devices: Some(1),
        certificates: 1,
        unreadable: 0,
        entitlements: 35,
        days: 94,
        platform: Platform::Ios,
        managed_by: Some(ManagedBy::Team),
    },
    Row {
        name: "app-info__ios_appstore.mobileprovision",
        kind: SigningKind::AppStore,
        expires_at: utc_datetime!(2020-10-24 8:40:28),
        devices: None,
        certificates: 1,
        unreadable: 0,
        entitlements: 36,
        days: 94,
        platform: Platform::Ios,
        managed_by: Some(ManagedBy::Team),
    },
    Row {
        name: "app-info__ios_development.mobileprovision",
        kind: SigningKind::Development,
        expires_at: utc_datetime!(2021-07-21 8:43:27),
        devices: Some(1),
        certificates: 1,
        unreadable: 0,
        entitlements: 35,
        days: 365,
        platform: Platform::Ios,
        managed_by: Some(ManagedBy::Team),
    },
    Row {
        name: "app-info__macos_appstore.provisionprofile",
        kind: SigningKind::AppStore,
        expires_at: utc_datetime!(2020-10-24 8:40:28),
        devices: None,
        certificates: 1,
        unreadable: 0,
        entitlements: 21,
        days: 94,
        platform: Platform::MacOs,
        managed_by: Some(ManagedBy::Team),
    },
    Row {
        name: "bitrise-fruta-adhoc-49devices__embedded.mobileprovision",
        kind: SigningKind::AdHoc,
        expires_at: utc_datetime!(2021-08-28 15:25:24),
        devices: Some(49),
        certificates: 1,
        unreadable: 0,
        entitlements: 12,
        days: 332,
        platform: Platform::Ios,
        managed_by: Some(ManagedBy::Team),
    },
    Row {
        name: "bitrise-fruta-managed-25certs-der__embedded.mobileprovision",
        kind: SigningKind::Development,
        expires_at: utc_datetime!(2022-12-03 8:45:51),
        devices: Some(55),
        certificates: 25,
        unreadable: 0,
        entitlements: 7,
        days: 365,
        platform: Platform::Ios,
        managed_by: Some(ManagedBy::Xcode),
    },
    Row {
        name: "bitrise-tvos-dev__embedded.mobileprovision",
        kind: SigningKind::Development,
        expires_at: utc_datetime!(2021-10-06 21:40:50),
        devices: Some(1),
        certificates: 4,
        unreadable: 0,
        entitlements: 4,
        days: 365,
        platform: Platform::TvOs,
        managed_by: Some(ManagedBy::Team),
    },
    Row {
        name: "enterprise-2021-xcodemanaged__embedded.mobileprovision",
        kind: SigningKind::InHouse,
        expires_at: utc_datetime!(2022-01-15 6:40:53),
        devices: None,
        certificates: 2,
        unreadable: 0,
        entitlements: 4,
        days: 365,
        platform: Platform::Ios,
        managed_by: Some(ManagedBy::Xcode),
    },
    Row {
        name: "fastlane-watch__",
        kind: SigningKind::AppStore,
        expires_at: utc_datetime!(2015-11-25 22:45:50),
        devices: None,
        certificates: 1,
        unreadable: 0,
        entitlements: 5,
        days: 106,
        platform: Platform::Ios,
        managed_by: None,
    },
    Row {
        name: "fastlane__test.mobileprovision",
        kind: SigningKind::AppStore,
        expires_at: utc_datetime!(2016-11-07 20:58:52),
        devices: None,
        certificates: 1,
        unreadable: 0,
        entitlements: 5,
        days: 364,
        platform: Platform::Ios,
        managed_by: None,
    },
    Row {
        name: "isign__test.mobileprovision",
        kind: SigningKind::Development,
        expires_at: utc_datetime!(2017-11-28 22:57:49),
        devices: Some(2),
        certificates: 1,
        unreadable: 0,
        entitlements: 4,
        days: 365,
        platform: Platform::Ios,
        managed_by: None,
    },
    Row {
        name: "rules_apple__integration_testing_ios.mobileprovision",
        kind: SigningKind::Development,
        expires_at: utc_datetime!(2117-01-04 13:44:01),
        devices: Some(0),
        certificates: 1,
        unreadable: 1,
        entitlements: 5,
        days: 36_500,
        platform: Platform::Ios,
        managed_by: None,
    },
    Row {
        name: "rules_apple__integration_testing_tvos.mobileprovision",
        kind: SigningKind::Development,
        expires_at: utc_datetime!(2117-01-04 13:44:01),
        devices: Some(0),
        certificates: 1,
        unreadable: 1,
        entitlements: 5,
        days: 36_500,
        platform: Platform::TvOs,
        managed_by: None,
    },
    Row {
        name: "rules_apple__integration_testing_visionos.mobileprovision",
        kind: SigningKind::Development,
        expires_at: utc_datetime!(2117-01-04 13:44:01),
        devices: Some(0),
        certificates: 1,
        unreadable: 1,
        entitlements: 5,
        days: 36_500,
        platform: Platform::VisionOs,
        managed_by: None,
    },
    Row {
        name: "app-info__plist.mobileprovision",
        kind: SigningKind::InHouse,
        expires_at: utc_datetime!(2020-06-19 11:47:07),
        devices: None,
        certificates: 1,
        unreadable: 1,
        entitlements: 8,
        days: 365,
        platform: Platform::Ios,
        managed_by: Some(ManagedBy::Team),
    },
    Row {
        name: "app-info__signed_plist.mobileprovision",
        kind: SigningKind::InHouse,
        expires_at: utc_datetime!(2020-06-19 11:47:07),
        devices: None,
        certificates: 1,
        unreadable: 1,
        entitlements: 8,
        days: 365,
        platform: Platform::Ios,
        managed_by: Some(ManagedBy::Team),
    },
];

#[test]
fn real_profiles_say_what_other_tools_find_in_them() {
    let Some(corpus) = corpus() else { return };
    for row in ROWS {
        let name = row.name;
        let profile = read(&corpus, name).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(profile.kind, row.kind, "{name}");
        assert_eq!(profile.expires_at, Fact::Known(row.expires_at), "{name}");
        assert!(profile.created_at.known().is_some_and(|at| *at < row.expires_at), "{name}");
        assert_eq!(profile.time_to_live_days, Fact::Known(row.days), "{name}");
        assert_eq!(profile.version, Fact::Known(1), "{name}");
        assert_eq!(profile.platforms, Fact::Known(vec![row.platform]), "{name}");
        assert_eq!(profile.managed_by.known().copied(), row.managed_by, "{name}");
        assert_eq!(profile.membership, Membership::Paid, "{name}");
        assert!(profile.launch_check.is_absent(), "{name}");
        match &profile.devices {
            Devices::Listed { udids, odd } => {
                assert_eq!((Some(udids.len()), odd.len()), (row.devices, 0), "{name}");
            }
            Devices::Any => assert_eq!((row.devices, row.kind), (None, SigningKind::InHouse), "{name}"),
            Devices::None => assert_eq!((row.devices, row.kind), (None, SigningKind::AppStore), "{name}"),
        }
        let readable = profile.readable_certificates().count();
        assert_eq!(readable, row.certificates - row.unreadable, "{name}");
        assert_eq!(profile.certificates.known().map(Vec::len), Some(row.certificates), "{name}");
        assert_eq!(
            profile.entitlements.known().map(bounded_plist::Dictionary::len),
            Some(row.entitlements),
            "{name}"
        );
        assert_eq!(profile.uuid.known().map(String::len), Some(36), "{name}");
        assert_eq!(profile.team_ids.known().map(Vec::len), Some(1), "{name}");
        assert_eq!(profile.prefixes.known().map(Vec::len), Some(1), "{name}");
        for text in [&profile.name, &profile.team_name, &profile.app_id_name] {
            assert!(text.known().is_some(), "{name}");
        }
        let prefix = &profile.prefixes.known().unwrap()[0];
        assert!(profile.application_identifier().is_some_and(|id| id.starts_with(prefix)), "{name}");
    }
}

#[test]
fn real_profiles_are_signed_by_who_made_them() {
    let Some(corpus) = corpus() else { return };
    for row in ROWS {
        let name = row.name;
        let profile = read(&corpus, name).unwrap();
        let bare = ["app-info__bplist", "app-info__plist", "rules_apple__"]
            .iter()
            .any(|start| name.starts_with(start));
        let Envelope::Signed(message) = &profile.envelope else {
            assert!(bare, "{name}");
            continue;
        };
        assert!(!bare, "{name}");
        assert_eq!(message.signers().len(), 1, "{name}");
        let signed_by = profile.signed_by.known().unwrap();
        assert_eq!(signed_by.signature, Ok(()), "{name}");
        let is_apples =
            signed_by.certificate().is_some_and(|one| one.subject().organization() == Some("Apple Inc."));
        let is_apple = signed_by.chain.known().unwrap().authority == Authority::Apple;
        assert_eq!(is_apple, is_apples, "{name}");

        let team = profile.team_ids.known().unwrap()[0].as_str();
        for certificate in profile.readable_certificates() {
            assert_eq!(certificate.subject().organizational_unit(), Some(team), "{name}");
            assert!(certificate.subject().common_name().is_some(), "{name}");
            assert!(certificate.not_before() < certificate.not_after(), "{name}");
        }
    }
}

#[test]
fn real_profiles_in_der_say_what_the_list_says() {
    let Some(corpus) = corpus() else { return };
    let profile = read(&corpus, "bitrise-fruta-managed-25certs-der__embedded.mobileprovision").unwrap();
    let der = profile.der.into_known().unwrap();
    assert!(der.differing.is_empty(), "{:?}", der.differing);
    let signed_by = der.signed_by.into_known().unwrap();
    assert_eq!(signed_by.signature, Ok(()));
    assert_eq!(signed_by.chain.into_known().unwrap().authority, Authority::Apple);
}

#[test]
fn what_is_no_profile_is_refused() {
    let Some(corpus) = corpus() else { return };
    for (name, expected) in [
        ("app-info__invalid_empty.mobileprovision", "neither a signed message nor a property list"),
        (
            "app-info__invalid_missing_plist_block.mobileprovision",
            "its property list cannot be read: the input",
        ),
        ("appaloosa__has_associated_domains.mobileprovision", "neither a signed message nor a property list"),
        ("rules_apple__bogus.mobileprovision", "neither a signed message nor a property list"),
    ] {
        let error = read(&corpus, name).unwrap_err().to_string();
        assert!(error.starts_with(expected), "{name}: {error}");
    }
}
