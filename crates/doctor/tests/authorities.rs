//! Whose signature an app and its profile bear.

use std::path::{Path, PathBuf};

use doctor::{Facts, Finding, Severity, judge};
use ipa::{Archive, Depth, Examined, Inspection, Limits, Profile as Parsed};
use signed_data::{Authorities, Certificate};
use testkit::app::AppPackage;
use testkit::cms::{SignedData, Signer};
use testkit::pki::{Chain, LeafKind};
use testkit::profile::{Profile, SigningKind, TEAM};

fn notes() -> AppPackage {
    AppPackage::new("com.example.notes")
}

/// A chain as sound as the usual one, below a root that nobody was told of.
fn strangers() -> Chain {
    Chain::rsa(TEAM, LeafKind::Distribution, AppPackage::NOW)
}

fn own() -> Chain {
    Chain::new(TEAM, LeafKind::Distribution, AppPackage::NOW)
}

fn profile() -> Profile {
    Profile::new(SigningKind::AdHoc, "com.example.notes", AppPackage::NOW)
}

/// What is found, and which rules were skipped though they should have looked.
fn findings(package: &AppPackage) -> (Vec<Finding>, Vec<&'static str>) {
    let root = Certificate::read(&AppPackage::root(), &Limits::default().cms).expect("it is a certificate");
    findings_below(package, &Authorities::new(vec![root], Vec::new()))
}

fn findings_below(package: &AppPackage, authorities: &Authorities) -> (Vec<Finding>, Vec<&'static str>) {
    let (bytes, limits) = (package.build(), Limits::default());
    let inspection = Inspection::new(Depth::Signatures).authorities(authorities.clone());
    let archive = Archive::open(&bytes, &limits).expect("it is an archive");
    let examined =
        Examined::watched(&archive, &limits, &inspection, &mut |_| {}).expect("memory can be read");
    let report = judge(&Facts::of_package(AppPackage::NOW, &examined));
    let skipped = report.skipped.iter().filter(|one| one.option.is_none()).map(|one| one.name);
    (report.findings, skipped.collect())
}

#[test]
fn a_profile_that_is_not_as_apple_signed_it_is_an_error() {
    for (bytes, message) in [
        (profile().bare(), "its provisioning profile is not signed"),
        (profile().unsigned(), "its provisioning profile is not signed"),
        (
            profile().tampered(),
            "the signature of its provisioning profile does not hold: the content is not what was signed: its digest is another than the signed one",
        ),
        (
            profile().with_broken_signature(),
            "the signature of its provisioning profile does not hold: the signature was made with another key, or over something else",
        ),
    ] {
        let (found, _) = findings(&notes().profile_bytes(bytes));
        let found: Vec<_> = found.iter().map(|one| (&*one.name, one.severity, &*one.message)).collect();
        assert_eq!(found, [("profile-untrusted", Severity::Error, message)]);
    }
}

#[test]
fn a_sound_signature_of_somebody_else_is_a_warning() {
    let chain = own();
    let alone = SignedData::new(profile().bare())
        .certificate(&chain.profile_signer.certificate)
        .signer(Signer::new(&chain.profile_signer).signed_at(AppPackage::NOW))
        .build();
    let developers = Chain { profile_signer: chain.leaf.clone(), ..chain.clone() };
    let stranger = strangers();
    let leaf = stranger.leaf.certificate.clone();
    let by_stranger = {
        let stranger = stranger.clone();
        notes()
            .signature(move |signature| signature.signed_by(&stranger))
            .profile(move |profile| profile.certificates([&leaf]))
    };
    let own_leaf = chain.leaf.certificate.clone();
    let no_root = "comes from \"Example Root CA\", and from no authority of Apple's we know";
    for (package, expected) in [
        (
            by_stranger,
            &[("unknown-authority", format!("the certificate it is signed with {no_root}"))][..],
        ),
        (
            notes().profile(move |profile| profile.chain(&stranger).certificates([&own_leaf])),
            &[(
                "profile-untrusted",
                format!("the certificate that signed its provisioning profile {no_root}"),
            )],
        ),
        (
            notes().profile_bytes(alone),
            &[(
                "profile-untrusted",
                "the certificate that signed its provisioning profile comes from \"Example Worldwide Developer Relations Certification Authority\", whose own certificate is not there, and from no authority of Apple's we know".to_owned(),
            )],
        ),
        (
            notes().profile(move |profile| profile.chain(&developers)),
            &[(
                "profile-untrusted",
                "its provisioning profile is signed with \"Apple Distribution: Example Corp (A1B2C3D4E5)\", a certificate that Apple issued to somebody else and not for profiles".to_owned(),
            )],
        ),
    ] {
        let (found, skipped) = findings(&package);
        let found: Vec<_> = found.iter().map(|one| (&*one.name, one.severity, one.message.clone())).collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(name, message)| (*name, Severity::Warning, message.clone()))
            .collect();
        assert_eq!((found, skipped), (expected, vec![]));
    }
}

#[test]
fn a_signature_of_a_kind_that_is_not_checked_is_skipped() {
    // ECDSA with SHA-224 in the place of SHA-256: nothing is known against it.
    let mut bytes = profile().build();
    let kind = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
    let last = bytes.windows(kind.len()).rposition(|part| part == kind).expect("it names its kind");
    bytes[last + kind.len() - 1] = 0x01;
    let (found, skipped) = findings(&notes().profile_bytes(bytes));
    assert_eq!((found, skipped), (Vec::new(), vec!["profile-untrusted"]));
}

#[test]
fn below_a_root_that_is_given_all_is_well() {
    let package = notes().extension("share").watch_app("watch").app_clip("clip").framework("Kit");
    assert_eq!(findings(&package), (Vec::new(), Vec::new()));
}

/// Profiles of other people's; nothing of them is printed.
#[test]
fn real_profiles_are_apples_unless_somebody_else_made_them() {
    #[expect(clippy::disallowed_methods, reason = "where the real profiles lie is the tester's to say")]
    let corpus = std::env::var_os("AIRSTAIR_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures"),
        PathBuf::from,
    );
    let Ok(files) = std::fs::read_dir(corpus.join("mobileprovision")) else {
        println!("SKIPPED: no real profiles; set AIRSTAIR_CORPUS to the folder of the corpus");
        return;
    };
    let mut judged = 0;
    for path in files.map(|file| file.expect("the folder can be read").path()) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let is = |beginnings: &[&str]| beginnings.iter().any(|beginning| name.starts_with(beginning));
        let bytes = std::fs::read(&path).expect("it can be read");
        if Parsed::read(&bytes, &Limits::default()).is_err() {
            continue;
        }
        let (found, skipped) = findings_below(&notes().profile_bytes(bytes), Authorities::apple());
        let found = found.iter().find(|one| one.name == "profile-untrusted").map(|one| one.severity);
        let expected = if is(&["app-info__plist", "app-info__bplist", "rules_apple__"]) {
            Some(Severity::Error)
        } else if is(&["app-info__signed_plist", "isign__"]) {
            Some(Severity::Warning)
        } else {
            None
        };
        assert_eq!((found, skipped), (expected, vec![]), "{name}");
        judged += 1;
    }
    assert!(judged >= 17, "{judged} judged");
}
