//! TLS ended by nginx, with its defaults for everything else.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use e2e::{Device, Download, Protocol, ServerFolder, free_port};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::bench::{BINARY, Bench, Dice, package};

/// An nginx that runs in the foreground, and is gone when this is dropped.
struct Nginx(Child);

impl Nginx {
    /// Starts one in `folder`, with the certificate in `chain.pem` and `key.pem` there, and waits until it listens.
    fn start(folder: &Path, port: u16, upstream: u16) -> Self {
        let config = format!(
            "daemon off; master_process off; pid nginx.pid; error_log stderr notice;
             events {{}}
             http {{
               access_log off;
               client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
               uwsgi_temp_path uwsgi; scgi_temp_path scgi;
               server {{
                 listen 127.0.0.1:{port} ssl http2;
                 server_name localhost;
                 ssl_certificate chain.pem; ssl_certificate_key key.pem;
                 client_max_body_size 0; proxy_request_buffering off; proxy_http_version 1.1;
                 location / {{ proxy_pass http://127.0.0.1:{upstream}; }}
               }}
             }}"
        );
        std::fs::write(folder.join("nginx.conf"), config).expect("room for a file");
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder).arg("-c").arg(folder.join("nginx.conf")).args(["-e", "stderr"]);
        let mut child = command.stderr(Stdio::piped()).spawn().expect("nginx was there a moment ago");
        let mut lines = BufReader::new(child.stderr.take().expect("a pipe was asked for")).lines();
        let mut said = String::new();
        // With `master_process off` it listens before it says how many connections it may have.
        let up = lines.by_ref().map_while(Result::ok).any(|line| {
            said.push_str(&line);
            line.contains("getrlimit")
        });
        assert!(up, "nginx did not start: {said}");
        // Drains what else it says.
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self(child)
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A root, and a certificate for `localhost` that it signed, in the files nginx and devices want.
fn write_certificates(folder: &Path) {
    let mut root = CertificateParams::new(Vec::new()).expect("no names");
    root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    root.distinguished_name.push(DnType::CommonName, "Example Root");
    let root_key = KeyPair::generate().expect("randomness");
    let root_certificate = root.self_signed(&root_key).expect("a root");
    let leaf_key = KeyPair::generate().expect("randomness");
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let leaf = leaf.signed_by(&leaf_key, &Issuer::new(root, root_key)).expect("a certificate");
    for (file, text) in [
        ("root.pem", root_certificate.pem()),
        ("chain.pem", leaf.pem()),
        ("key.pem", leaf_key.serialize_pem()),
    ] {
        std::fs::write(folder.join(file), text).expect("room for a file");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_install_through_nginx_with_lengths_and_ranges_and_without_its_buffers() {
    if Command::new("nginx").arg("-v").output().is_err() {
        eprintln!("SKIPPED: there is no nginx on PATH, so no proxy was tried");
        return;
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_certificates(folder.path());
    let port = free_port();
    let public_url = format!("https://localhost:{port}");
    let server = ServerFolder::new(BINARY.as_ref()).behind(&public_url, &folder.path().join("root.pem"));
    let _nginx = Nginx::start(folder.path(), port, server.port());
    let bench = Bench::on(server);
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
    // What nginx buffers it spools there, once its 64 KiB in memory are full.
    let spooled = crate::bench::files(&folder.path().join("proxy"));
    assert_eq!(spooled, Vec::<std::path::PathBuf>::new());
    bench.end();
}
