//! Whom a connection by TLS trusts.
#![expect(clippy::unwrap_used, reason = "a failure in what prepares a test fails the test")]

use std::path::PathBuf;

use catalog::Catalog;
use catalog_postgres::{OpenError, PostgresCatalog, Settings};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use scratch_postgres::{Server, Tls};
use tempfile::TempDir;

#[tokio::test]
async fn a_server_proves_who_it_is_to_the_authority_in_the_address() {
    let authority = authority();
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, &authority).unwrap();
    let tls = Tls { certificate_pem: &certificate.pem(), key_pem: &key.serialize_pem() };
    let Some(server) = Server::start_with_tls(tls).unwrap() else { return };
    let _made = server.database("catalog");
    let folder = tempfile::tempdir().unwrap();
    let ours = kept(&folder, "ours.pem", &authority.pem());
    let others = kept(&folder, "others.pem", &self::authority().pem());
    let (ours, others) = (ours.display(), others.display());
    for (host, parameters, fine, why) in [
        ("localhost", format!("sslrootcert={ours}"), true, "its own authority"),
        ("localhost", format!("sslmode=verify-full&sslrootcert={ours}"), true, "the same, in full"),
        ("127.0.0.1", format!("sslmode=verify-full&sslrootcert={ours}"), false, "another name"),
        ("127.0.0.1", format!("sslmode=verify-ca&sslrootcert={ours}"), true, "names do not matter"),
        ("127.0.0.1", format!("sslmode=require&sslrootcert={ours}"), true, "as libpq understands it"),
        ("localhost", format!("sslrootcert={others}"), false, "another authority"),
        ("localhost", "sslmode=verify-full".to_owned(), false, "only the system's authorities"),
        ("localhost", "sslmode=require".to_owned(), true, "encrypted, to whomever"),
    ] {
        let address = format!("postgres://postgres@{host}:{}/catalog?{parameters}", server.port());
        let settings: Settings = address.parse().unwrap();
        match PostgresCatalog::open(&settings).await {
            Ok(catalog) => {
                assert!(fine, "{why}");
                let encrypted = "SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                                 WHERE application_name = 'airstair'";
                assert_eq!(server.run("catalog", encrypted), "t", "{why}");
                catalog.close().await;
            }
            Err(error) => {
                assert!(!fine, "{why}: {error:?}");
                assert!(matches!(error, OpenError::Refused { .. }), "{why}: {error:?}");
            }
        }
    }
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn kept(folder: &TempDir, name: &str, pem: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, pem).unwrap();
    path
}
