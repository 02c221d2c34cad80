use itms_services::LinkReading;

use super::told;
use crate::rule::{Check, Checked, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The manifest's address carries what looks like a secret in its query.
pub(crate) static RULE: Rule = Rule {
    code: "LNK013",
    name: "secret-in-query",
    severity: Severity::Warning,
    evidence: EvidenceKind::Assumed,
    station: Station::Link,
    device_shows: "nothing out of the ordinary",
    fix: "put tokens into the path of the manifest's address",
    explains: &[],
    page: include_str!("secret_in_query.md"),
    check: Check::Link(check),
};

fn check(link: &LinkReading, _: &Facts<'_>) -> Checked {
    told(link, RULE.name)
}
