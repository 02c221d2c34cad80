pub(super) mod address_is_loopback;
pub(super) mod address_is_private;
pub(super) mod blocked_for_installer;
mod bot_filter;
pub(super) mod connection_refused;
pub(super) mod connection_slow;
pub(super) mod name_not_resolved;

use std::net::IpAddr;

use ip_reach::Reach;

use crate::rule::Fault;
use crate::rules::wording::listed;
use crate::{Evidence, EvidencePlace, Facts, Host, Severity, Unreached};

/// What follows where an address was left alone.
const NOT_ASKED: &str = ", so nothing was asked of it";

/// The addresses of a host that can be reached so, in their order.
fn addresses(host: &Host, reaches: &[Reach]) -> Vec<IpAddr> {
    host.addresses.iter().copied().filter(|address| reaches.contains(&Reach::of(*address))).collect()
}

/// The host, and the addresses of its name.
fn at(host: &Host) -> Evidence {
    let evidence = Evidence::at(EvidencePlace::Address, host.title());
    if host.addresses.is_empty() { evidence } else { evidence.seen(listed(&host.addresses)) }
}

fn is_untouched(host: &Host) -> bool {
    matches!(host.connection, Err(Unreached::NotAllowed))
}

/// A fault that is none where the road is meant to lead into a private network.
fn unless_meant(facts: &Facts<'_>, fault: Fault) -> Fault {
    if facts.may_be_private { fault.lighter(Severity::Note) } else { fault }
}
