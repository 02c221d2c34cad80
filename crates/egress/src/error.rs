use std::net::IpAddr;
use std::time::Duration;

/// Why a request got no answer.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SendError {
    /// The address is none of a web server: another scheme, or no host.
    #[error("{scheme} is no scheme of web addresses, expected https or http")]
    Scheme {
        /// The scheme that was seen, or nothing.
        scheme: String,
    },
    /// No connection came about.
    #[error(transparent)]
    Connect(#[from] ConnectError),
    /// Nothing came back.
    #[error("no answer within {} s", after.as_secs_f32())]
    Silent {
        /// How long was waited.
        after: Duration,
    },
    /// The connection was closed or reset before an answer.
    #[error("the connection was closed before an answer")]
    Dropped,
    /// What came is no HTTP, or too much of it.
    #[error("the answer is no HTTP: {reason}")]
    NotHttp {
        /// What was the matter.
        reason: String,
    },
}

/// Why there is no connection.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError {
    /// The name has no address.
    #[error("the name was not resolved: {reason}")]
    NotResolved {
        /// What the system said.
        reason: String,
    },
    /// Every address is one that may not be reached: not public.
    #[error("{} may not be reached: it is not public", .addresses.first().map_or_else(String::new, ToString::to_string))]
    NotAllowed {
        /// The addresses, of which there is at least one.
        addresses: Vec<IpAddr>,
    },
    /// No program listens at any address.
    #[error("the connection was refused")]
    Refused,
    /// No address answered.
    #[error("no connection within {} s", after.as_secs_f32())]
    Silent {
        /// How long was waited.
        after: Duration,
    },
    /// The network failed otherwise.
    #[error("no connection: {reason}")]
    Network {
        /// What the system said.
        reason: String,
    },
    /// The handshake of TLS came to nothing.
    #[error(transparent)]
    Handshake(#[from] HandshakeError),
}

/// Why no TLS came about.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HandshakeError {
    /// The URL's host can't stand in a handshake.
    #[error("{name:?} is no name of a server")]
    Name {
        /// The host.
        name: String,
    },
    /// What answers speaks something else.
    #[error("what answers speaks no TLS")]
    NotTls,
    /// Neither TLS 1.2 nor 1.3.
    #[error("the server speaks neither TLS 1.2 nor TLS 1.3")]
    OldVersion,
    /// None of the cipher suites with forward secrecy and authenticated encryption.
    #[error("the server accepts no cipher suite with forward secrecy")]
    NoCommonSuite,
    /// The server wants a certificate of the client.
    #[error("the server wants a certificate of the client")]
    CertificateWanted,
    /// The connection was closed or reset.
    #[error("the connection was closed in the handshake")]
    Dropped,
    /// Nothing more came.
    #[error("no handshake within {} s", after.as_secs_f32())]
    Silent {
        /// How long was waited.
        after: Duration,
    },
    /// Something else.
    #[error("the handshake failed: {reason}")]
    Other {
        /// What was the matter.
        reason: String,
    },
}
