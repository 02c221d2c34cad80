use std::net::IpAddr;
use std::time::Duration;

use ipa::Fact;
use signed_data::{Certificate, Chain};

/// What answers at one name and port, up to where HTTP begins.
#[derive(Clone, Debug)]
pub struct Host {
    /// The host of the URL: a name, or an address without brackets.
    pub name: String,
    /// The port.
    pub port: u16,
    /// The addresses of the name, IPv4 and IPv6, in the order in which the system gives them.
    pub addresses: Vec<IpAddr>,
    /// What came of a connection.
    pub connection: Result<Connected, Unreached>,
    /// What was spoken on it, or why nothing was; absent where the URL is `http`.
    pub tls: Fact<Result<Tls, HandshakeFailure>>,
}

/// A connection that was made.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Connected {
    /// The address that took it.
    pub address: IpAddr,
    /// How long that took, after the name was looked up.
    pub after: Duration,
    /// Addresses that were tried before it, or beside it, and did not.
    pub failed: Vec<(IpAddr, Unreached)>,
}

/// Why a connection was not made.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum Unreached {
    /// The name has no address, in the system's words.
    NotResolved {
        /// What the system said.
        reason: String,
    },
    /// It leads where nothing may be touched unless that is allowed: to this computer, or into a private network.
    NotAllowed,
    /// The computer is there, and no program listens.
    Refused,
    /// Nothing came back.
    Silent {
        /// How long was waited.
        after: Duration,
    },
    /// The network knows no way there, or failed otherwise.
    NoRoute {
        /// What the system said.
        reason: String,
    },
}

/// TLS as it was spoken, whether or not the certificate can be trusted.
#[derive(Clone, Debug)]
pub struct Tls {
    /// The version that was agreed on.
    pub version: TlsVersion,
    /// The cipher suite by its IANA name: `TLS13_AES_128_GCM_SHA256`.
    pub suite: String,
    /// Whether the server asked for a certificate of the client, and went on without one.
    pub asks_for_certificate: bool,
    /// The certificates as the server sent them; what could not be read is in its place with the reason.
    pub sent: Vec<Result<Certificate, String>>,
    /// From the first certificate up, as far as those sent and the known roots go; `None` where the first can't be read.
    pub chain: Option<Chain>,
    /// Whose root the chain ends at.
    pub anchor: Anchor,
}

/// A version of TLS that devices speak.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum TlsVersion {
    /// TLS 1.2 (RFC 5246).
    V1_2,
    /// TLS 1.3 (RFC 8446).
    V1_3,
}

/// What a chain ends at.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Anchor {
    /// A root that Apple's devices come with.
    Shipped,
    /// A public root that is not in our list of those that Apple's devices come with.
    Public,
    /// A root that the caller trusts: `--ca`.
    Given,
    /// None of those; the chain says where it ends.
    Unknown,
}

/// Why a TLS handshake came to nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum HandshakeFailure {
    /// What answers there speaks something else, such as plain HTTP.
    NotTls,
    /// The server speaks neither TLS 1.2 nor 1.3.
    OldVersion,
    /// The server accepts no cipher suite that devices accept.
    NoCommonSuite,
    /// The server wants a certificate of the client, which devices don't have.
    CertificateWanted,
    /// The connection was closed or reset.
    Dropped,
    /// Nothing came back.
    Silent {
        /// How long was waited.
        after: Duration,
    },
    /// Something else, in words that go on after a colon.
    Other {
        /// What was the matter.
        reason: String,
    },
}

impl Host {
    /// Whether both are one server, spoken to in one way.
    pub(crate) fn is_same_place(&self, other: &Self) -> bool {
        self.port == other.port
            && self.name.eq_ignore_ascii_case(&other.name)
            && self.tls.is_absent() == other.tls.is_absent()
    }

    /// How it is written: `apps.example.com`, with its port where that is not the scheme's own.
    #[must_use]
    pub fn title(&self) -> String {
        let name = if self.name.contains(':') { format!("[{}]", self.name) } else { self.name.clone() };
        match (self.port, self.tls.is_absent()) {
            (443, false) | (80, true) => name,
            (port, _) => format!("{name}:{port}"),
        }
    }

    /// What was spoken, where a handshake was completed.
    #[must_use]
    pub fn spoken(&self) -> Option<&Tls> {
        self.tls.known()?.as_ref().ok()
    }
}

impl Tls {
    /// The server's own certificate.
    #[must_use]
    pub fn leaf(&self) -> Option<&Certificate> {
        self.sent.first()?.as_ref().ok()
    }
}
