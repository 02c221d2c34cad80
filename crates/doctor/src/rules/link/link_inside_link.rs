use itms_services::LinkReading;

use super::told;
use crate::rule::{Check, Checked, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// An install link stands where the manifest's address belongs.
pub(crate) static RULE: Rule = Rule {
    code: "LNK011",
    name: "link-inside-link",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Link,
    device_shows: "nothing happens",
    fix: "put the manifest's https address behind `url=`, not another install link",
    explains: &[
        "manifest-url-not-https",
        "manifest-url-not-absolute",
        "manifest-url-invalid",
        "manifest-url-encoded-twice",
        "manifest-url-not-encoded",
    ],
    page: include_str!("link_inside_link.md"),
    check: Check::Link(check),
};

fn check(link: &LinkReading, _: &Facts<'_>) -> Checked {
    told(link, RULE.name)
}
