//! Each rule has a package that triggers it and a clean neighbour.

use doctor::{Facts, Report, Severity, judge};
use ipa::{Archive, Depth, Examined, Inspection, Limits};
use signed_data::{Authorities, Certificate};
use testkit::app::AppPackage;
use testkit::plist::Value;
use testkit::profile::SigningKind;
use time::Duration;

fn report_at(package: &[u8], now: time::UtcDateTime) -> Report {
    let limits = Limits::default();
    let archive = Archive::open(&package, &limits).expect("it is an archive");
    let root = Certificate::read(&AppPackage::root(), &signed_data::Limits::default()).expect("it is one");
    let inspection = Inspection::new(Depth::Outline).authorities(Authorities::new(vec![root], Vec::new()));
    let package = Examined::watched(&archive, &limits, &inspection, &mut |_| {}).expect("bytes can be read");
    judge(&Facts::of_package(now, &package))
}

fn names(package: &AppPackage) -> Vec<String> {
    let report = report_at(&package.build(), AppPackage::NOW);
    let grave = report.findings.into_iter().filter(|finding| finding.severity > Severity::Note);
    grave.map(|finding| finding.name).collect()
}

fn notes() -> AppPackage {
    AppPackage::new("com.example.notes")
}

#[test]
fn a_sound_package_of_every_installable_kind_has_no_findings() {
    for kind in [SigningKind::AdHoc, SigningKind::Development, SigningKind::InHouse] {
        let package = notes().signing(kind).extension("share").watch_app("watch").framework("Kit");
        assert_eq!(names(&package), Vec::<String>::new(), "{kind:?}");
    }
}

#[test]
fn a_package_without_an_app_is_named() {
    for folder in ["Export", "payload"] {
        assert_eq!(names(&notes().payload_folder(folder)), ["no-app-in-payload"], "{folder}");
    }
}

#[test]
fn a_simulator_build_is_named() {
    let platforms = Value::Array(vec!["iPhoneSimulator".into()]);
    assert_eq!(names(&notes().info("CFBundleSupportedPlatforms", platforms)), ["simulator-build"]);
}

#[test]
fn a_missing_profile_is_named_for_each_bundle() {
    assert_eq!(names(&notes().without_profile()), ["profile-missing"]);
}

#[test]
fn an_unreadable_profile_is_named_and_is_not_also_missing() {
    for bytes in [&b""[..], b"not a profile"] {
        assert_eq!(names(&notes().profile_bytes(bytes)), ["profile-unreadable"], "{bytes:?}");
    }
}

#[test]
fn an_app_store_profile_is_named_once() {
    assert_eq!(names(&notes().signing(SigningKind::AppStore).extension("share")), ["app-store-profile"]);
}

#[test]
fn a_profile_expires_at_its_moment_and_not_before() {
    let expires_at = AppPackage::NOW + Duration::days(1);
    let package = notes().expires_at(expires_at).build();
    for (now, expected, why) in [
        (expires_at - Duration::SECOND, 0, "a second before"),
        (expires_at, 1, "at the moment"),
        (expires_at + Duration::SECOND, 1, "a second after"),
    ] {
        let report = report_at(&package, now);
        let found = report.findings.iter().filter(|finding| finding.name == "profile-expired").count();
        assert_eq!(found, expected, "{why}: {:?}", report.findings);
    }
}

#[test]
fn only_errors_that_rest_on_documents_or_general_knowledge_refuse_an_upload() {
    let report = report_at(&notes().without_profile().build(), AppPackage::NOW);
    assert!(report.findings.iter().all(doctor::Finding::refuses_upload));
}
