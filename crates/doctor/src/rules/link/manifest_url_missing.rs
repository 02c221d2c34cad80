use itms_services::LinkReading;

use super::told;
use crate::rule::{Check, Checked, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The link names no manifest.
pub(crate) static RULE: Rule = Rule {
    code: "LNK005",
    name: "manifest-url-missing",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Link,
    device_shows: "nothing happens",
    fix: "add `&url=` with the manifest's address, encoded",
    explains: &[],
    page: include_str!("manifest_url_missing.md"),
    check: Check::Link(check),
};

fn check(link: &LinkReading, _: &Facts<'_>) -> Checked {
    told(link, RULE.name)
}
