//! The listener's side: handshakes over memory, swapped certificates, files that change.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use rcgen::{CertificateParams, KeyPair};
use rustls::{
    ClientConfig, HandshakeKind, RootCertStore, SupportedProtocolVersion,
    crypto::ring,
    version::{TLS12, TLS13},
};
use rustls_pki_types::CertificateDer;
use tempfile::TempDir;
use time::{Duration, UtcDateTime, macros::utc_datetime};
use tls::{LocalCa, Refreshed, ServerName, ServerTls, TlsError};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_rustls::{TlsConnector, client::TlsStream};

const NOW: UtcDateTime = utc_datetime!(2026-11-21 12:00);

fn name() -> ServerName<'static> {
    ServerName::try_from("builds.local").unwrap()
}

fn client(root: CertificateDer<'static>, versions: &[&'static SupportedProtocolVersion]) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(root).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    config
}

/// Connects, exchanges four bytes (which brings the session tickets along), and gives the client's end.
async fn connect(
    server: &ServerTls,
    client: Arc<ClientConfig>,
) -> std::io::Result<TlsStream<tokio::io::DuplexStream>> {
    let (near, far) = tokio::io::duplex(64 * 1024);
    let acceptor = server.acceptor();
    let serving = async move {
        let mut stream = acceptor.accept(far).await?;
        let mut word = [0; 4];
        stream.read_exact(&mut word).await?;
        stream.write_all(&word).await?;
        stream.flush().await
    };
    let asking = async move {
        let mut stream = TlsConnector::from(client).connect(name(), near).await?;
        stream.write_all(b"ping").await?;
        stream.flush().await?;
        let mut word = [0; 4];
        stream.read_exact(&mut word).await?;
        assert_eq!(&word, b"ping");
        Ok(stream)
    };
    let (answer, stream) = tokio::join!(serving, asking);
    stream.and_then(|stream| answer.map(|()| stream))
}

fn local_ca(folder: &TempDir) -> Arc<LocalCa> {
    Arc::new(LocalCa::open(folder.path(), &[name()], NOW).unwrap())
}

/// A local CA of today: handshakes take the time from the system.
fn served_by_a_local_ca() -> (TempDir, Arc<LocalCa>, ServerTls) {
    let folder = tempfile::tempdir().unwrap();
    let now = UtcDateTime::from(std::time::SystemTime::now());
    let ca = Arc::new(LocalCa::open(folder.path(), &[name()], now).unwrap());
    let server = ServerTls::local_ca(Arc::clone(&ca), vec![name()], now).unwrap();
    (folder, ca, server)
}

#[tokio::test]
async fn both_protocol_versions_serve_both_http_versions() {
    let (_folder, ca, server) = served_by_a_local_ca();
    let root = CertificateDer::from(ca.root_der().to_vec());
    for (version, label) in [(&TLS12, "1.2"), (&TLS13, "1.3")] {
        for protocol in [&b"h2"[..], b"http/1.1"] {
            let mut config = client(root.clone(), &[version]);
            config.alpn_protocols = vec![protocol.to_vec()];
            let stream = connect(&server, Arc::new(config)).await.unwrap();
            let connection = stream.get_ref().1;
            assert_eq!(connection.protocol_version().unwrap(), version.version, "{label}");
            assert_eq!(connection.alpn_protocol(), Some(protocol), "{label}");
            assert_eq!(
                connection.peer_certificates().unwrap().len(),
                2,
                "{label}: certificate and intermediate"
            );
        }
    }
}

#[tokio::test]
async fn a_second_connection_resumes_the_session() {
    let (_folder, ca, server) = served_by_a_local_ca();
    for (version, label) in [(&TLS12, "1.2"), (&TLS13, "1.3")] {
        let config = Arc::new(client(CertificateDer::from(ca.root_der().to_vec()), &[version]));
        for expected in [HandshakeKind::Full, HandshakeKind::Resumed] {
            let stream = connect(&server, Arc::clone(&config)).await.unwrap();
            assert_eq!(stream.get_ref().1.handshake_kind(), Some(expected), "{label}");
        }
    }
}

#[tokio::test]
async fn a_client_that_does_not_trust_the_root_is_not_served() {
    let (_folder, _, server) = served_by_a_local_ca();
    let stranger = tempfile::tempdir().unwrap();
    let root = CertificateDer::from(local_ca(&stranger).root_der().to_vec());
    connect(&server, Arc::new(client(root, &[&TLS13]))).await.unwrap_err();
}

#[test]
fn the_local_certificate_is_renewed_in_the_last_third_of_its_life() {
    let folder = tempfile::tempdir().unwrap();
    let server = ServerTls::local_ca(local_ca(&folder), vec![name()], NOW).unwrap();
    let first = server.not_after();
    assert_eq!(first, NOW + Duration::days(90));
    for (now, expected) in [
        (NOW, Refreshed::Unchanged),
        (NOW - Duration::hours(23), Refreshed::Unchanged),
        (first - Duration::days(30) - Duration::seconds(1), Refreshed::Unchanged),
        (first - Duration::days(30), Refreshed::Replaced),
        (first - Duration::days(30), Refreshed::Unchanged),
    ] {
        assert_eq!(server.refresh(now).unwrap(), expected, "{now}");
    }
    assert_eq!(server.not_after(), first + Duration::days(60));
}

#[test]
fn a_certificate_from_the_future_is_replaced_when_the_clock_is_set_right() {
    let folder = tempfile::tempdir().unwrap();
    let ca = local_ca(&folder);
    let server = ServerTls::local_ca(ca, vec![name()], NOW + Duration::days(1000)).unwrap();
    assert_eq!(server.refresh(NOW).unwrap(), Refreshed::Replaced);
    assert_eq!(server.not_after(), NOW + Duration::days(90));
}

#[test]
fn the_end_of_the_ca_is_told_and_does_not_make_certificates_without_end() {
    let folder = tempfile::tempdir().unwrap();
    let ca = local_ca(&folder);
    let end = ca.not_after();
    let server = ServerTls::local_ca(ca, vec![name()], end - Duration::days(10)).unwrap();
    assert_eq!(server.not_after(), end);
    assert_eq!(server.refresh(end - Duration::days(9)).unwrap(), Refreshed::Unchanged);
    assert!(matches!(server.refresh(end + Duration::days(1)), Err(TlsError::OutsideValidity { .. })));
}

/// A self-signed certificate and its key, as PEM.
struct Pair {
    cert: String,
    key: String,
    not_after: UtcDateTime,
}

fn pair(not_after: UtcDateTime) -> Pair {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["builds.local".to_owned()]).unwrap();
    params.not_after = not_after.to_offset(time::UtcOffset::UTC);
    Pair { cert: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem(), not_after }
}

struct Files {
    dir: TempDir,
    cert: PathBuf,
    key: PathBuf,
}

impl Files {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { cert: dir.path().join("cert.pem"), key: dir.path().join("key.pem"), dir }
    }

    fn write(&self, cert: &str, key: &str) {
        fs::write(&self.cert, cert).unwrap();
        fs::write(&self.key, key).unwrap();
    }

    fn serve(&self) -> Result<ServerTls, TlsError> {
        ServerTls::files(self.cert.clone(), self.key.clone())
    }
}

#[test]
fn replaced_files_are_served_and_unchanged_ones_are_not_read_again() {
    let files = Files::new();
    let (first, second) = (pair(NOW + Duration::days(1)), pair(NOW + Duration::days(2)));
    files.write(&first.cert, &first.key);
    let server = files.serve().unwrap();
    assert_eq!(server.not_after(), first.not_after);
    assert_eq!(server.refresh(NOW).unwrap(), Refreshed::Unchanged);
    files.write(&second.cert, &second.key);
    assert_eq!(server.refresh(NOW).unwrap(), Refreshed::Replaced);
    assert_eq!(server.not_after(), second.not_after);
    assert_eq!(server.refresh(NOW).unwrap(), Refreshed::Unchanged);
}

#[test]
fn links_that_come_to_point_elsewhere_are_followed() {
    let files = Files::new();
    let (first, second) = (pair(NOW + Duration::days(1)), pair(NOW + Duration::days(2)));
    for (folder, pair) in [("one", &first), ("two", &second)] {
        let folder = files.dir.path().join(folder);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("cert.pem"), &pair.cert).unwrap();
        fs::write(folder.join("key.pem"), &pair.key).unwrap();
    }
    let link = |target: &str| {
        let fresh = files.dir.path().join("fresh");
        std::os::unix::fs::symlink(target, &fresh).unwrap();
        fs::rename(fresh, files.dir.path().join("current")).unwrap();
    };
    link("one");
    let current = |file: &str| files.dir.path().join("current").join(file);
    let server = ServerTls::files(current("cert.pem"), current("key.pem")).unwrap();
    link("two");
    assert_eq!(server.refresh(NOW).unwrap(), Refreshed::Replaced);
    assert_eq!(server.not_after(), second.not_after);
}

/// What is done to the files, how, and which error tells so.
type Spoiled<'a> = (&'a str, &'a dyn Fn(), fn(&TlsError) -> bool);

#[test]
fn a_broken_new_pair_keeps_the_old_one_and_is_reported_once() {
    let files = Files::new();
    let (first, second) = (pair(NOW + Duration::days(1)), pair(NOW + Duration::days(2)));
    let table: [Spoiled<'_>; 6] = [
        ("a new certificate beside the old key", &|| files.write(&second.cert, &first.key), |error| {
            matches!(error, TlsError::KeyMismatch)
        }),
        ("half a certificate", &|| files.write(&second.cert[..100], &second.key), |error| {
            matches!(error, TlsError::NoCertificate { .. })
        }),
        ("an empty certificate", &|| files.write("", &second.key), |error| {
            matches!(error, TlsError::NoCertificate { .. })
        }),
        ("no key", &|| files.write(&second.cert, &second.cert), |error| {
            matches!(error, TlsError::NoKey { .. })
        }),
        ("no certificate in the envelope", &|| files.write(&nonsense("CERTIFICATE"), &second.key), |error| {
            matches!(error, TlsError::Certificate(_))
        }),
        ("a missing file", &|| fs::remove_file(&files.cert).unwrap(), |error| {
            matches!(error, TlsError::Read { .. })
        }),
    ];
    files.write(&first.cert, &first.key);
    let server = files.serve().unwrap();
    for (label, spoil, expected) in table {
        spoil();
        let error = server.refresh(NOW).expect_err(label);
        assert!(expected(&error), "{label}: {error:?}");
        assert_eq!(server.refresh(NOW).unwrap(), Refreshed::Unchanged, "{label} is reported once");
        assert_eq!(server.not_after(), first.not_after, "{label}: the old one stays");
    }
    files.write(&second.cert, &second.key);
    assert_eq!(server.refresh(NOW).unwrap(), Refreshed::Replaced);
    assert_eq!(server.not_after(), second.not_after);
}

fn nonsense(kind: &str) -> String {
    format!("-----BEGIN {kind}-----\nbm9uc2Vuc2U=\n-----END {kind}-----\n")
}

#[test]
fn files_that_cannot_be_served_at_the_start_are_errors() {
    let files = Files::new();
    assert!(matches!(files.serve(), Err(TlsError::Read { path, .. }) if path == files.cert));
    let good = pair(NOW);
    files.write(&good.cert, &nonsense("PRIVATE KEY"));
    assert!(matches!(files.serve(), Err(TlsError::Unusable(_))));
    files.write(&good.cert, &nonsense("ENCRYPTED PRIVATE KEY"));
    assert!(matches!(files.serve(), Err(TlsError::NoKey { path }) if path == files.key));
}

#[test]
fn one_file_may_hold_both() {
    let files = Files::new();
    let good = pair(NOW + Duration::days(1));
    let both = format!("{}{}", good.key, good.cert);
    files.write(&both, &both);
    assert_eq!(files.serve().unwrap().not_after(), good.not_after);
    let one = |path: &Path| ServerTls::files(path.to_owned(), path.to_owned());
    assert_eq!(one(&files.cert).unwrap().not_after(), good.not_after);
}
