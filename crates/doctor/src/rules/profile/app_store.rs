use ipa::{Bundle, BundleKind, SigningKind};

use crate::rule::{Check, Checked, Fault, Rule, clean, found, measured};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The app was exported for the App Store, where it is signed again; as it is, no device runs it.
pub(crate) static RULE: Rule = Rule {
    code: "PRF006",
    name: "app-store-profile",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Profile,
    device_shows: "\"Unable to Install\": its integrity could not be verified",
    fix: "export the same archive again for ad hoc (release testing), development or enterprise distribution",
    explains: &["device-not-in-profile"],
    page: include_str!("app_store.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let profile = measured(&bundle.profile)?;
    // Nested bundles are exported with their app: one finding says it all.
    if bundle.kind == BundleKind::App && profile.kind == SigningKind::AppStore {
        return found(Fault::new(
            "its provisioning profile is for the App Store: it lists no devices and allows none",
        ));
    }
    clean()
}
