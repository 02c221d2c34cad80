//! TLS ended by nginx, with its defaults for everything but the size of uploads.

use std::path::Path;
use std::process::Command;

use e2e::{Certificates, Device, Download, Nginx, Protocol, ServerFolder, free_port};

use crate::bench::{BINARY, Bench, Dice, package};

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
    let http = format!(
        "access_log off;
         server {{
           listen 127.0.0.1:{port} ssl http2;
           server_name localhost;
           ssl_certificate chain.pem; ssl_certificate_key key.pem;
           client_max_body_size {upload_limit};
           location / {{ proxy_pass http://127.0.0.1:{upstream}; }}
         }}"
    );
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
