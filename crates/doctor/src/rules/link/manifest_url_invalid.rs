use itms_services::LinkReading;

use super::told;
use crate::rule::{Check, Checked, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The manifest's address is no URL.
pub(crate) static RULE: Rule = Rule {
    code: "LNK010",
    name: "manifest-url-invalid",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Link,
    device_shows: "nothing happens on iOS 16 and older; newer systems may mend a space",
    fix: "encode what a URL may not hold: the path first, then the whole address once more for the link",
    explains: &[],
    page: include_str!("manifest_url_invalid.md"),
    check: Check::Link(check),
};

fn check(link: &LinkReading, _: &Facts<'_>) -> Checked {
    told(link, RULE.name)
}
