//! What commands need that go over the network.

use std::io;
use std::path::Path;
use std::time::Duration;

use reqwest::{Certificate, Client, ClientBuilder};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::runtime::Runtime;
use tracing_subscriber::EnvFilter;

use crate::environment::variable;
use crate::failure::Failure;
use crate::terminal::LogWriter;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(15);
/// How long a server may stay silent.
const READ_TIMEOUT: Duration = Duration::from_secs(30);
/// How long it may take to look into a package.
const INSPECTION_TIMEOUT: Duration = Duration::from_mins(10);

/// Threads for work on files, which many clients share: left to itself a burst of requests starts hundreds.
const BLOCKING_THREADS: usize = 32;

/// A runtime for the length of a command, and cryptography for its TLS.
pub(crate) fn runtime() -> Result<Runtime, Failure> {
    // Only the first call can succeed, and every call means the same provider.
    let _ = rustls::crypto::ring::default_provider().install_default();
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build()
        .map_err(|error| Failure::not_done("the asynchronous runtime could not be started").because(&error))
}

/// Takes as many open files as the system lets this process have: each client holds one, and the usual limit of 1,024 is
/// soon used up.
pub(crate) fn allow_many_connections() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = Rlimit { current: limit.maximum, ..limit };
    if let Err(error) = setrlimit(Resource::Nofile, wanted) {
        tracing::warn!(error = &error as &dyn std::error::Error, "the limit of open files stays as it is");
    }
}

/// A client that trusts what this computer trusts, and the certificates in the PEM file `ca`.
pub(crate) fn client(ca: Option<&Path>) -> Result<Client, Failure> {
    started(builder(ca)?.read_timeout(READ_TIMEOUT))
}

fn builder(ca: Option<&Path>) -> Result<ClientBuilder, Failure> {
    let client = Client::builder()
        .user_agent(concat!("airstair/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT_TIMEOUT);
    match ca {
        Some(path) => Ok(client.tls_certs_merge(certificates(path)?)),
        None => Ok(client),
    }
}

fn started(client: ClientBuilder) -> Result<Client, Failure> {
    client
        .build()
        .map_err(|error| Failure::not_done("the network client could not be started").because(&error))
}

/// The same for uploads, whose answer comes only when the server has looked into the package.
pub(crate) fn uploading_client(ca: Option<&Path>) -> Result<Client, Failure> {
    started(builder(ca)?.read_timeout(INSPECTION_TIMEOUT))
}

/// Says what happens, on standard error: warnings, or what `AIRSTAIR_LOG` asks for (`info`, `web=debug`).
pub(crate) fn log() {
    let wanted = variable("AIRSTAIR_LOG").unwrap_or_else(|| "warn".to_owned());
    let filter = EnvFilter::builder().parse_lossy(wanted);
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(|| LogWriter).init();
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
