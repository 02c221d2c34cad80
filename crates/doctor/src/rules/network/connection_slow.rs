use std::time::Duration;

use super::at;
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::rules::answer::seconds;
use crate::rules::wording::listed;
use crate::{Connected, EvidenceKind, Facts, Host, Severity, Station, Unreached};

/// The connection comes late, or not at all.
pub(crate) static RULE: Rule = Rule {
    code: "NET005",
    name: "connection-slow",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Network,
    device_shows: "a long wait, and then \"Cannot connect to\" the host",
    fix: "open the port in every firewall on the way, and check that the name leads to the right address",
    explains: &[],
    page: include_str!("connection_slow.md"),
    check: Check::EachHost(check),
};

/// The longest that a connection takes without remark: several lost packets, or a very long way.
const UNREMARKED: Duration = Duration::from_secs(3);

fn check(host: &Host, _: &Facts<'_>) -> Checked {
    let title = host.title();
    let fault = match &host.connection {
        Err(Unreached::Silent { after }) => {
            Fault::new(format!("nothing came back from {title} within {}", seconds(*after)))
        }
        Ok(Connected { after, .. }) if *after > UNREMARKED => {
            let (took, limit) = (seconds(*after), seconds(UNREMARKED));
            Fault::new(format!("connecting to {title} took {took}, where {limit} are much"))
                .lighter(Severity::Warning)
                .mended_by("look for lost packets and overloaded machines between here and the server, and try from elsewhere")
        }
        Ok(Connected { address, failed, .. }) => {
            let is_silent = |why: &Unreached| matches!(why, Unreached::Silent { .. });
            let silent: Vec<_> =
                failed.iter().filter(|(_, why)| is_silent(why)).map(|(other, _)| other).collect();
            if silent.is_empty() {
                return clean();
            }
            let message = format!(
                "{address} took the connection to {title}, and nothing came back from {}",
                listed(&silent)
            );
            // Silence towards IPv6 is as often the fault of the network that asks.
            let is_of_ipv6 = silent.iter().all(|other| other.is_ipv6()) && address.is_ipv4();
            Fault::new(message)
                .lighter(if is_of_ipv6 { Severity::Note } else { Severity::Warning })
                .mended_by("let the server answer at every address of its name, or take the others out of the DNS records")
        }
        Err(_) => return clean(),
    };
    found(fault.at(at(host)))
}
