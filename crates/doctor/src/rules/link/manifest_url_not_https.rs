use itms_services::LinkReading;

use super::told;
use crate::rule::{Check, Checked, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The manifest is to be fetched over plain `http`.
pub(crate) static RULE: Rule = Rule {
    code: "LNK008",
    name: "manifest-url-not-https",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Link,
    device_shows: "\"Cannot connect to\" the manifest's host; error 852 in the device's log",
    fix: "serve the manifest over https and write https into the link",
    explains: &[],
    page: include_str!("manifest_url_not_https.md"),
    check: Check::Link(check),
};

fn check(link: &LinkReading, _: &Facts<'_>) -> Checked {
    told(link, RULE.name)
}
