//! A server that walks its own road through what stands before it.

use std::path::Path;
use std::time::{Duration, Instant};

use e2e::{Certificates, Nginx, ServerFolder, free_port, trusting};
use reqwest::ClientBuilder;

use crate::bench::{BINARY, Bench, package};

/// How long a check may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server that has a build, and the port of an nginx that is to stand before it.
struct Behind {
    folder: tempfile::TempDir,
    port: u16,
    bench: Bench,
}

impl Behind {
    /// `None`, said loudly, where there is no nginx.
    fn start() -> Option<(Self, Nginx)> {
        if std::process::Command::new("nginx").arg("-v").output().is_err() {
            eprintln!("SKIPPED: there is no nginx on PATH, so no proxy was tried");
            return None;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let certificates = Certificates::write(folder.path());
        let port = free_port();
        let server = ServerFolder::new(BINARY.as_ref())
            .behind(&format!("https://localhost:{port}"), &certificates.root());
        let nginx = nginx(folder.path(), port, server.port(), "");
        let bench = Bench::on(server);
        bench.publish(&package(1, 100_000).build());
        Some((Self { folder, port, bench }, nginx))
    }

    /// Starts anew with a self-check, behind an nginx that does this besides.
    fn again(self, old: Nginx, besides: &str) -> (Self, Nginx) {
        let Self { folder, port, bench } = self;
        let server = bench.end().with_self_check();
        let _ = old.end();
        let nginx = nginx(folder.path(), port, server.port(), besides);
        (Self { folder, port, bench: Bench::on(server) }, nginx)
    }

    /// Waits until `/readyz` says more than that.
    async fn complaint(&self) -> String {
        let root = self.bench.folder.root_pem();
        let client = trusting(&root).and_then(ClientBuilder::build).expect("a client");
        let url = format!("{}/readyz", self.bench.folder.public_url());
        let start = Instant::now();
        loop {
            let answer = client.get(&url).send().await.expect("an answer");
            assert_eq!(answer.status(), 200);
            let text = answer.text().await.expect("a text");
            if text != "ready\n" {
                return text;
            }
            assert!(start.elapsed() < PATIENCE, "no check says anything");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

fn nginx(folder: &Path, port: u16, upstream: u16, besides: &str) -> Nginx {
    let http = format!(
        "access_log off;
         server {{
           listen 127.0.0.1:{port} ssl;
           server_name localhost;
           ssl_certificate chain.pem;
           ssl_certificate_key key.pem;
           client_max_body_size 0;
           location / {{
             {besides}
             proxy_pass http://127.0.0.1:{upstream};
           }}
         }}"
    );
    Nginx::start(folder, &http).expect("nginx was there a moment ago")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_filter_that_keeps_the_installer_out_is_told_by_readiness_and_the_log() {
    let Some((behind, nginx)) = Behind::start() else { return };
    let (behind, _nginx) = behind.again(nginx, "if ($http_user_agent ~ appstored) { return 403; }");
    let said = behind.complaint().await;
    let line =
        "but devices may not reach it: NET006 blocked-for-installer: the installer gets 403, and a browser";
    assert!(said.starts_with(&format!("ready\n{line}")), "{said}");
    let ended = behind.bench.server.stop();
    assert_eq!(ended.code, Some(0), "{ended}");
    let logged: Vec<_> = ended.stderr.lines().filter(|line| line.contains("NET006")).collect();
    assert!(matches!(logged[..], [line] if line.contains("ERROR") && line.contains("exempt")), "{ended}");
    assert!(!ended.stderr.contains("/t/A") && !ended.stderr.contains("/i/"), "{ended}");
}
