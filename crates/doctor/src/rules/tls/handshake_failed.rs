use ipa::Fact;

use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::rules::answer::{seconds, shown};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, HandshakeFailure, Host, Severity, Station, Tls};

use super::spoken;

/// No TLS comes about.
pub(crate) static RULE: Rule = Rule {
    code: "TLS013",
    name: "handshake-failed",
    severity: Severity::Error,
    evidence: EvidenceKind::Known,
    station: Station::Tls,
    device_shows: "\"Cannot connect to\" the host",
    fix: "let the server speak TLS at this port, with a certificate for this name",
    explains: &[],
    page: include_str!("handshake_failed.md"),
    check: Check::EachHost(check),
};

fn check(host: &Host, _: &Facts<'_>) -> Checked {
    let title = host.title();
    let message = match &host.tls {
        Fact::Known(Err(failure)) => match failed(&title, failure) {
            Some(message) => message,
            None => return clean(),
        },
        _ => match without_certificate(&title, spoken(host)?) {
            Some(message) => message,
            None => return clean(),
        },
    };
    let fault = Fault::new(message).at(Evidence::at(EvidencePlace::Address, &title));
    found(match &host.tls {
        Fact::Known(Err(HandshakeFailure::NotTls)) => {
            fault.mended_by("switch on TLS at this port, or use the port at which the server has it")
        }
        Fact::Known(Err(HandshakeFailure::Other { reason })) if reason.contains("certificate_required") => {
            fault.mended_by(
                "exempt manifest, icons and package from client certificates: the installer has none",
            )
        }
        _ => fault,
    })
}

fn failed(title: &str, failure: &HandshakeFailure) -> Option<String> {
    Some(match failure {
        HandshakeFailure::NotTls => format!("{title} answers, and speaks no TLS"),
        HandshakeFailure::Dropped => {
            format!("{title} takes the connection and closes it in the handshake of TLS")
        }
        HandshakeFailure::Silent { after } => {
            format!("{title} takes the connection and is silent: no TLS within {}", seconds(*after))
        }
        HandshakeFailure::Other { reason } => {
            format!("TLS with {title} does not come about: {}", shown(reason))
        }
        HandshakeFailure::OldVersion | HandshakeFailure::NoCommonSuite => return None,
    })
}

/// What is the matter where TLS is spoken, and nobody knows with whom.
fn without_certificate(title: &str, tls: &Tls) -> Option<String> {
    match tls.sent.first() {
        None => Some(format!("{title} sends no certificate")),
        Some(Err(reason)) => {
            Some(format!("{title} sends a certificate that can't be read: {}", shown(reason)))
        }
        Some(Ok(_)) => None,
    }
}
