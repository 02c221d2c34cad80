//! What commands need that go over the network.

use std::io;
use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, Client};
use tokio::runtime::Runtime;

use crate::failure::Failure;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a server may stay silent.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// A runtime for the length of a command, and cryptography for its TLS.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    // Only the first call can succeed, and every call means the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::not_done("the asynchronous runtime could not be started").because(&error))
}

/// A client that trusts what this computer trusts, and the certificates in the PEM file `ca`.
pub(crate) fn client(ca: Option<&Path>) -> Result<Client, Failure> {
    let mut client = Client::builder()
        .user_agent(concat!("airstair/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT)
        .read_timeout(READ_TIMEOUT);
    if let Some(path) = ca {
        client = client.tls_certs_merge(certificates(path)?);
    }
    client
        .build()
        .map_err(|error| Failure::not_done("the network client could not be started").because(&error))
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let unreadable = |error: &(dyn std::error::Error + 'static)| {
        Failure::not_done(format_args!("{} could not be read as certificates", path.display()))
            .because(error)
            .help("--ca takes a file in PEM form, with one or more `-----BEGIN CERTIFICATE-----` blocks")
    };
    let bytes = std::fs::read(path).map_err(|error| unreadable(&error))?;
    let certificates = Certificate::from_pem_bundle(&bytes).map_err(|error| unreadable(&error))?;
    if certificates.is_empty() {
        return Err(unreadable(&io::Error::other("there is no certificate in it")));
    }
    Ok(certificates)
}
