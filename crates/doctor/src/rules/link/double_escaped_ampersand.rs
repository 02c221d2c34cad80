use itms_services::LinkReading;

use super::told;
use crate::rule::{Check, Checked, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// An `&` reaches the device as `&amp;`, so the next parameter has another name.
pub(crate) static RULE: Rule = Rule {
    code: "LNK004",
    name: "double-escaped-ampersand",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Link,
    device_shows: "nothing happens",
    fix: "escape the `&` once in HTML, and not at all in text, scripts, mails and QR codes",
    explains: &[],
    page: include_str!("double_escaped_ampersand.md"),
    check: Check::Link(check),
};

fn check(link: &LinkReading, _: &Facts<'_>) -> Checked {
    told(link, RULE.name)
}
