use ipa::{Bundle, Fact};

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found, measured};
use crate::{Evidence, EvidenceKind, Facts, Severity, Station};

/// A bundle has no `CFBundleVersion`.
pub(crate) static RULE: Rule = Rule {
    code: "APP011",
    name: "build-number-missing",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::App,
    device_shows: "\"Unable to Install\" after the download",
    fix: "set the build number in the target's settings and build again",
    explains: &[],
    page: include_str!("build_number_missing.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    let key = Evidence::key(bundle, "Info.plist", "CFBundleVersion");
    match &measured(&bundle.info)?.build_number {
        Fact::Absent => found(Fault::new("it has no `CFBundleVersion`").at(key)),
        Fact::Unreadable(reason) => {
            found(Fault::new(format!("its `CFBundleVersion` makes no sense: {reason}")).at(key))
        }
        Fact::NotMeasured(reason) => Err(NotJudged::NotMeasured(reason.clone())),
        Fact::Known(_) => clean(),
    }
}
