//! What was kept of an app is judged as the app itself is.

use doctor::{Check, Demands, Device, Facts, Finding, judge, judge_again, rules};
use ipa::{Examined, Limits};
use testkit::app::{AppPackage, Bundle, BundleKind};
use testkit::plist::Value;
use time::{Duration, UtcDateTime};

fn look(package: &AppPackage) -> Examined {
    Examined::of(&package.build(), &Limits::default()).expect("bytes can be read")
}

/// What a server would keep of it.
fn kept(package: &Examined) -> Demands {
    let package = package.package.as_ref().expect("an app");
    Demands { bundle: None, ..Demands::of(&package.app) }
}

fn texts(values: &[&str]) -> Value {
    Value::Array(values.iter().map(|value| (*value).into()).collect())
}

fn device(model: &str, ios: &str) -> Device {
    Device { udid: None, model: Some(model.to_owned()), os: Some(ios.parse().expect("a version")) }
}

/// Name and message of those findings whose rules look at demands alone.
fn of_demands(findings: &[Finding]) -> Vec<(&str, &str)> {
    let is_of_demands = |finding: &&Finding| {
        rules::find(&finding.code).is_some_and(|rule| matches!(rule.check, Check::Demands(_)))
    };
    let found = findings.iter().filter(is_of_demands);
    found.map(|finding| (finding.name.as_str(), finding.message.as_str())).collect()
}

#[test]
fn a_device_is_told_the_same_by_what_was_kept_as_by_the_package() {
    let package = AppPackage::new("com.example.notes")
        .expires_at(AppPackage::NOW + Duration::days(60))
        .minimum_os("17.0")
        .families(&[2])
        .info("UIRequiredDeviceCapabilities", texts(&["iphone-ipad-minimum-performance-a12"]))
        .info("UISupportedDevices", texts(&["iPad13,1", "iPad7,11"]));
    let package = look(&package);
    for (device, days, expected) in [
        (device("iPad13,1", "18.0"), 0, &[][..]),
        (device("iPad13,1", "17.0"), 29, &[]),
        (device("iPad13,1", "16.7"), 31, &["profile-expires-soon", "os-too-old"]),
        (device("iPhone15,2", "18.0"), 0, &["wrong-device-family", "thinned-for-other-models"]),
        (device("iPad7,11", "18.0"), 0, &["capability-missing"]),
        (device("iPad14,1", "18.0"), 61, &["profile-expired", "thinned-for-other-models"]),
        (Device::default(), 61, &["profile-expired"]),
    ] {
        let now: UtcDateTime = AppPackage::NOW + Duration::days(days);
        let whole = judge(&Facts { device: device.clone(), ..Facts::of_package(now, &package) });
        let little = judge(&Facts::of_demands(now, kept(&package), device.clone()));
        let names: Vec<&str> = little.findings.iter().map(|finding| finding.name.as_str()).collect();
        assert_eq!(names, expected, "{device:?} after {days} days");
        assert_eq!(of_demands(&little.findings), of_demands(&whole.findings), "{device:?} after {days} days");
    }
}

#[test]
fn as_time_goes_by_only_what_depends_on_it_is_found_anew() {
    let expires_at = AppPackage::NOW + Duration::days(20);
    let share = Bundle::new(BundleKind::Extension, "com.example.notes.share", "share");
    let package = AppPackage::new("com.example.notes")
        .expires_at(expires_at)
        .without_icon()
        .nested(share.profile(move |profile| profile.expires_at(expires_at)));
    let package = look(&package);
    let at_first = judge(&Facts::of_package(AppPackage::NOW, &package)).findings;
    let soon = |findings: &[Finding]| {
        let soon = findings.iter().filter(|finding| finding.name == "profile-expires-soon");
        soon.map(|finding| finding.bundle.clone()).collect::<Vec<_>>()
    };
    let share = Some("Payload/Notes.app/PlugIns/share.appex".to_owned());
    assert_eq!(soon(&at_first), [Some("Payload/Notes.app".to_owned()), share.clone()]);

    let later = Facts::of_demands(AppPackage::NOW + Duration::days(21), kept(&package), Device::default());
    let now = judge_again(&at_first, &later);
    assert_eq!(soon(&now), [share], "nothing newer is known of what lies in the app");
    let cause = now.iter().find(|finding| finding.first_cause).map(|finding| finding.name.as_str());
    assert_eq!(cause, Some("profile-expired"));
    let others = |findings: &[Finding]| {
        let others = findings.iter().filter(|finding| !finding.name.starts_with("profile-expire"));
        others.map(|finding| finding.code.clone()).collect::<Vec<_>>()
    };
    assert_eq!(others(&now), others(&at_first));
}
