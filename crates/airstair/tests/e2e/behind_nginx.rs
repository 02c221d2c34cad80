//! TLS ended by nginx, as the guide tells owners to set it up.

use std::path::Path;
use std::process::Command;

use e2e::{Certificates, Device, Download, Nginx, Protocol, ServerFolder, free_port};

use crate::bench::{BINARY, Bench, Dice, package};

const GUIDE: &str = include_str!("../../../../docs/guide/tls.md");

/// The guide's configuration, for this machine's ports and the certificates in nginx's folder.
fn configuration(port: u16, plain_port: u16, upstream: u16, upload_limit: &str) -> String {
    let (_, rest) = GUIDE.split_once("```nginx\n").expect("the guide has a configuration for nginx");
    let (text, _) = rest.split_once("```").expect("it ends");
    let replaced = [
        ("listen 443 ssl http2;", format!("listen 127.0.0.1:{port} ssl http2;")),
        ("listen [::]:443 ssl http2;", String::new()),
        ("listen 80;", format!("listen 127.0.0.1:{plain_port};")),
        ("listen [::]:80;", String::new()),
        ("server_name apps.example.com;", "server_name localhost;".to_owned()),
        ("/etc/letsencrypt/live/apps.example.com/fullchain.pem", "chain.pem".to_owned()),
        ("/etc/letsencrypt/live/apps.example.com/privkey.pem", "key.pem".to_owned()),
        ("http://127.0.0.1:8080", format!("http://127.0.0.1:{upstream}")),
        ("client_max_body_size 0;", format!("client_max_body_size {upload_limit};")),
    ];
    replaced.iter().fold(text.to_owned(), |text, (theirs, ours)| {
        assert!(text.contains(theirs), "the guide has no {theirs:?} any more");
        text.replace(theirs, ours)
    })
}

/// A server behind an nginx that takes uploads up to so much; `None`, said loudly, where there is none.
fn start(folder: &Path, upload_limit: &str) -> Option<(Nginx, Bench)> {
    if Command::new("nginx").arg("-v").output().is_err() {
        eprintln!("SKIPPED: there is no nginx on PATH, so no proxy was tried");
        return None;
    }
    let certificates = Certificates::write(folder);
    let port = free_port();
    let public_url = format!("https://localhost:{port}");
    let server = ServerFolder::new(BINARY.as_ref()).behind(&public_url, &certificates.root());
    let upstream = server.port();
    let http = configuration(port, free_port(), upstream, upload_limit);
    let nginx = Nginx::start(folder, &http).expect("nginx was there a moment ago");
    Some((nginx, Bench::on(server)))
}

#[test]
fn a_proxy_that_limits_uploads_is_suspected_in_words() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Some((_nginx, bench)) = start(folder.path(), "1m") else { return };
    let ended = bench.try_publish(&package(1, 5_000_000).build());
    assert_eq!(ended.code, Some(3), "{ended}");
    assert!(ended.stderr.contains("413"), "{ended}");
    assert!(ended.stderr.contains("a proxy that limits uploads"), "{ended}");
    bench.publish(&package(2, 500_000).build());
    bench.end();
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_install_through_nginx_with_lengths_and_ranges_and_without_its_buffers() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let Some((nginx, bench)) = start(folder.path(), "0") else { return };
    let bytes = package(1, 20_000_000).build();
    let published = bench.publish(&bytes);
    let len = bytes.len() as u64;
    let mut dice = Dice::thrown();
    for protocol in [Protocol::Http1, Protocol::Http2] {
        let device = Device::iphone(&bench.folder.root_pem(), protocol).expect("a root to trust");
        let page = device.open_page(&published.page_url).await.expect("a page");
        for download in [Download::Whole, Download::CutAfter(vec![1 + dice.below(len - 1)])] {
            let installed = device.tap(&page, &download).await;
            let installed = installed.unwrap_or_else(|error| panic!("{protocol:?}, {download:?}: {error}"));
            assert!(installed.package == bytes, "{protocol:?}, {download:?}: other bytes");
        }
    }
    // The client is the slower side, and nginx says so when it keeps for it what the server has sent already.
    let said = nginx.end();
    assert!(!said.contains("an upstream response is buffered to a temporary file"), "{said}");
    bench.end();
}
