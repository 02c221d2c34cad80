use ip_reach::Reach;

use super::{NOT_ASKED, addresses, at, is_untouched, unless_meant};
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::rules::wording::{listed, quoted};
use crate::{EvidenceKind, Facts, Host, Severity, Station};

/// The host's name leads to the device itself.
pub(crate) static RULE: Rule = Rule {
    code: "NET002",
    name: "address-is-loopback",
    severity: Severity::Error,
    evidence: EvidenceKind::Observed,
    station: Station::Network,
    device_shows: "\"Cannot connect to\" the host; error 850 in the device's log",
    fix: "use a name or an address by which devices reach your server",
    explains: &[],
    page: include_str!("address_is_loopback.md"),
    check: Check::EachHost(check),
};

fn check(host: &Host, facts: &Facts<'_>) -> Checked {
    let loopback = addresses(host, &[Reach::Loopback]);
    if loopback.is_empty() {
        return clean();
    }
    let fault = if loopback.len() == host.addresses.len() {
        let message =
            format!("{} leads to {}, which is each device itself", quoted(&host.name), listed(&loopback));
        if is_untouched(host) {
            Fault::new(format!("{message}{NOT_ASKED}"))
                .mended_by(format!("{}; `--allow-private` tries the road on this computer", RULE.fix))
        } else {
            Fault::new(message)
        }
    } else {
        Fault::new(format!(
            "{} leads to {} as well, which is each device itself",
            quoted(&host.name),
            listed(&loopback)
        ))
        .lighter(Severity::Warning)
        .mended_by("take that address out of the name's DNS records, or out of this computer's hosts file")
    };
    found(unless_meant(facts, fault.at(at(host))))
}
