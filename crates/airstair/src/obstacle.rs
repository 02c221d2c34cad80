//! Why a server could not be reached, in words, and what to do about it.

use std::error::Error;
use std::io;

use reqwest::Url;
use rustls::{CertificateError, Error as TlsError};

/// What stands between this computer and a server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Obstacle {
    /// No address belongs to the server's name.
    UnknownHost,
    /// The computer is there, and no program listens at the port.
    NobodyListens,
    /// Nothing came back in time.
    Silence,
    /// The server's certificate comes from an authority that is not trusted here.
    UntrustedAuthority,
    /// The server's certificate can't be accepted for another reason, which the cause names.
    Certificate,
    /// What answers there speaks no TLS.
    NoTls,
    /// The connection broke, or could not be made for another reason.
    Broken,
}

impl Obstacle {
    /// Finds out what kept `error` from being an answer of `url`. Asks the system about the host's name when nothing else
    /// explains it.
    pub(crate) async fn find(error: &reqwest::Error, url: &Url) -> Self {
        if error.is_timeout() {
            return Self::Silence;
        }
        match Self::among_causes(error) {
            Some(obstacle) => obstacle,
            None if error.is_connect() && !is_known(url).await => Self::UnknownHost,
            None => Self::Broken,
        }
    }

    fn among_causes(error: &(dyn Error + 'static)) -> Option<Self> {
        let mut next = Some(error);
        while let Some(cause) = next {
            if let Some(tls) = cause.downcast_ref::<TlsError>() {
                return Some(Self::of_tls(tls));
            }
            if let Some(io) = cause.downcast_ref::<io::Error>() {
                match io.kind() {
                    io::ErrorKind::ConnectionRefused => return Some(Self::NobodyListens),
                    io::ErrorKind::TimedOut => return Some(Self::Silence),
                    // Such an error names as its source what is behind the one in it.
                    _ => {
                        if let Some(inner) = io.get_ref() {
                            return Self::among_causes(inner);
                        }
                    }
                }
            }
            next = cause.source();
        }
        None
    }

    fn of_tls(error: &TlsError) -> Self {
        match error {
            // A root that bears the same name and holds another key ends in a bad signature.
            TlsError::InvalidCertificate(
                CertificateError::UnknownIssuer | CertificateError::BadSignature,
            ) => Self::UntrustedAuthority,
            TlsError::InvalidCertificate(_) | TlsError::NoCertificatesPresented => Self::Certificate,
            TlsError::InvalidMessage(_) => Self::NoTls,
            _ => Self::Broken,
        }
    }

    /// What is the matter: goes on after the server's address.
    pub(crate) fn sentence(self) -> &'static str {
        match self {
            Self::UnknownHost => "no such host is known",
            Self::NobodyListens => "nobody listens there",
            Self::Silence => "nothing came back in time",
            Self::UntrustedAuthority => "its certificate is of an authority that is not trusted here",
            Self::Certificate => "its certificate can't be accepted",
            Self::NoTls => "what answers there speaks no TLS",
            Self::Broken => "the connection broke",
        }
    }

    /// What the person can do about it.
    pub(crate) fn help(self) -> &'static str {
        match self {
            Self::UnknownHost => {
                "check the spelling; a name that ends in .local is known in its own network alone"
            }
            Self::NobodyListens => "check the port, and that the server runs",
            Self::Silence => "check the address, and whether a firewall stands in between; then try again",
            Self::UntrustedAuthority => {
                "if the server has an authority of its own, name its root: --ca ROOT.pem (Airstair keeps it as \
                 DATA/tls/root.pem)"
            }
            Self::Certificate => {
                "name the server as its certificate does, and have one that has run out renewed"
            }
            Self::NoTls => "check the port: is it another program's, or does a proxy in front do the TLS?",
            Self::Broken => "check the address, and that the server runs; then try again",
        }
    }
}

/// Whether the system knows an address of the host.
async fn is_known(url: &Url) -> bool {
    let Some(host) = url.host_str() else { return false };
    let port = url.port_or_known_default().unwrap_or(443);
    tokio::net::lookup_host((host.trim_matches(['[', ']']), port)).await.is_ok()
}
