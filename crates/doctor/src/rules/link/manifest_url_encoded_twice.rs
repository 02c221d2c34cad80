use itms_services::LinkReading;

use super::told;
use crate::rule::{Check, Checked, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The manifest's address was encoded more than once, so that what the device decodes is no address.
pub(crate) static RULE: Rule = Rule {
    code: "LNK007",
    name: "manifest-url-encoded-twice",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Link,
    device_shows: "nothing happens",
    fix: "encode the manifest URL once",
    explains: &["manifest-url-not-absolute", "manifest-url-invalid"],
    page: include_str!("manifest_url_encoded_twice.md"),
    check: Check::Link(check),
};

fn check(link: &LinkReading, _: &Facts<'_>) -> Checked {
    told(link, RULE.name)
}
