use ip_reach::Reach;

use super::at;
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::rules::wording::listed;
use crate::{Connected, EvidenceKind, Facts, Host, Severity, Station, Unreached};

/// Nothing takes the connection.
pub(crate) static RULE: Rule = Rule {
    code: "NET004",
    name: "connection-refused",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Network,
    device_shows: "\"Cannot connect to\" the host",
    fix: "start the server, and let it listen at this port on the address that the name leads to",
    explains: &[],
    page: include_str!("connection_refused.md"),
    check: Check::EachHost(check),
};

fn check(host: &Host, _: &Facts<'_>) -> Checked {
    let title = host.title();
    let fault = match &host.connection {
        Err(Unreached::Refused) => {
            Fault::new(format!("{title} refused the connection: nothing listens at port {}", host.port))
        }
        Err(Unreached::NoRoute { reason }) if !host.addresses.is_empty() && is_ipv6_alone(host) => {
            Fault::new(format!(
                "{title} has IPv6 addresses alone, and this computer can't reach them: {reason}"
            ))
            .lighter(Severity::Warning)
            .mended_by("try from a network with IPv6; give the name an A record too, for devices without")
        }
        Err(Unreached::NoRoute { reason }) => Fault::new(format!("{title} can't be reached: {reason}"))
            .mended_by("check the address that the name leads to, this computer's network, and firewalls between"),
        Err(Unreached::NotAllowed) if is_nobody(host) => Fault::new(format!(
            "{title} leads to {}, which no computer has: such addresses are for documents, for many receivers at once, or for later",
            listed(&host.addresses)
        ))
        .mended_by("give the name the address of the server"),
        Ok(Connected { address, failed, .. }) => {
            let refused: Vec<_> =
                failed.iter().filter(|(_, why)| *why == Unreached::Refused).map(|(address, _)| address).collect();
            if refused.is_empty() {
                return clean();
            }
            Fault::new(format!(
                "{address} took the connection to {title}, and {} refused it",
                listed(&refused)
            ))
            .lighter(Severity::Warning)
            .mended_by("let the server listen at every address of its name, or take the others out of the DNS records")
        }
        Err(_) => return clean(),
    };
    found(fault.at(at(host)))
}

fn is_ipv6_alone(host: &Host) -> bool {
    host.addresses.iter().all(std::net::IpAddr::is_ipv6)
}

/// Whether its addresses are no single computer's.
fn is_nobody(host: &Host) -> bool {
    !host.addresses.is_empty() && host.addresses.iter().all(|address| Reach::of(*address) == Reach::Special)
}
