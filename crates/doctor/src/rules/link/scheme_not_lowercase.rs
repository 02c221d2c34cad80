use itms_services::LinkReading;

use super::told;
use crate::rule::{Check, Checked, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The scheme has capital letters, which the installer does not take for its own.
pub(crate) static RULE: Rule = Rule {
    code: "LNK002",
    name: "scheme-not-lowercase",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Link,
    device_shows: "nothing happens",
    fix: "write `itms-services` in lower case",
    explains: &[],
    page: include_str!("scheme_not_lowercase.md"),
    check: Check::Link(check),
};

fn check(link: &LinkReading, _: &Facts<'_>) -> Checked {
    told(link, RULE.name)
}
