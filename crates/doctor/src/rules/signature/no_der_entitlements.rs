use ipa::{Bundle, Fact};

use super::{is_refused_by_ios_15, signature};
use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found, measured};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The entitlements are there in the old form only.
pub(crate) static RULE: Rule = Rule {
    code: "SIG004",
    name: "no-der-entitlements",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Signature,
    device_shows: "\"needs to be updated\" by its developer",
    fix: "sign again on macOS 11.5 or later, or with `codesign --generate-entitlement-der`",
    explains: &[],
    page: include_str!("no_der_entitlements.md"),
    check: Check::EachBundle(check),
};

fn check(bundle: &Bundle, facts: &Facts<'_>) -> Checked {
    let signature = signature(bundle)?;
    let entitlements = measured(&signature.entitlements)?;
    if entitlements.is_empty() || !is_refused_by_ios_15(facts) {
        return clean();
    }
    match &signature.der_entitlements {
        Fact::Absent => found(Fault::new("its signature has entitlements as XML and none as DER")),
        Fact::Unreadable(reason) => {
            found(Fault::new(format!("the entitlements as DER in its signature can't be read: {reason}")))
        }
        Fact::NotMeasured(reason) => Err(NotJudged::NotMeasured(reason.clone())),
        Fact::Known(_) => clean(),
    }
}
