use ip_reach::Reach;

use super::{NOT_ASKED, addresses, at, is_untouched, unless_meant};
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::rules::wording::{listed, quoted};
use crate::{EvidenceKind, Facts, Host, Severity, Station};

/// The host can be reached from within one network only.
pub(crate) static RULE: Rule = Rule {
    code: "NET003",
    name: "address-is-private",
    severity: Severity::Warning,
    evidence: EvidenceKind::Known,
    station: Station::Network,
    device_shows: "\"Cannot connect to\" the host, unless the device is in the same network",
    fix: "bring the device into that network, or use a public address",
    explains: &[],
    page: include_str!("address_is_private.md"),
    check: Check::EachHost(check),
};

fn check(host: &Host, facts: &Facts<'_>) -> Checked {
    let private = addresses(host, &[Reach::Private, Reach::LinkLocal]);
    if private.is_empty() {
        return clean();
    }
    let (name, listed) = (quoted(&host.name), listed(&private));
    let fault = if addresses(host, &[Reach::Public]).is_empty() {
        let kind = if private.iter().all(|address| Reach::of(*address) == Reach::LinkLocal) {
            "only devices on the same link reach it"
        } else {
            "only devices in the same network reach it"
        };
        let message = format!("{name} leads to {listed}: {kind}");
        if is_untouched(host) {
            Fault::new(format!("{message}{NOT_ASKED}"))
                .mended_by(format!("{}; `--allow-private` tries the road from here", RULE.fix))
        } else {
            Fault::new(message)
        }
    } else {
        Fault::new(format!(
            "{name} leads to public addresses and to {listed} at once, and devices outside that network may try the wrong one"
        ))
        .mended_by("let the name lead to public addresses alone, or to private ones alone")
    };
    found(unless_meant(facts, fault.at(at(host))))
}
