//! A server on one data directory: catalog, depot, TLS, routes, and what it does by itself.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use catalog::Catalog;
use distribution::{Clock, Distribution, TicketKeysError};
use egress::Pin;
use signed_data::Certificate;
use tls::{LocalCa, Refreshed, ServerName, ServerTls, TlsError, TlsMode};
use tokio::net::TcpListener;
use tokio::sync::Notify;
use tokio::task::JoinSet;
use url::{Host, Position, Url};
use web::{Listener, Router, TrustAnchor, WebState, by_host, redirect_router, router, trust_router};

use crate::clock::{SystemClock, now};
use crate::data_dir::{DataDir, DataDirLock, Sealed};
use crate::failure::Failure;
use crate::self_check::SelfChecks;
use crate::settings::Settings;
use crate::stores::{check_delivery, open_catalog, open_depot};

/// How often certificates are looked after.
const TLS_REFRESH: Duration = Duration::from_mins(1);

/// A server that listens, but does not answer yet.
pub(crate) struct Server {
    distribution: Arc<Distribution>,
    tcp: TcpListener,
    tls: Option<Termination>,
    samples: Arc<[catalog::Sha256]>,
    other_urls: Vec<Url>,
    checks_itself: bool,
    catalog: Arc<dyn Catalog>,
    _lock: DataDirLock,
}

/// Where TLS ends.
struct Termination {
    tls: Arc<ServerTls>,
    /// Who signs the certificate, when that is this server itself.
    local_ca: Option<Arc<LocalCa>>,
}

impl Server {
    /// Opens everything a server needs, and starts to listen.
    pub(crate) async fn open(settings: &Settings, samples: Arc<[catalog::Sha256]>) -> Result<Self, Failure> {
        let dir = DataDir::open(&settings.places.data)?;
        let lock = dir.lock()?;
        let (distribution, catalog) = open_distribution(&dir, settings).await?;
        let tls = open_tls(&dir, settings)?;
        let tcp = listen(settings.listen).await?;
        let other_urls = settings.other_urls.clone();
        let checks_itself = settings.self_check;
        Ok(Self { distribution, tcp, tls, samples, other_urls, checks_itself, catalog, _lock: lock })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> Option<SocketAddr> {
        self.tcp.local_addr().ok()
    }

    /// What it does.
    pub(crate) fn distribution(&self) -> &Arc<Distribution> {
        &self.distribution
    }

    /// The authority that signs its certificate, when that is its own.
    pub(crate) fn local_ca(&self) -> Option<&LocalCa> {
        self.tls.as_ref()?.local_ca.as_deref()
    }

    /// Answers until `stop` is done; then ends what is under way and writes down what it knows.
    ///
    /// `next_url` is where the page that hands out the local authority's root leads on to.
    pub(crate) async fn run(self, next_url: Url, stop: impl Future<Output = ()>) {
        let mut chores = JoinSet::new();
        let distribution = Arc::clone(&self.distribution);
        chores.spawn(async move { distribution.work().await });
        let check_due = Arc::new(Notify::new());
        if let Some(Termination { tls, .. }) = &self.tls {
            chores.spawn(refresh_tls(Arc::clone(tls), Arc::clone(&check_due)));
        }
        if self.checks_itself {
            // It listens already: what the check asks before requests are taken waits for its turn.
            let distribution = Arc::clone(&self.distribution);
            let checks =
                SelfChecks { distribution, root: self.root(), own_name: self.own_name(), due: check_due };
            chores.spawn(checks.run());
        }
        let routes = self.routes();
        let listener = match &self.tls {
            None => Listener::plain(self.tcp, routes),
            Some(Termination { tls, local_ca }) => {
                let plain = match local_ca {
                    Some(ca) => self.trust_routes(ca, &next_url),
                    None => redirect_router(self.distribution.policy().public_url.as_str()),
                };
                Listener::secured(self.tcp, tls.acceptor(), routes, plain)
            }
        };
        listener.run(stop).await;
        chores.shutdown().await;
        if let Err(error) = self.distribution.flush_attempts().await {
            tracing::error!(error = &error as &dyn std::error::Error, "the last attempts were not written");
        }
        self.catalog.close().await;
    }

    /// The root of its own authority, as those read it who judge certificates.
    fn root(&self) -> Option<Certificate> {
        let root = Certificate::read(self.local_ca()?.root_der(), &signed_data::Limits::default());
        Some(root.expect("its own root can be read"))
    }

    /// Where the public address leads, where this server answers for its name.
    fn own_name(&self) -> Option<Pin> {
        let name = self.distribution.policy().public_url.host_str()?.to_owned();
        let address = |url: &Url| match url.host()? {
            Host::Domain(_) => None,
            Host::Ipv4(address) => Some(IpAddr::from(address)),
            Host::Ipv6(address) => Some(IpAddr::from(address)),
        };
        let addresses: Vec<_> = self.other_urls.iter().filter_map(address).collect();
        (!addresses.is_empty()).then_some(Pin { name, port: None, addresses })
    }

    /// Every route, with links that lead to the address a request came by.
    fn routes(&self) -> Router {
        let of = |distribution: Arc<Distribution>| {
            router(WebState { distribution, samples: Arc::clone(&self.samples) })
        };
        let others = self
            .other_urls
            .iter()
            .map(|url| (authority(url).to_owned(), of(Arc::new(self.distribution.reached_at(url.clone())))));
        by_host(of(Arc::clone(&self.distribution)), others)
    }

    /// What hands out the authority's root, and leads on to `next_url` at the address a request came by.
    fn trust_routes(&self, ca: &LocalCa, next_url: &Url) -> Router {
        let others = self.other_urls.iter().map(|url| {
            let mut next_url = next_url.clone();
            next_url.set_host(url.host_str()).expect("the host of an https address is one for another");
            (authority(url).to_owned(), trust_router(anchor(ca, &next_url)))
        });
        by_host(trust_router(anchor(ca, next_url)), others)
    }
}

/// Host and port, as a request names them.
fn authority(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}

async fn open_distribution(
    dir: &DataDir,
    settings: &Settings,
) -> Result<(Arc<Distribution>, Arc<dyn Catalog>), Failure> {
    let catalog = open_catalog(dir, &settings.places).await?;
    let sealed = has_sealed(&*catalog).await?;
    let secret_key = dir.secret_key(settings.places.secret_key_file.as_deref(), sealed)?;
    let depot = open_depot(dir, &settings.places).await?;
    check_delivery(&settings.places.storage, settings.policy.attempt_served_for).await?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let policy = settings.policy.clone();
    let opened = Distribution::open(Arc::clone(&catalog), depot, clock, secret_key, policy).await;
    let distribution = opened.map_err(|error| ticket_keys_failure(&error))?;
    Ok((Arc::new(distribution), catalog))
}

/// Words for why tickets can't be signed.
pub(crate) fn ticket_keys_failure(error: &TicketKeysError) -> Failure {
    let failure = Failure::not_done("the keys that sign tickets can't be opened").because(error);
    match error {
        TicketKeysError::Sealed { .. } => failure
            .help("start with the secret key this data directory was used with, from a backup if need be"),
        _ => failure,
    }
}

/// Whether the catalog holds secrets that only the key they were sealed under can open.
pub(crate) async fn has_sealed(catalog: &dyn Catalog) -> Result<Sealed, Failure> {
    let ever = catalog::Timestamp::from(time::UtcDateTime::MIN);
    let keys = async { catalog.read().await?.ticket_keys().list_since(ever).await }.await;
    match keys {
        Ok(keys) if keys.is_empty() => Ok(Sealed::Nothing),
        Ok(_) => Ok(Sealed::Secrets),
        Err(error) => Err(Failure::not_done("the catalog can't be read").because(&error)),
    }
}

fn open_tls(dir: &DataDir, settings: &Settings) -> Result<Option<Termination>, Failure> {
    match &settings.tls {
        TlsMode::Off => Ok(None),
        TlsMode::Files { cert, key } => {
            let tls = ServerTls::files(cert.clone(), key.clone()).map_err(tls_failure)?;
            Ok(Some(Termination { tls: Arc::new(tls), local_ca: None }))
        }
        TlsMode::LocalCa => {
            let urls = std::iter::once(&settings.policy.public_url).chain(&settings.other_urls);
            let names = urls.map(server_name).collect::<Result<Vec<_>, _>>()?;
            let folder = settings.tls_folder.clone().unwrap_or_else(|| dir.tls());
            let ca = Arc::new(LocalCa::open(&folder, &names, now()).map_err(tls_failure)?);
            let tls = ServerTls::local_ca(Arc::clone(&ca), names, now()).map_err(tls_failure)?;
            Ok(Some(Termination { tls: Arc::new(tls), local_ca: Some(ca) }))
        }
    }
}

fn server_name(url: &Url) -> Result<ServerName<'static>, Failure> {
    let host = url.host_str().unwrap_or_default();
    ServerName::try_from(host.trim_matches(['[', ']']).to_owned()).map_err(|error| {
        Failure::usage(format_args!("no certificate can be made for {host}")).because(&error)
    })
}

fn tls_failure(error: TlsError) -> Failure {
    let failure = Failure::not_done("TLS can't be set up").because(&error);
    match error {
        TlsError::NotPermitted { folder, .. } => failure.help(format_args!(
            "go back to the old public_url, or move {} away for a new authority that every phone must trust anew",
            folder.display()
        )),
        TlsError::ClockNotSet { .. } => failure.help("set this machine's clock"),
        _ => failure,
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address).await.map_err(|error| {
        let failure = Failure::not_done(format_args!("can't listen on {address}")).because(&error);
        match error.kind() {
            std::io::ErrorKind::AddrInUse => {
                failure.help("another program listens there; choose a port with --listen")
            }
            std::io::ErrorKind::PermissionDenied => {
                failure.help("ports below 1024 need a privilege; choose another")
            }
            _ => failure.help("--listen takes an address of this machine, or 0.0.0.0 for all of them"),
        }
    })
}

fn anchor(ca: &LocalCa, next_url: &Url) -> TrustAnchor {
    TrustAnchor {
        host: next_url.host_str().unwrap_or_default().to_owned(),
        fingerprint: ca.fingerprint().to_string(),
        profile: ca.config_profile(),
        pem: ca.root_pem().to_owned(),
        next_url: next_url.to_string(),
    }
}

/// Looks after the certificate; notifies `replaced` whenever there is another.
async fn refresh_tls(tls: Arc<ServerTls>, replaced: Arc<Notify>) {
    loop {
        tokio::time::sleep(TLS_REFRESH).await;
        let tls = Arc::clone(&tls);
        match tokio::task::spawn_blocking(move || tls.refresh(now())).await {
            Ok(Ok(Refreshed::Unchanged)) | Err(_) => {}
            Ok(Ok(Refreshed::Replaced)) => {
                tracing::info!("new connections get a new certificate");
                replaced.notify_one();
            }
            Ok(Err(error)) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the old certificate stays in use");
            }
        }
    }
}
