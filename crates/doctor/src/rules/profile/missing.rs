use ipa::{Bundle, BundleKind, Fact};

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The bundle has no provisioning profile, so no device is allowed to run it.
pub(crate) static RULE: Rule = Rule {
    code: "PRF001",
    name: "profile-missing",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Profile,
    device_shows: "\"Unable to Install\": its integrity could not be verified",
    fix: "export it signed, with an ad hoc, development or in-house profile",
    explains: &[],
    page: include_str!("missing.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    match &bundle.profile {
        Fact::Absent => {
            let what = if bundle.kind == BundleKind::App { "app" } else { bundle.kind.as_str() };
            found(Fault::new(format!("the {what} has no `embedded.mobileprovision`")))
        }
        Fact::NotMeasured(reason) => Err(NotJudged::NotMeasured(reason.clone())),
        Fact::Known(_) | Fact::Unreadable(_) => clean(),
    }
}
