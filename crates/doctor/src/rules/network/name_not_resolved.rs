use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::rules::wording::quoted;
use crate::{EvidenceKind, Facts, Host, Severity, Station, Unreached};

use super::at;

/// The host's name has no address.
pub(crate) static RULE: Rule = Rule {
    code: "NET001",
    name: "name-not-resolved",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Network,
    device_shows: "\"Cannot connect to\" the host",
    fix: "check the name, and give it an A or AAAA record that everybody's resolver finds",
    explains: &[],
    page: include_str!("name_not_resolved.md"),
    check: Check::EachHost(check),
};

/// Ends of names that only some networks know (RFC 6762, RFC 8375, RFC 2606, and what routers and companies make up).
const LOCAL_ENDS: [&str; 10] =
    ["local", "internal", "home.arpa", "lan", "home", "corp", "intranet", "test", "example", "invalid"];

fn check(host: &Host, _: &Facts<'_>) -> Checked {
    let Err(Unreached::NotResolved { reason }) = &host.connection else { return clean() };
    let name = host.name.trim_end_matches('.').to_ascii_lowercase();
    let fault =
        Fault::new(format!("the name {} leads to no address: {reason}", quoted(&host.name))).at(at(host));
    let is_local = !name.contains('.')
        || LOCAL_ENDS.iter().any(|end| name.strip_suffix(end).is_some_and(|rest| rest.ends_with('.')));
    found(if is_local {
        fault.mended_by(
            "the name is one that only some networks know: use a public name, or look from within that network; `--resolve NAME:ADDRESS` tells the doctor where it leads",
        )
    } else {
        fault
    })
}
