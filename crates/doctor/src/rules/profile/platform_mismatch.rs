use ipa::{Bundle, BundleKind, Platform};

use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{Evidence, EvidenceKind, Facts, Severity, Station};

/// The profile is for another of Apple's systems.
pub(crate) static RULE: Rule = Rule {
    code: "PRF010",
    name: "platform-mismatch",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Profile,
    device_shows: "\"Unable to Install\": its integrity could not be verified",
    fix: "make an iOS profile, and sign with it",
    explains: &[],
    page: include_str!("platform_mismatch.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let platforms = measured(&measured(&bundle.profile)?.platforms)?;
    let is_of_watch = bundle.kind == BundleKind::WatchApp || bundle.path.contains("/Watch/");
    let fits =
        |platform: &Platform| *platform == Platform::Ios || (is_of_watch && *platform == Platform::WatchOs);
    if platforms.is_empty() || platforms.iter().any(fits) {
        return clean();
    }
    let names: Vec<String> = platforms.iter().map(ToString::to_string).collect();
    let key = Evidence::key(bundle, "embedded.mobileprovision", "Platform").seen(names.join(", "));
    found(Fault::new(format!("its provisioning profile is for {}, not for iOS", names.join(" and "))).at(key))
}
