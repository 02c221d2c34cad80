//! TLS ended by nginx, with its defaults for everything but the size of uploads.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use e2e::{Device, Download, Protocol, ServerFolder, free_port};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};

use crate::bench::{BINARY, Bench, Dice, package};

/// An nginx that runs in the foreground, and is gone when this is dropped.
struct Nginx {
    child: Child,
    /// Gives what it said after it was up, once it has ended.
    said: Option<JoinHandle<String>>,
}

impl Nginx {
    /// Starts one in `folder`, with the certificate in `chain.pem` and `key.pem` there, and waits until it listens.
    fn start(folder: &Path, port: u16, upstream: u16, upload_limit: &str) -> Self {
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
                 client_max_body_size {upload_limit};
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
        let said = std::thread::spawn(move || lines.map_while(Result::ok).collect::<Vec<_>>().join("\n"));
        Self { child, said: Some(said) }
    }

    /// Ends it and gives what it had to say.
    fn end(mut self) -> String {
        self.child.kill().expect("it runs");
        self.said.take().expect("it ends once").join().expect("the reader does not panic")
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
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

/// A server behind an nginx that takes uploads up to so much; `None`, said loudly, where there is none.
fn start(folder: &Path, upload_limit: &str) -> Option<(Nginx, Bench)> {
    if Command::new("nginx").arg("-v").output().is_err() {
        eprintln!("SKIPPED: there is no nginx on PATH, so no proxy was tried");
        return None;
    }
    write_certificates(folder);
    let port = free_port();
    let public_url = format!("https://localhost:{port}");
    let server = ServerFolder::new(BINARY.as_ref()).behind(&public_url, &folder.join("root.pem"));
    let nginx = Nginx::start(folder, port, server.port(), upload_limit);
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
