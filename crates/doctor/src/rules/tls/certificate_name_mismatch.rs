use std::net::IpAddr;

use signed_data::AlternativeName;

use super::server_name::{Match, compare};
use super::{at, leaf, spoken};
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::rules::wording::{listed, quoted};
use crate::{EvidenceKind, Facts, Host, Severity, Station};

/// The certificate is another host's.
pub(crate) static RULE: Rule = Rule {
    code: "TLS003",
    name: "certificate-name-mismatch",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Tls,
    device_shows: "\"Cannot connect to\" the host, or \"The certificate for\" the host \"is not valid\"",
    fix: "get a certificate that names the host among its subject alternative names, and let the server use it for this name",
    // One that is not the host's is not what is to be renewed.
    explains: &["certificate-expired", "certificate-not-yet-valid"],
    page: include_str!("certificate_name_mismatch.md"),
    check: Check::EachHost(check),
};

fn check(host: &Host, _: &Facts<'_>) -> Checked {
    let leaf = leaf(spoken(host)?)?;
    let names = match leaf.alternative_names() {
        Ok(names) => names,
        Err(error) => {
            return found(
                Fault::new(format!("whom the certificate is for can't be read: {error}")).at(at(leaf)),
            );
        }
    };
    let matches: Vec<_> = names.iter().map(|name| compare(&host.name, name)).collect();
    if matches.contains(&Match::Yes) {
        return clean();
    }
    let name = quoted(&host.name);
    let fault = if matches.contains(&Match::ByTooWide) {
        Fault::new(format!("the certificate is for {name} by a wildcard that is too wide"))
            .lighter(Severity::Warning)
    } else if names.is_empty() {
        Fault::new(match leaf.subject().common_name() {
            Some(common_name) => format!(
                "the certificate has no alternative names, and its common name, {}, no longer counts",
                quoted(common_name)
            ),
            None => "the certificate names no host".to_owned(),
        })
    } else if is_address_as_name(&host.name, &names) {
        Fault::new(format!("the certificate has {name} as a name of DNS and not as an address"))
            .mended_by(format!("put it in as an address: `subjectAltName = IP:{}`", host.name))
    } else {
        Fault::new(format!("the certificate is not for {name}, but for {}", listed(&written(&names))))
    };
    found(fault.at(at(leaf).seen(listed(&written(&names)))))
}

/// Whether an address stands where names do.
fn is_address_as_name(host: &str, names: &[AlternativeName]) -> bool {
    let is_host = |name: &AlternativeName| matches!(name, AlternativeName::Dns(name) if name == host);
    host.parse::<IpAddr>().is_ok() && names.iter().any(is_host)
}

fn written(names: &[AlternativeName]) -> Vec<String> {
    let text = |name: &AlternativeName| match name {
        AlternativeName::Dns(name) => quoted(name),
        AlternativeName::Address(address) => address.to_string(),
    };
    names.iter().map(text).collect()
}
