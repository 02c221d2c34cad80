//! What an owner is told when something is in the way, and what stays whole meanwhile.

use std::io::Write;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;

use e2e::{Download, Protocol, ServerFolder, free_port};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::bench::{BINARY, Bench, files, package};

#[test]
fn a_second_server_on_the_same_data_is_refused_in_words() {
    let bench = Bench::start();
    let second = ServerFolder::new(BINARY.as_ref()).with_data(bench.folder.data());
    let ended = second.start().expect_err("one server for one folder");
    assert_eq!(ended.code, Some(3), "{ended}");
    assert!(ended.stderr.contains("another server runs on"), "{ended}");
    assert!(ended.stderr.contains("--data"), "it says what to do: {ended}");
    bench.end();
}

#[test]
fn a_server_asked_to_stop_as_soon_as_it_says_ready_ends_well() {
    let folder = ServerFolder::new(BINARY.as_ref());
    for round in 0..10 {
        let ended = folder.start().expect("a server that starts").stop();
        assert_eq!(ended.code, Some(0), "round {round}: {ended}");
        assert!(ended.stderr.ends_with("stopped\n"), "round {round}: {ended}");
    }
}

#[test]
fn a_port_in_use_is_named_with_what_to_do() {
    let port = free_port();
    let taken = TcpListener::bind(("127.0.0.1", port)).expect("a free port");
    let folder = ServerFolder::new(BINARY.as_ref()).with_port(port);
    let ended = folder.start().expect_err("a port for one");
    assert_eq!(ended.code, Some(3), "{ended}");
    assert!(ended.stderr.contains(&format!("can't listen on 127.0.0.1:{port}")), "{ended}");
    assert!(ended.stderr.contains("another program listens there"), "{ended}");
    drop(taken);
    assert_eq!(folder.start().expect("the port is free again").stop().code, Some(0));
}

#[test]
fn a_damaged_catalog_is_told_and_left_as_it_is() {
    let bench = Bench::start();
    bench.publish(&package(1, 1_000).build());
    let folder = bench.end();
    let catalog = folder.data().join("catalog.db");
    let sound = std::fs::read(&catalog).expect("a catalog");
    let mut overwritten = sound.clone();
    overwritten[..4_096].fill(0xa5);
    for (what, damaged) in [
        (
            "no database at all",
            b"these are not the bytes of a database, and there are enough of them ".repeat(90),
        ),
        ("a first page of rubbish", overwritten),
        ("half the file", sound[..sound.len() / 2].to_vec()),
    ] {
        std::fs::write(&catalog, &damaged).expect("a catalog that can be written");
        let ended = folder.start().expect_err(what);
        assert_eq!(ended.code, Some(3), "{what}: {ended}");
        assert!(ended.stderr.contains("the catalog can't be opened"), "{what}: {ended}");
        assert!(ended.stderr.contains("help:"), "{what}: {ended}");
        assert!(!ended.stderr.contains("panicked"), "{what}: {ended}");
        assert!(std::fs::read(&catalog).expect("it is there") == damaged, "{what}: the file was changed");
    }
    std::fs::write(&catalog, &sound).expect("a backup");
    assert_eq!(folder.start().expect("a backup restored").stop().code, Some(0));
}

#[test]
fn a_lost_secret_key_is_told_and_none_is_made_in_its_place() {
    let folder = Bench::start().end();
    let key = folder.data().join("secret.key");
    std::fs::rename(&key, key.with_extension("away")).expect("a key to lose");
    let ended = folder.start().expect_err("no server without its key");
    assert_eq!(ended.code, Some(3), "{ended}");
    assert!(ended.stderr.contains("secret.key is missing"), "{ended}");
    assert!(!key.exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_publisher_who_goes_away_halfway_leaves_nothing_that_can_be_seen() {
    let bench = Bench::start();
    let first = bench.publish(&package(1, 1_000).build());
    let blobs = files(&bench.folder.data().join("depot").join("blobs"));
    let bytes = package(2, 1_000_000).build();
    for cut in [0, 1, 4_096, bytes.len() / 2, bytes.len() - 1] {
        let sent = send_part(&bench, &bytes, cut);
        sent.sock.shutdown(Shutdown::Both).expect("a connection");
    }
    let device = bench.device(Protocol::Http2);
    let page = device.open_page(&first.page_url).await.expect("a page");
    let installed = device.tap(&page, &Download::Whole).await.expect("the first build still");
    assert_eq!(installed.sha256, first.sha256);
    let folder = bench.folder.data().to_owned();
    let kept = bench.end();
    assert_eq!(files(&folder.join("depot").join("blobs")), blobs, "nothing was kept of the parts");
    assert!(kept.admin(&["collect-garbage", "--older-than-hours", "0", "--json"]).fine().is_ok());
    assert_eq!(files(&folder.join("depot").join("incoming")), Vec::<std::path::PathBuf>::new());
}

/// Announces a package on a connection of its own, and sends only so many bytes of it.
fn send_part(bench: &Bench, bytes: &[u8], cut: usize) -> StreamOwned<ClientConnection, TcpStream> {
    let root = CertificateDer::from_pem_slice(bench.folder.root_pem().as_bytes()).expect("a root");
    let mut roots = RootCertStore::empty();
    roots.add(root).expect("a root to trust");
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("TLS 1.3")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = "localhost".try_into().expect("a name");
    let connection = ClientConnection::new(Arc::new(config), name).expect("a configuration that works");
    let tcp = TcpStream::connect(("127.0.0.1", bench.folder.port())).expect("a server that listens");
    let mut tls = StreamOwned::new(connection, tcp);
    let head = format!(
        "PUT /api/v1/builds?channel=beta HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
         content-length: {}\r\n\r\n",
        bench.token,
        bytes.len()
    );
    tls.write_all(head.as_bytes()).expect("a server that reads");
    tls.write_all(&bytes[..cut]).expect("a server that reads");
    tls.flush().expect("a server that reads");
    tls
}
