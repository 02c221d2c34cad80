//! Two servers on one PostgreSQL and one bucket, behind one address.

use std::path::Path;

use e2e::{Balancer, Certificates, Device, Download, ObjectStorage, Protocol, ServerFolder, free_port};

use crate::bench::{Acknowledged, BINARY, package};

/// So much of the package has come when its server is killed.
const CAME: u64 = 5 << 20;
const LARGE: u64 = 12 << 20;

/// What two servers share, besides database and bucket.
struct Shared<'a> {
    storage: &'a ObjectStorage,
    database: &'a str,
    public_url: &'a str,
    certificates: &'a Certificates,
    secret_key: &'a Path,
}

impl Shared<'_> {
    fn node(&self) -> ServerFolder {
        ServerFolder::new(BINARY.as_ref())
            .with_certificates(self.certificates)
            .reached_at(self.public_url)
            .with_bucket(self.storage)
            .with_environment("AIRSTAIR_DATABASE_URL", self.database)
            .with_environment("AIRSTAIR_SECRET_KEY_FILE", &self.secret_key.to_string_lossy())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_dies_in_mid_download_and_the_device_goes_on_at_the_other() {
    let Some(postgres) = scratch_postgres::Server::start().expect("a server that starts") else { return };
    let database = postgres.database("airstair");
    let storage = ObjectStorage::start().await.expect("storage");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let port = free_port();
    let public_url = format!("https://localhost:{port}");
    let certificates = Certificates::write(folder.path());
    let secret_key = folder.path().join("secret.key");
    let shared = Shared {
        storage: &storage,
        database: &database,
        public_url: &public_url,
        certificates: &certificates,
        secret_key: &secret_key,
    };
    let (one, other) = (shared.node(), shared.node());
    let running = one.start().expect("a first node");
    let _other = other.start().expect("a second node");

    let bytes = package(1, LARGE).build();
    let file = folder.path().join("App.ipa");
    std::fs::write(&file, &bytes).expect("room for a package");
    let token = one.publish_token().expect("a token");
    let balancer = Balancer::start(port, &[one.port()], u64::MAX).await.expect("a free port");
    let published = one.publish(&token, &file, &["--channel", "beta"]);
    let published = Acknowledged::read(&published.fine().expect("a build that is taken"));

    // What one has taken, the other shows, with a ticket of its own; from now on both sign with another key.
    balancer.turn_to(other.port());
    let device = Device::iphone(&one.root_pem(), Protocol::Http1).expect("a root to trust");
    let page = device.open_page(&published.page_url).await.expect("a page of the other node");
    drop((balancer, device));
    one.admin(&["ticket-key", "rotate"]).fine().expect("new keys");

    let balancer = Balancer::start(port, &[one.port()], CAME).await.expect("a free port");
    let device = Device::iphone(&one.root_pem(), Protocol::Http1).expect("a root to trust");
    let mut install = tokio::spawn(async move { device.tap(&page, &Download::ThroughBreaks).await });
    tokio::select! {
        () = balancer.stalled() => {}
        early = &mut install => unreachable!("the install ended before its server did: {early:?}"),
    }
    let killed = running.kill();
    assert_eq!(killed.code, None, "{killed}");
    balancer.turn_to(other.port());
    let installed = install.await.expect("no panic").expect("an install by both nodes");
    assert!(installed.package == bytes, "other bytes");
    assert_eq!(installed.sha256, published.sha256);

    // Whether all is known to be sent depends on what the dead node wrote down last.
    assert_eq!(postgres.run("airstair", "SELECT count(*) FROM attempts"), "1", "one attempt");
}
