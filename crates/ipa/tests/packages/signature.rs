//! Code signatures made by `testkit`: sound, and with one thing changed.

use ipa::{
    Agreement, Archive, Bundle, CodeDigest, CodeSignature, Cpu, Depth, Fact, Inspection, Limits, Package,
    ReadAt, Seal, SealedFiles, SignatureError,
};
use proptest::prelude::*;
use signed_data::{Authorities, Authority, Certificate, SignatureFault};
use testkit::app::{AppPackage, BundleKind};
use testkit::codesign::{self, CodeDigest as MadeDigest, hostile};
use testkit::macho::{Arch, MachO};
use testkit::pki::{Chain, LeafKind};
use testkit::plist;
use testkit::profile::TEAM;
use testkit::zip::{Entry, Habit};
use time::Duration;

fn package() -> AppPackage {
    AppPackage::new("com.example.notes")
}

fn chain() -> Chain {
    Chain::new(TEAM, LeafKind::Distribution, AppPackage::NOW)
}

fn authorities() -> Authorities {
    let der = &chain().root.certificate.der;
    let root =
        Certificate::read(der, &signed_data::Limits::default()).expect("testkit makes sound certificates");
    Authorities::new(vec![root], Vec::new())
}

fn inspected(source: &dyn ReadAt, limits: &Limits) -> Package {
    let archive = Archive::open(source, limits).expect("the archive is sound");
    let inspection = Inspection::new(Depth::Signatures).authorities(authorities());
    inspection.of(&archive, limits).expect("there is an app")
}

fn inspect(package: &AppPackage) -> Package {
    inspected(&package.build(), &Limits::default())
}

fn signature(bundle: &Bundle) -> &CodeSignature {
    bundle.signature().into_known().expect("it is signed")
}

/// What is told of the app's signature.
fn of(package: &AppPackage) -> CodeSignature {
    signature(&inspect(package).app).clone()
}

#[test]
fn everything_in_a_sound_package_is_signed_and_sealed() {
    let made = package().extension("widget").watch_app("watch").app_clip("Clip").framework("Kit");
    let package = inspect(&made);
    assert_eq!(package.nested.len(), 4);
    for bundle in package.bundles() {
        let (signature, name) = (signature(bundle), &bundle.path);
        let [directory] = &signature.directories[..] else { panic!("{name}: one CodeDirectory") };
        assert_eq!((directory.digest, directory.version, directory.flags), (CodeDigest::Sha256, 0x2_0400, 0));
        assert_eq!((directory.page_bytes, directory.platform), (Some(4096), 0), "{name}");
        let identifier = &bundle.info.known().unwrap().bundle_id;
        assert_eq!(
            directory.identifier.known().map(String::as_str),
            identifier.known().map(ipa::BundleId::as_str)
        );
        assert_eq!(directory.team, Fact::Known(TEAM.to_owned()), "{name}");
        assert_eq!(directory.exec_segment_flags, Fact::Known(1), "{name}");
        let slice = &bundle.executable.known().unwrap().slices[0];
        let place = slice.code_signature.known().unwrap();
        assert_eq!(directory.code_limit, u64::from(place.offset), "{name}");
        assert_eq!(u64::from(directory.pages), directory.code_limit.div_ceil(4096), "{name}");

        let signer = signature.signer.known().unwrap();
        assert_eq!((&signer.signature, signer.signatures), (&Ok(()), 1), "{name}");
        assert_eq!(signer.chain.known().unwrap().authority, Authority::Apple, "{name}");
        assert_eq!(signer.signed_at, Fact::Known(AppPackage::NOW - Duration::days(1)), "{name}");
        assert_eq!(signature.code_hashes, Fact::Known(Agreement::Same), "{name}");
        assert!(signature.requirements.known().is_some_and(|bytes| *bytes > 100), "{name}");

        let intact = Fact::Known(Seal::Intact);
        let seals = signature.strongest_seals();
        assert_eq!((&seals.info_plist, &seals.requirements, &seals.resources), (&intact, &intact, &intact));
        if bundle.kind == ipa::BundleKind::Framework {
            assert_eq!((&seals.entitlements, &seals.der_entitlements), (&Fact::Absent, &Fact::Absent));
            assert_eq!(
                (&signature.entitlements, &signature.der_entitlements),
                (&Fact::Absent, &Fact::Absent)
            );
        } else {
            assert_eq!((&seals.entitlements, &seals.der_entitlements), (&intact, &intact), "{name}");
            assert_eq!(signature.entitlements_agreement(), Fact::Known(Agreement::Same), "{name}");
            let claimed = signature.entitlements.known().unwrap().get("application-identifier");
            let expected = format!("{TEAM}.{}", identifier.known().unwrap());
            assert_eq!(claimed.and_then(bounded_plist::Value::as_str), Some(expected.as_str()));
            let profile = bundle.profile.known().unwrap();
            assert!(profile.readable_certificates().any(|one| Some(one) == signer.certificate()), "{name}");
            assert_eq!(profile.signed_by.known().unwrap().chain.known().unwrap().authority, Authority::Apple);
        }
    }
}

#[test]
fn what_nobody_signed_is_absent_and_what_was_signed_ad_hoc_has_no_signer() {
    let unsigned = inspect(&package().extension("widget").unsigned());
    assert!(unsigned.bundles().all(|bundle| bundle.signature().is_absent()));
    let one = inspect(&package().extension("widget").bundle(testkit::app::Bundle::unsigned));
    assert!(one.app.signature().is_absent() && one.nested[0].signature().known().is_some());

    let ad_hoc = of(&package().signature(codesign::CodeSignature::ad_hoc));
    assert!(ad_hoc.strongest().is_ad_hoc());
    assert_eq!((&ad_hoc.signer, &ad_hoc.strongest().team), (&Fact::Absent, &Fact::Absent));
    assert_eq!(ad_hoc.code_hashes, Fact::Absent);
}

#[test]
fn older_and_other_digests_are_read() {
    for (digests, strongest) in [
        (vec![MadeDigest::Sha1], CodeDigest::Sha1),
        (vec![MadeDigest::Sha1, MadeDigest::Sha256], CodeDigest::Sha256),
        (vec![MadeDigest::Sha256Truncated], CodeDigest::Sha256Truncated),
        (vec![MadeDigest::Sha256, MadeDigest::Sha1, MadeDigest::Sha384], CodeDigest::Sha384),
    ] {
        let count = digests.len();
        let found = of(&package().signature(move |signature| signature.digests(digests.clone())));
        assert_eq!((found.directories.len(), found.strongest().digest), (count, strongest));
        assert_eq!(found.code_hashes, Fact::Known(Agreement::Same), "{strongest}");
        assert_eq!(found.signer.known().unwrap().signature, Ok(()), "{strongest}");
        for seals in &found.seals {
            assert_eq!(seals.info_plist, Fact::Known(Seal::Intact), "{strongest}");
            assert_eq!(seals.der_entitlements, Fact::Known(Seal::Intact), "{strongest}");
        }
    }
    for (version, team) in
        [(0x2_0400, true), (0x2_0300, true), (0x2_0200, true), (0x2_0100, false), (0x2_0001, false)]
    {
        let found = of(&package().signature(move |signature| signature.version(version)));
        assert_eq!(found.strongest().version, version);
        assert_eq!(found.strongest().team.known().is_some(), team, "{version:#x}");
        assert_eq!(found.strongest().exec_segment_flags.known().is_some(), version >= 0x2_0400);
        assert_eq!(found.signer.known().unwrap().signature, Ok(()), "{version:#x}");
    }
    let whole = of(&package().signature(|signature| signature.page_bits(0)));
    assert_eq!((whole.strongest().page_bytes, whole.strongest().pages), (None, 1));
}

#[test]
fn what_changed_after_signing_breaks_its_seal_alone() {
    let sealed = |package: &AppPackage| of(package).strongest_seals().clone();
    let intact = sealed(&package());
    let info = package()
        .file_after_signing("Info.plist", plist::InfoPlist::app("com.example.notes", "Notes").build());
    assert_eq!(sealed(&info), ipa::Seals { info_plist: Fact::Known(Seal::Broken), ..intact.clone() });
    let resources = package().file_after_signing("_CodeSignature/CodeResources", "another");
    assert_eq!(sealed(&resources), ipa::Seals { resources: Fact::Known(Seal::Broken), ..intact.clone() });
    let gone = package().bundle(|app| app.without_file_after_signing("_CodeSignature/CodeResources"));
    assert_eq!(sealed(&gone), ipa::Seals { resources: Fact::Known(Seal::Missing), ..intact.clone() });

    // A CodeDirectory of the entitlements' slot alone: what lies in the slots above is not sealed.
    let unsealed = package().signature(|signature| {
        signature.edit_directory(|bytes| bytes[24..28].copy_from_slice(&5_u32.to_be_bytes()))
    });
    let expected = ipa::Seals { der_entitlements: Fact::Known(Seal::Unsealed), ..intact.clone() };
    assert_eq!(sealed(&unsealed), expected);

    let other = package().signature(|signature| signature.edit_directory(|bytes| bytes[37] = 9));
    let reason = Fact::Unreadable("digest 9 is not known here".to_owned());
    assert_eq!(sealed(&other).info_plist, reason);
}

#[test]
fn signers_that_do_not_fit_are_told() {
    let stranger = Chain::new("Z9Y8X7W6V5", LeafKind::Distribution, AppPackage::NOW);
    let by = stranger.clone();
    let other = inspect(&package().signature(move |signature| signature.signed_by(&by)));
    let signer = signature(&other.app).signer.known().unwrap();
    assert_eq!(signer.signature, Ok(()));
    let profile = other.app.profile.known().unwrap();
    assert!(profile.readable_certificates().all(|one| Some(one) != signer.certificate()));
    assert_eq!(signer.certificate().unwrap().subject().organizational_unit(), Some("Z9Y8X7W6V5"));

    let by_changed = |change: fn(codesign::CodeSignature) -> codesign::CodeSignature| {
        of(&package().signature(change)).signer.into_known().unwrap()
    };
    let broken = by_changed(|signature| signature.signer(testkit::cms::Signer::with_broken_signature));
    assert_eq!(broken.signature, Err(SignatureFault::Mismatch));
    let wrong = by_changed(|signature| signature.signer(testkit::cms::Signer::with_wrong_message_digest));
    assert_eq!(wrong.signature, Err(SignatureFault::OtherContent));
    let moved = of(&package().signature(|signature| {
        // The team is changed in the finished signature, so that it is no longer what was signed.
        signature.edit(|bytes| {
            let at =
                bytes.windows(10).position(|window| window == TEAM.as_bytes()).expect("the team is there");
            bytes[at] = b'Z';
        })
    }));
    assert_eq!(moved.signer.known().unwrap().signature, Err(SignatureFault::OtherContent));
    assert_eq!(moved.code_hashes, Fact::Known(Agreement::Different));
    assert_eq!(moved.strongest().team, Fact::Known("Z1B2C3D4E5".to_owned()));

    let none = of(&package().signature(codesign::CodeSignature::without_code_hashes));
    assert_eq!(none.code_hashes, Fact::Absent);

    // An alternate CodeDirectory that the signer has never seen, put in afterwards.
    let slipped = package().signature(|signature| {
        signature.sha1_and_sha256().signer(|signer| signer).message(|message| message).edit(|bytes| {
            let magic = [0xfa, 0xde, 0x0c, 0x02];
            let at = bytes.windows(4).rposition(|window| window == magic).expect("there are two");
            bytes[at + 12] = 0x80;
        })
    });
    let slipped = of(&slipped);
    assert_eq!(slipped.signer.known().unwrap().signature, Ok(()), "the primary one is as it was");
    assert_eq!(slipped.code_hashes, Fact::Known(Agreement::Different));
}

#[test]
fn entitlements_are_told_in_both_forms() {
    let beyond =
        of(&package().signature(|signature| signature.entitlement("com.apple.developer.healthkit", true)));
    let claims = |list: &Fact<bounded_plist::Dictionary>| {
        list.known().and_then(|list| list.get("com.apple.developer.healthkit")?.as_bool())
    };
    assert_eq!((claims(&beyond.entitlements), claims(&beyond.der_entitlements)), (Some(true), Some(true)));

    let none = of(&package().signature(codesign::CodeSignature::without_der_entitlements));
    assert_eq!((none.der_entitlements.is_absent(), none.entitlements_agreement()), (true, Fact::Absent));

    let different =
        of(&package().signature(|signature| signature.der_entitlements(plist::Dictionary::new())));
    assert_eq!(different.entitlements_agreement(), Fact::Known(Agreement::Different));

    let odd = of(&package().signature(|signature| signature.der_entitlements_bytes([0x30, 0])));
    assert_eq!(
        odd.der_entitlements,
        Fact::Unreadable("no dictionary in DER: it begins with [30, 00]".to_owned())
    );
    assert_eq!(odd.strongest_seals().der_entitlements, Fact::Known(Seal::Intact));
}

#[test]
fn each_slice_of_a_fat_executable_has_its_signature() {
    let fat = inspect(&package().bundle(|app| app.slice(MachO::executable(Arch::Armv7))));
    let executable = fat.app.executable.known().unwrap();
    assert_eq!(executable.slices.len(), 2);
    for slice in &executable.slices {
        let signature = slice.signature.known().unwrap();
        assert_eq!(signature.signer.known().unwrap().signature, Ok(()), "{}", slice.cpu);
    }
    assert_eq!(executable.device_slice().unwrap().cpu, Cpu::Arm64);
}

#[test]
fn over_a_network_only_what_is_stored_is_read() {
    let limits = Limits::remote();
    let compressed = inspected(&package().build(), &limits);
    let Fact::NotMeasured(reason) = compressed.app.signature() else { panic!("it is not inflated") };
    assert!(reason.ends_with("of a compressed file, of which 0 bytes are inflated at most"), "{reason}");
    assert!(compressed.app.executable.known().is_some());

    let mut stored = package().archive();
    for entry in stored.entries_mut() {
        *entry = std::mem::replace(entry, Entry::directory("x/")).stored();
    }
    let stored = inspected(&stored.build(), &limits);
    assert_eq!(signature(&stored.app).strongest_seals().resources, Fact::Known(Seal::Intact));
}

#[test]
fn what_it_may_cost_is_limited() {
    let bytes = package().extension("widget").build();
    let small = inspected(&bytes, &Limits { signature_bytes: 100, ..Limits::default() });
    let Fact::Unreadable(reason) = small.app.signature() else { panic!("it is larger") };
    assert!(reason.ends_with("bytes, and 100 bytes are the most"), "{reason}");
    // Enough for the app, not for the extension.
    let some = inspected(&bytes, &Limits { signed_bytes: 60_000, ..Limits::default() });
    assert!(some.app.signature().known().is_some());
    assert!(matches!(some.nested[0].signature(), Fact::NotMeasured(_)));
    // Not asked for.
    let outline = ipa::inspect(&bytes, &Limits::default()).unwrap();
    assert_eq!(outline.app.signature(), Fact::NotMeasured("signatures are not looked at".to_owned()));
}

#[test]
fn signatures_at_impossible_places_are_refused() {
    let placed = |offset: u32, size: u32| {
        let command = [0x1d_u32, 16, offset, size].map(u32::to_le_bytes).concat();
        let macho = MachO::executable(Arch::Arm64).raw_command(command);
        inspect(&package().executable_bytes(macho.build())).app.signature().map(|_| ())
    };
    let end = "its size in the central directory";
    assert_eq!(placed(40, 16), Fact::Unreadable("it lies within the load commands".to_owned()));
    for (offset, size) in [(u32::MAX - 16, 16), (0x8000, 0x1000_0000)] {
        assert!(matches!(placed(offset, size), Fact::Unreadable(reason) if !reason.contains(end)));
    }
    assert!(
        matches!(placed(0x4000, 4096), Fact::Unreadable(reason) if reason.contains("where 0xfade0cc0 belongs"))
    );
}

fn read(bytes: &[u8]) -> Result<CodeSignature, SignatureError> {
    let nothing = Fact::Absent;
    let sealed = SealedFiles { info_plist: &nothing, resources: &nothing };
    CodeSignature::read(bytes, &sealed, &Limits::default(), Authorities::apple())
}

#[test]
fn hostile_signatures_are_refused_or_do_no_harm() {
    for case in hostile::cases() {
        match read(&case.bytes) {
            Ok(signature) => assert!(!signature.directories.is_empty(), "{}", case.what),
            Err(error) => assert!(!error.to_string().is_empty(), "{}", case.what),
        }
    }
    for (what, expected) in [
        ("2^32 - 1 blobs", "a code signature of 4294967295 parts, where 64 are the most"),
        ("no blobs", "the code signature has no CodeDirectory"),
        ("two blobs in one slot", "the code signature has two parts for slot 0x0"),
        ("2^32 - 1 special slots", "the CodeDirectory makes no sense: it has more than 64 special slots"),
        ("2^32 - 1 pages", "the CodeDirectory makes no sense: its digests lie outside of it"),
        (
            "digests before the CodeDirectory",
            "the CodeDirectory makes no sense: its digests lie outside of it",
        ),
    ] {
        let case = hostile::cases().into_iter().find(|case| case.what == what).unwrap();
        assert_eq!(read(&case.bytes).unwrap_err().to_string(), expected, "{what}");
    }
}

#[test]
fn every_habit_of_zipping_leaves_the_signatures_whole() {
    for habit in Habit::ALL {
        let package = inspect(&package().habit(habit).nested(testkit::app::Bundle::new(
            BundleKind::Framework,
            "com.example.notes.Kit",
            "Kit",
        )));
        for bundle in package.bundles() {
            assert_eq!(signature(bundle).signer.known().unwrap().signature, Ok(()), "{habit:?}");
        }
    }
}

proptest! {
    #[test]
    fn no_change_to_a_signature_makes_it_panic_or_hold(
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
    ) {
        let mut bytes = codesign::CodeSignature::new("com.example.notes", TEAM, &chain(), AppPackage::NOW)
            .entitlement("get-task-allow", true)
            .sha1_and_sha256()
            .super_blob(&[7; 9000], &codesign::Sealed::default());
        let sound = read(&bytes).unwrap();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(found) = read(&bytes) {
            let holds = found.signer.known().is_some_and(|signer| signer.signature.is_ok());
            if holds {
                prop_assert_eq!(&found.directories[0], &sound.directories[0]);
            }
        }
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
        let _ = read(&[&[0xfa, 0xde, 0x0c, 0xc0, 0, 0, 1, 0, 0, 0, 0, 2][..], &bytes].concat());
    }
}
