use ipa::{Bundle, Fact};

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::{EvidenceKind, Facts, Severity, Station};

/// There is a provisioning profile, but nobody can read it: neither we nor a device.
pub(crate) static RULE: Rule = Rule {
    code: "PRF002",
    name: "profile-unreadable",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Profile,
    device_shows: "\"Unable to Install\": its integrity could not be verified",
    fix: "export it again; if the profile was put in by hand, take the file as it was downloaded, unchanged",
    explains: &[],
    page: include_str!("unreadable.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, _: &Facts<'_>) -> Checked {
    match &bundle.profile {
        Fact::Unreadable(reason) => {
            found(Fault::new(format!("its provisioning profile can't be read: {reason}")))
        }
        Fact::NotMeasured(reason) => Err(NotJudged::NotMeasured(reason.clone())),
        Fact::Known(_) | Fact::Absent => clean(),
    }
}
