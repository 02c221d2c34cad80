use ipa::Fact;

use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found};
use crate::rules::answer::{seconds, shown};
use crate::{
    Evidence, EvidenceKind, EvidencePlace, Facts, HandshakeFailure, Host, NoAnswer, Severity, Station,
};

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
    explains: &["manifest-cut-off", "package-cut-off", "head-refused"],
    page: include_str!("handshake_failed.md"),
    check: Check::EachHost(check),
};

/// What to do where certificates of clients are wanted.
const WITHOUT_CERTIFICATE: &str =
    "exempt manifest, icons and package from client certificates: the installer has none";

fn check(host: &Host, facts: &Facts<'_>) -> Checked {
    let title = host.title();
    let message = match &host.tls {
        Fact::Known(Err(failure)) => failed(&title, failure),
        _ => spoken_in_vain(&title, host, facts)?,
    };
    let Some(message) = message else { return clean() };
    let fault = Fault::new(message).at(Evidence::at(EvidencePlace::Address, &title));
    found(match &host.tls {
        Fact::Known(Err(HandshakeFailure::NotTls)) => {
            fault.mended_by("switch on TLS at this port, or use the port at which the server has it")
        }
        Fact::Known(Err(HandshakeFailure::CertificateWanted)) => fault.mended_by(WITHOUT_CERTIFICATE),
        Fact::Known(Ok(tls)) if tls.asks_for_certificate => fault.mended_by(WITHOUT_CERTIFICATE),
        _ => fault,
    })
}

fn failed(title: &str, failure: &HandshakeFailure) -> Option<String> {
    Some(match failure {
        HandshakeFailure::NotTls => format!("{title} answers, and speaks no TLS"),
        HandshakeFailure::CertificateWanted => format!("{title} wants a certificate of the client"),
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

/// What is the matter where TLS is spoken, and yet nobody knows with whom, or nothing comes of it.
fn spoken_in_vain(title: &str, host: &Host, facts: &Facts<'_>) -> Result<Option<String>, NotJudged> {
    let tls = spoken(host)?;
    Ok(match tls.sent.first() {
        None => Some(format!("{title} sends no certificate")),
        Some(Err(reason)) => {
            Some(format!("{title} sends a certificate that can't be read: {}", shown(reason)))
        }
        // In TLS 1.3 a server looks for the client's certificate once the client takes the handshake for done.
        Some(Ok(_)) if tls.asks_for_certificate && is_left_without_answer(host, facts) => Some(format!(
            "{title} asks for a certificate of the client, and closes the connection where there is none"
        )),
        Some(Ok(_)) => None,
    })
}

fn is_left_without_answer(host: &Host, facts: &Facts<'_>) -> bool {
    let mut hops = facts.hops().map(|(_, hop)| hop).filter(|hop| hop.host.is_same_place(host));
    hops.any(|hop| matches!(hop.answer, Err(NoAnswer::Dropped)))
}
