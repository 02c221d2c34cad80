use signed_data::{Certificate, ObjectIdentifier};
use time::UtcDateTime;
use time::macros::utc_datetime;

use super::{at, below_root, called, leaf, spoken};
use crate::rule::{Check, Checked, Fault, Rule, found_all};
use crate::rules::wording::listed;
use crate::{Anchor, EvidenceKind, Facts, Host, Severity, Station, Tls};

/// The certificate does not say that it is for servers.
pub(crate) static RULE: Rule = Rule {
    code: "TLS011",
    name: "missing-server-auth",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Tls,
    device_shows: "\"Cannot connect to\" the host, or \"The certificate for\" the host \"is not valid\"",
    fix: "get a certificate with the extended key usage `serverAuth`",
    explains: &[],
    page: include_str!("missing_server_auth.md"),
    check: Check::EachHost(check),
};

/// Certificates from after this on must say so (support.apple.com/103769).
const SINCE: UtcDateTime = utc_datetime!(2019-07-01 0:00);
const SERVER: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1");
const ANY: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");

fn check(host: &Host, _: &Facts<'_>) -> Checked {
    let tls = spoken(host)?;
    let leaf = leaf(tls)?;
    let own = lack_of_leaf(leaf).map(|lack| (leaf, lack));
    let above = above(tls).iter().filter_map(|one| Some((one, lack_of_authority(one)?)));
    found_all(own.into_iter().chain(above).map(|(certificate, lack)| {
        Fault::new(format!("{} of {} {lack}", called(tls, certificate), host.title())).at(at(certificate))
    }))
}

fn lack_of_leaf(leaf: &Certificate) -> Option<String> {
    match leaf.extended_key_usage() {
        Err(error) => Some(format!("can't be read: {error}")),
        Ok(Some(purposes)) if purposes.contains(&SERVER) => None,
        // Before, devices took one that is for everything.
        Ok(Some(purposes)) if purposes.contains(&ANY) && leaf.not_before() <= SINCE => None,
        Ok(None) if leaf.not_before() <= SINCE => None,
        Ok(None) => Some("has no extended key usage, and must have serverAuth".to_owned()),
        Ok(Some(purposes)) => Some(format!("is not for servers (serverAuth) but for {}", written(&purposes))),
    }
}

/// The authorities between the host's certificate and a public root, which must allow it where they say anything.
fn above(tls: &Tls) -> &[Certificate] {
    match (tls.anchor, below_root(tls)) {
        (Anchor::Shipped | Anchor::Public, [_, above @ ..]) => above,
        _ => &[],
    }
}

fn lack_of_authority(certificate: &Certificate) -> Option<String> {
    let purposes = certificate.extended_key_usage().ok()??;
    let is_fit = purposes.is_empty() || purposes.contains(&SERVER) || purposes.contains(&ANY);
    (!is_fit).then(|| format!("may not issue for servers (serverAuth), but for {}", written(&purposes)))
}

/// Purposes by their names in RFC 5280 4.2.1.12.
fn written(purposes: &[ObjectIdentifier]) -> String {
    let name = |purpose: &ObjectIdentifier| match &*purpose.to_string() {
        "1.3.6.1.5.5.7.3.2" => "clientAuth".to_owned(),
        "1.3.6.1.5.5.7.3.3" => "codeSigning".to_owned(),
        "1.3.6.1.5.5.7.3.4" => "emailProtection".to_owned(),
        "1.3.6.1.5.5.7.3.8" => "timeStamping".to_owned(),
        "1.3.6.1.5.5.7.3.9" => "OCSPSigning".to_owned(),
        "2.5.29.37.0" => "anyExtendedKeyUsage".to_owned(),
        other => other.to_owned(),
    };
    if purposes.is_empty() {
        "nothing".to_owned()
    } else {
        listed(&purposes.iter().map(name).collect::<Vec<_>>())
    }
}
