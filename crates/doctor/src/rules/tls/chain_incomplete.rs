use signed_data::{Certificate, Name};

use super::known_issuer::advice;
use super::origin::{Origin, is_of_web, origin};
use super::{at, spoken};
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::rules::authority::named;
use crate::rules::wording::quoted;
use crate::{EvidenceKind, Facts, Host, Severity, Station};

/// The server leaves out a certificate between its own and a root.
pub(crate) static RULE: Rule = Rule {
    code: "TLS004",
    name: "chain-incomplete",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Tls,
    device_shows: "\"Cannot connect to\" the host, or \"The certificate for\" the host \"is not valid\"",
    fix: "let the server send the certificates of all authorities between its own and the root: the file is often called `fullchain.pem`",
    explains: &[],
    page: include_str!("chain_incomplete.md"),
    check: Check::EachHost(check),
};

fn check(host: &Host, facts: &Facts<'_>) -> Checked {
    let (message, last) = match origin(host, facts)? {
        Origin::Missing { issuer, last, why } => (missing(host, issuer, last, why)?, last),
        Origin::Broken { last, fault } => {
            let issuer = issuer_name(last.issuer());
            (
                format!("the chain breaks at {}, which names {issuer} as its issuer: {fault}", named(last)),
                last,
            )
        }
        _ => return clean(),
    };
    let fault = Fault::new(message).at(at(last));
    let locations = last.issuer_locations();
    let location = locations.iter().find(|location| is_of_web(location));
    found(match (advice(last), location) {
        (Some(advice), _) => fault.mended_by(advice),
        (None, Some(location)) => fault.mended_by(format!(
            "let the server send that certificate after its own; it is at {}",
            quoted(location)
        )),
        (None, None) => fault,
    })
}

fn missing(
    host: &Host,
    issuer: &Name,
    last: &Certificate,
    why: &str,
) -> Result<String, crate::rule::NotJudged> {
    let is_own = spoken(host)?.leaf() == Some(last);
    let whose = if is_own { "its own".to_owned() } else { named(last) };
    Ok(format!(
        "{} does not send the certificate of {}, which issued {whose}: {why}",
        host.title(),
        issuer_name(issuer)
    ))
}

fn issuer_name(name: &Name) -> String {
    name.common_name().or(name.organization()).map_or_else(|| "an issuer without a name".to_owned(), quoted)
}
