use itms_services::LinkReading;

use super::told;
use crate::rule::{Check, Checked, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The manifest's address has no scheme or no host.
pub(crate) static RULE: Rule = Rule {
    code: "LNK009",
    name: "manifest-url-not-absolute",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Link,
    device_shows: "nothing happens",
    fix: "write the whole address, from https:// on",
    explains: &[],
    page: include_str!("manifest_url_not_absolute.md"),
    check: Check::Link(check),
};

fn check(link: &LinkReading, _: &Facts<'_>) -> Checked {
    told(link, RULE.name)
}
