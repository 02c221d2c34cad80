use itms_services::LinkReading;

use super::told;
use crate::rule::{Check, Checked, Fault, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The manifest's host is the device itself: `localhost` or a loopback address.
pub(crate) static RULE: Rule = Rule {
    code: "LNK012",
    name: "manifest-host-is-the-device",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Link,
    device_shows: "\"Cannot connect to\" the host; error 850 in the device's log",
    fix: "use a name or an address by which the device reaches your server",
    explains: &["address-is-loopback"],
    page: include_str!("manifest_host_is_the_device.md"),
    check: Check::Link(check),
};

fn check(link: &LinkReading, facts: &Facts<'_>) -> Checked {
    let faults = told(link, RULE.name)?;
    // On a bench it is meant to.
    let weighed = |fault: Fault| if facts.may_be_private { fault.lighter(Severity::Note) } else { fault };
    Ok(faults.into_iter().map(weighed).collect())
}
