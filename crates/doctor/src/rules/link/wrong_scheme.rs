use itms_services::LinkReading;

use super::told;
use crate::rule::{Check, Checked, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The text does not begin with `itms-services://?`, so nothing opens it.
pub(crate) static RULE: Rule = Rule {
    code: "LNK001",
    name: "wrong-scheme",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Link,
    device_shows: "nothing happens, or \"the address is invalid\"",
    fix: "begin the link with `itms-services://?action=download-manifest&url=`",
    explains: &["action-missing-or-wrong", "manifest-url-missing"],
    page: include_str!("wrong_scheme.md"),
    check: Check::Link(check),
};

fn check(link: &LinkReading, _: &Facts<'_>) -> Checked {
    told(link, RULE.name)
}
