use ipa::Fact;

use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::rules::wording::quoted;
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, HandshakeFailure, Host, Severity, Station};

use super::spoken;

/// The server speaks TLS as devices no longer do.
pub(crate) static RULE: Rule = Rule {
    code: "TLS009",
    name: "old-tls-version",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Tls,
    device_shows: "\"Cannot connect to\" the host",
    fix: "switch on TLS 1.2 and 1.3 with suites that begin with ECDHE",
    explains: &[],
    page: include_str!("old_tls_version.md"),
    check: Check::EachHost(check),
};

fn check(host: &Host, _: &Facts<'_>) -> Checked {
    let title = host.title();
    let message = match &host.tls {
        Fact::Known(Err(HandshakeFailure::OldVersion)) => {
            format!("{title} speaks neither TLS 1.2 nor TLS 1.3")
        }
        Fact::Known(Err(HandshakeFailure::NoCommonSuite)) => {
            format!(
                "{title} takes none of the cipher suites that devices prefer: ECDHE with AES-GCM or ChaCha20"
            )
        }
        _ => {
            let suite = &spoken(host)?.suite;
            if suite.starts_with("TLS13_") || suite.starts_with("TLS_ECDHE_") || is_of_tls13(suite) {
                return clean();
            }
            format!("{title} chose {}, a cipher suite without ECDHE", quoted(suite))
        }
    };
    found(Fault::new(message).at(Evidence::at(EvidencePlace::Address, title)))
}

/// Suites of TLS 1.3 by the names of RFC 8446, which name no key exchange.
fn is_of_tls13(suite: &str) -> bool {
    ["TLS_AES_", "TLS_CHACHA20_"].iter().any(|beginning| suite.starts_with(beginning))
}
