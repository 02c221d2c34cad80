use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use arc_swap::ArcSwap;
use rustls::{
    ServerConfig,
    crypto::ring::{Ticketer, default_provider},
    server::{ClientHello, ResolvesServerCert},
    sign::CertifiedKey,
};
use rustls_pki_types::ServerName;
use time::{Duration, UtcDateTime};
use tokio_rustls::TlsAcceptor;

use crate::{Identity, LocalCa, TlsError, files::CertificateFiles};

/// Life left in a certificate of the local CA when a new one is made.
const RENEW_BEFORE: Duration = Duration::days(30);

/// TLS for a listener, and the certificate it shows, which can change under it.
///
/// New connections get the current certificate whatever name they ask for; running ones are not disturbed.
#[derive(Debug)]
pub struct ServerTls {
    config: Arc<ServerConfig>,
    shown: Arc<Shown>,
    source: Mutex<Source>,
}

#[derive(Debug)]
enum Source {
    Files(CertificateFiles),
    LocalCa { ca: Arc<LocalCa>, names: Vec<ServerName<'static>> },
}

/// What [`ServerTls::refresh`] did.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refreshed {
    /// The certificate is still the right one.
    Unchanged,
    /// New connections get a new certificate.
    Replaced,
}

impl ServerTls {
    /// Serves with a certificate and key from PEM files; see [`TlsMode::Files`](crate::TlsMode::Files). A certificate
    /// that has run out is taken: see [`not_after`](Self::not_after).
    ///
    /// # Errors
    ///
    /// [`TlsError::Read`], [`TlsError::NoCertificate`], [`TlsError::NoKey`], [`TlsError::KeyMismatch`],
    /// [`TlsError::Unusable`], [`TlsError::Certificate`].
    pub fn files(cert: PathBuf, key: PathBuf) -> Result<Self, TlsError> {
        let mut files = CertificateFiles::new(cert, key);
        let identity = files.load()?;
        Self::new(identity, Source::Files(files))
    }

    /// Serves with certificates that `ca` makes for `names`.
    ///
    /// # Errors
    ///
    /// As [`LocalCa::issue`].
    pub fn local_ca(
        ca: Arc<LocalCa>,
        names: Vec<ServerName<'static>>,
        now: UtcDateTime,
    ) -> Result<Self, TlsError> {
        let identity = ca.issue(&names, now)?;
        Self::new(identity, Source::LocalCa { ca, names })
    }

    fn new(identity: Identity, source: Source) -> Result<Self, TlsError> {
        let shown = Arc::new(Shown(ArcSwap::from_pointee(identity)));
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[&rustls::version::TLS13, &rustls::version::TLS12])
            .map_err(TlsError::Unusable)?
            .with_no_client_auth()
            .with_cert_resolver(Arc::clone(&shown) as Arc<dyn ResolvesServerCert>);
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        config.ticketer = Ticketer::new().map_err(TlsError::Unusable)?;
        Ok(Self { config: Arc::new(config), shown, source: Mutex::new(source) })
    }

    /// The configuration for a listener: TLS 1.2 and 1.3, `h2` and `http/1.1`, session tickets. Always the same one.
    #[must_use]
    pub fn config(&self) -> Arc<ServerConfig> {
        Arc::clone(&self.config)
    }

    /// Accepts connections with [`config`](Self::config).
    #[must_use]
    pub fn acceptor(&self) -> TlsAcceptor {
        TlsAcceptor::from(self.config())
    }

    /// End of the validity of the certificate that is shown now.
    #[must_use]
    pub fn not_after(&self) -> UtcDateTime {
        self.shown.0.load().not_after()
    }

    /// Looks whether there is a newer certificate, and shows it: files that changed, or, with a local CA, when the
    /// present one has less than 30 days left. Blocks for file access; call it every minute or so.
    ///
    /// # Errors
    ///
    /// As [`files`](Self::files) and [`local_ca`](Self::local_ca); the certificate in use stays. One broken state of
    /// the files is reported once.
    pub fn refresh(&self, now: UtcDateTime) -> Result<Refreshed, TlsError> {
        let mut source = self.source.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = match &mut *source {
            Source::Files(files) => files.changed()?,
            Source::LocalCa { ca, names } => {
                let current = self.shown.0.load();
                // A start that is still to come: the clock was wrong when the certificate was made.
                let begun = current.not_before() <= now;
                if begun && now.saturating_add(RENEW_BEFORE) < current.not_after() {
                    None
                } else {
                    // Towards the CA's own end a new certificate would not last longer.
                    Some(ca.issue(names, now)?)
                        .filter(|fresh| !begun || fresh.not_after() > current.not_after())
                }
            }
        };
        Ok(match fresh {
            None => Refreshed::Unchanged,
            Some(identity) => {
                self.shown.0.store(Arc::new(identity));
                Refreshed::Replaced
            }
        })
    }
}

/// Answers every handshake with the current certificate.
#[derive(Debug)]
struct Shown(ArcSwap<Identity>);

impl ResolvesServerCert for Shown {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(self.0.load().certified_key())
    }
}
