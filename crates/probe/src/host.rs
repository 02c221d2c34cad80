//! What was observed of a host, read into the facts that are judged.

use std::net::IpAddr;

use doctor::{Anchor, Connected, HandshakeFailure, Host, Tls, TlsVersion, Unreached};
use egress::{Attempt, ConnectError, Handshake, HandshakeError, Observed, ProtocolVersion};
use ipa::Fact;
use signed_data::{Certificate, Limits};

use crate::roots::Roots;

pub(crate) fn host(observed: &Observed, is_https: bool, roots: &Roots) -> Host {
    let connection = match (observed.connected(), &observed.outcome) {
        (Some((address, after)), _) => {
            let failed = observed.attempts.iter().filter_map(failure).collect();
            Ok(Connected { address, after, failed })
        }
        (None, Err(error)) => Err(unreached(error)),
        (None, Ok(_)) => Err(Unreached::NoRoute { reason: "there was no address to try".to_owned() }),
    };
    let tls = match &observed.outcome {
        _ if !is_https => Fact::Absent,
        Ok(Some(handshake)) => Fact::Known(Ok(spoken(handshake, roots))),
        Err(ConnectError::Handshake(error)) => Fact::Known(Err(handshake_failure(error))),
        Ok(None) | Err(_) => Fact::NotMeasured("there was no connection".to_owned()),
    };
    Host {
        name: observed.name.clone(),
        port: observed.port,
        addresses: observed.addresses.clone(),
        connection,
        tls,
    }
}

fn failure(attempt: &Attempt) -> Option<(IpAddr, Unreached)> {
    Some((attempt.address, unreached(attempt.outcome.as_ref().err()?)))
}

fn unreached(error: &ConnectError) -> Unreached {
    match error {
        ConnectError::NotResolved { reason } => Unreached::NotResolved { reason: reason.clone() },
        ConnectError::NotAllowed { .. } => Unreached::NotAllowed,
        ConnectError::Refused => Unreached::Refused,
        ConnectError::Silent { after } => Unreached::Silent { after: *after },
        error => Unreached::NoRoute { reason: error.to_string() },
    }
}

fn handshake_failure(error: &HandshakeError) -> HandshakeFailure {
    match error {
        HandshakeError::NotTls => HandshakeFailure::NotTls,
        HandshakeError::OldVersion => HandshakeFailure::OldVersion,
        HandshakeError::NoCommonSuite => HandshakeFailure::NoCommonSuite,
        HandshakeError::CertificateWanted => HandshakeFailure::CertificateWanted,
        HandshakeError::Dropped => HandshakeFailure::Dropped,
        HandshakeError::Silent { after } => HandshakeFailure::Silent { after: *after },
        HandshakeError::Other { reason } => HandshakeFailure::Other { reason: reason.clone() },
        error => HandshakeFailure::Other { reason: error.to_string() },
    }
}

fn spoken(handshake: &Handshake, roots: &Roots) -> Tls {
    let read = |der: &egress::CertificateDer<'_>| {
        Certificate::read(der, &Limits::default()).map_err(|error| error.to_string())
    };
    let sent: Vec<Result<Certificate, String>> = handshake.chain.iter().map(read).collect();
    let readable: Vec<Certificate> = sent.iter().skip(1).flatten().cloned().collect();
    let leaf = sent.first().and_then(|leaf| leaf.as_ref().ok());
    let (chain, anchor) = leaf.map(|leaf| roots.chain(leaf, &readable)).unzip();
    Tls {
        version: match handshake.version {
            ProtocolVersion::TLSv1_3 => TlsVersion::V1_3,
            _ => TlsVersion::V1_2,
        },
        suite: handshake.suite.as_str().unwrap_or("unknown").to_owned(),
        asks_for_certificate: handshake.asks_for_certificate,
        sent,
        chain,
        anchor: anchor.unwrap_or(Anchor::Unknown),
    }
}
