//! What servers of the stage show of themselves.

use std::sync::{Arc, LazyLock};

use rustls::ServerConfig;
use rustls::crypto::ring::{default_provider, sign::any_supported_type};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use testkit::app::AppPackage;
use testkit::pki::{CertificateBuilder, Identity, Key, Name};
use time::Duration;

/// A change to a server's certificate.
pub(crate) type Change = fn(CertificateBuilder) -> CertificateBuilder;

/// How a server's certificate comes about: as a private authority issues it that devices were given the root of, until
/// something is changed.
#[derive(Clone, Debug)]
pub(crate) struct Certificates {
    /// The name it is for, where that is not the host's.
    pub(crate) name: Option<&'static str>,
    /// Other changes, one after the other.
    pub(crate) changes: Vec<Change>,
    /// What it is for.
    pub(crate) purpose: Change,
    pub(crate) issuer: Issuer,
    pub(crate) sends: Sends,
}

/// Who issued it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Issuer {
    /// An intermediate below the root that was given.
    Known,
    /// The same, whose certificate has run out.
    Expired,
    /// An intermediate below a root that nobody was given.
    Unknown,
    /// It names the known intermediate, and another key signed it.
    Forged,
    /// Itself.
    Itself,
}

/// What is sent after it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sends {
    /// The intermediate.
    Intermediate,
    /// The intermediate and the root.
    All,
    /// Nothing.
    Nothing,
    /// An intermediate, and not that which issued it.
    AnotherIntermediate,
}

impl Default for Certificates {
    fn default() -> Self {
        Self {
            name: None,
            changes: Vec::new(),
            purpose: CertificateBuilder::server_authentication,
            issuer: Issuer::Known,
            sends: Sends::Intermediate,
        }
    }
}

/// The root that devices were given, one that they were not, and what is below them.
struct Authorities {
    root: Identity,
    intermediate: Identity,
    expired: Identity,
    stranger: Identity,
    strange_intermediate: Identity,
}

static AUTHORITIES: LazyLock<Authorities> = LazyLock::new(|| {
    let root = authority("Bench Root X1").self_signed(Key::p256("bench root"));
    let stranger = authority("Workshop Root").self_signed(Key::p256("workshop root"));
    Authorities {
        intermediate: authority("Bench R3").issued_by(&root, Key::p256("bench intermediate")),
        expired: authority("Bench R2")
            .not_after(AppPackage::NOW - Duration::DAY)
            .issued_by(&root, Key::p256("old bench intermediate")),
        strange_intermediate: authority("Workshop R1")
            .issued_by(&stranger, Key::p256("workshop intermediate")),
        root,
        stranger,
    }
});

fn authority(name: &str) -> CertificateBuilder {
    let name = Name::new().common_name(name).organization("Example Trust Services").country("US");
    CertificateBuilder::new(name, AppPackage::NOW - Duration::days(900))
        .not_after(AppPackage::NOW + Duration::days(900))
        .authority()
}

/// The root that devices were given.
pub(crate) fn root() -> &'static Identity {
    &AUTHORITIES.root
}

impl Certificates {
    /// What `host` speaks TLS with.
    pub(crate) fn config(&self, host: &str) -> Arc<ServerConfig> {
        let mut config = ServerConfig::builder_with_provider(Arc::new(default_provider()))
            .with_safe_default_protocol_versions()
            .expect("the provider has what they want")
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(Always(Arc::new(self.certified(host)))));
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Arc::new(config)
    }

    /// The certificates of `host` in the order in which it sends them, and its key, in PEM.
    pub(crate) fn pem(&self, host: &str) -> (String, String) {
        let (leaf, above) = self.chain(host);
        let sent = std::iter::once(&leaf).chain(above.iter().copied());
        (sent.map(|identity| identity.certificate.pem()).collect(), leaf.key_pem())
    }

    /// The certificate of `host`, and what is sent after it.
    fn chain(&self, host: &str) -> (Identity, Vec<&'static Identity>) {
        let known = &*AUTHORITIES;
        let name = self.name.unwrap_or(host);
        let sound =
            CertificateBuilder::new(Name::new().common_name(name), AppPackage::NOW - Duration::days(30))
                .not_after(AppPackage::NOW + Duration::days(60))
                .end_entity()
                .alternative_names(&[name], &[]);
        let leaf = self.changes.iter().fold((self.purpose)(sound), |leaf, change| change(leaf));
        let key = Key::p256(host);
        let (leaf, issuer, root) = match self.issuer {
            Issuer::Known => (leaf.issued_by(&known.intermediate, key), &known.intermediate, &known.root),
            Issuer::Expired => (leaf.issued_by(&known.expired, key), &known.expired, &known.root),
            Issuer::Unknown => (
                leaf.issued_by(&known.strange_intermediate, key),
                &known.strange_intermediate,
                &known.stranger,
            ),
            Issuer::Forged => {
                let forged = leaf.forged(&known.intermediate.certificate, &known.stranger.key, key);
                (forged, &known.intermediate, &known.root)
            }
            Issuer::Itself => (leaf.self_signed(key), &known.intermediate, &known.root),
        };
        let above = match self.sends {
            Sends::Intermediate => vec![issuer],
            Sends::All => vec![issuer, root],
            Sends::Nothing => Vec::new(),
            Sends::AnotherIntermediate => vec![&known.strange_intermediate],
        };
        (leaf, above)
    }

    fn certified(&self, host: &str) -> CertifiedKey {
        let (leaf, above) = self.chain(host);
        let sent = std::iter::once(&leaf).chain(above);
        let chain = sent.map(|identity| CertificateDer::from(identity.certificate.der.clone())).collect();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(leaf.key.pkcs8()));
        CertifiedKey::new(chain, any_supported_type(&key).expect("it is a key on P-256"))
    }
}

/// Shows one certificate to everybody, whether or not its key fits: a server with a weak key is played by a stronger one.
#[derive(Debug)]
struct Always(Arc<CertifiedKey>);

impl ResolvesServerCert for Always {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}
