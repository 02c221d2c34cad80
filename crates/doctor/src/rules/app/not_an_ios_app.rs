use ipa::{Bundle, BundleKind, Platform};

use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{Evidence, EvidenceKind, Facts, Severity, Station};

/// The app is for another of Apple's systems.
pub(crate) static RULE: Rule = Rule {
    code: "APP012",
    name: "not-an-ios-app",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::App,
    device_shows: "\"Unable to Install\" after the download",
    fix: "build the app for iOS",
    explains: &["platform-mismatch", "wrong-device-family", "no-device-architecture"],
    page: include_str!("not_an_ios_app.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    // What is nested may be for the watch.
    if bundle.kind != BundleKind::App {
        return clean();
    }
    let platforms = measured(&bundle.info)?.platforms();
    let platforms = measured(&platforms)?;
    if platforms.is_empty()
        || platforms.iter().any(|platform| *platform == Platform::Ios || platform.is_simulator())
    {
        return clean();
    }
    let names: Vec<String> = platforms.iter().map(ToString::to_string).collect();
    let key = Evidence::key(bundle, "Info.plist", "CFBundleSupportedPlatforms").seen(names.join(", "));
    found(Fault::new(format!("it is built for {}, not for iOS", names.join(" and "))).at(key))
}
