use itms_services::LinkReading;

use super::told;
use crate::rule::{Check, Checked, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The link asks for nothing the installer does.
pub(crate) static RULE: Rule = Rule {
    code: "LNK003",
    name: "action-missing-or-wrong",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Link,
    device_shows: "nothing happens",
    fix: "write `action=download-manifest` into the link",
    explains: &[],
    page: include_str!("action_missing_or_wrong.md"),
    check: Check::Link(check),
};

fn check(link: &LinkReading, _: &Facts<'_>) -> Checked {
    told(link, RULE.name)
}
