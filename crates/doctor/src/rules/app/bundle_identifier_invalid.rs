use ipa::{Bundle, Fact};

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found, measured};
use crate::{Evidence, EvidenceKind, Facts, Severity, Station};

/// A bundle has no identifier, or one that holds characters it may not hold.
pub(crate) static RULE: Rule = Rule {
    code: "APP004",
    name: "bundle-identifier-invalid",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::App,
    device_shows: "\"Unable to Install\" after the download",
    fix: "set a bundle identifier of letters, digits, hyphens and full stops in Xcode and build again",
    explains: &[],
    page: include_str!("bundle_identifier_invalid.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let key = Evidence::key(bundle, "Info.plist", "CFBundleIdentifier");
    match &measured(&bundle.info)?.bundle_id {
        Fact::Absent => found(Fault::new("it has no `CFBundleIdentifier`").at(key)),
        Fact::Unreadable(reason) => {
            found(Fault::new(format!("its `CFBundleIdentifier` makes no sense: {reason}")).at(key))
        }
        Fact::NotMeasured(reason) => Err(NotJudged::NotMeasured(reason.clone())),
        Fact::Known(id) => {
            match id.as_str().chars().find(|c| !(c.is_ascii_alphanumeric() || "-.".contains(*c))) {
                Some(odd) => {
                    let message = format!("its `CFBundleIdentifier` {id} holds {odd:?}");
                    found(Fault::new(message).at(key.seen(id)))
                }
                None => clean(),
            }
        }
    }
}
