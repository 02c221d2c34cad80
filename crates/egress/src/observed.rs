use std::net::IpAddr;
use std::time::{Duration, Instant};

use rustls::{CipherSuite, ProtocolVersion};
use rustls_pki_types::CertificateDer;

use crate::ConnectError;

/// What was observed of a host when it was connected to last.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The host of the URL: a name, or an address without brackets.
    pub name: String,
    /// The port.
    pub port: u16,
    /// The addresses of the name in the system's order; those that may not be reached too.
    pub addresses: Vec<IpAddr>,
    /// The addresses that were tried, in order, as far as each came before one took the connection.
    pub attempts: Vec<Attempt>,
    /// When there was a connection to send requests on, or none.
    pub ended_at: Instant,
    /// What came of it: TLS, nothing where the URL is `http`, or the error.
    pub outcome: Result<Option<Handshake>, ConnectError>,
}

/// One address that was tried.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attempt {
    /// The address.
    pub address: IpAddr,
    /// How long the connection took, or why there is none.
    pub outcome: Result<Duration, ConnectError>,
}

/// TLS as it was spoken.
#[derive(Clone, Debug)]
pub struct Handshake {
    /// The version.
    pub version: ProtocolVersion,
    /// The cipher suite.
    pub suite: CipherSuite,
    /// The certificates as the server sent them, its own first.
    pub chain: Vec<CertificateDer<'static>>,
    /// The stapled answer of the authority (OCSP), empty where there is none.
    pub stapled: Vec<u8>,
    /// Whether the server asked for a certificate of the client, and went on without one. In TLS 1.3 it may think better of
    /// it after the handshake.
    pub asks_for_certificate: bool,
    /// How long it took.
    pub after: Duration,
}

impl Observed {
    /// What was spoken, where a handshake was completed.
    #[must_use]
    pub fn handshake(&self) -> Option<&Handshake> {
        self.outcome.as_ref().ok()?.as_ref()
    }

    /// The address that took the connection, and how long that took.
    #[must_use]
    pub fn connected(&self) -> Option<(IpAddr, Duration)> {
        self.attempts.iter().find_map(|tried| Some((tried.address, *tried.outcome.as_ref().ok()?)))
    }
}
