use itms_services::LinkReading;

use super::told;
use crate::rule::{Check, Checked, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The manifest's address stands in the link as it is and does not survive it.
pub(crate) static RULE: Rule = Rule {
    code: "LNK006",
    name: "manifest-url-not-encoded",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Link,
    device_shows: "nothing happens, or \"Cannot connect to\" the manifest's host",
    fix: "encode the whole manifest URL: every character but letters, digits, `-`, `_`, `.` and `~`",
    explains: &[],
    page: include_str!("manifest_url_not_encoded.md"),
    check: Check::Link(check),
};

fn check(link: &LinkReading, _: &Facts<'_>) -> Checked {
    told(link, RULE.name)
}
