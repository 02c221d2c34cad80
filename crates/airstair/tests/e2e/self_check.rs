//! A server that walks its own road, through what stands before it.

use std::process::Command;
use std::time::{Duration, Instant};

use e2e::{Certificates, Nginx, ServerFolder, free_port, trusting};
use reqwest::ClientBuilder;
use serde_json::Value;

use crate::bench::{BINARY, Bench, package};

/// How long a check may take on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server that has a build and has not looked at itself yet, for a place behind an nginx.
struct Behind {
    folder: tempfile::TempDir,
    port: u16,
    server: ServerFolder,
}

impl Behind {
    /// With a certificate that an authority of this name issued; `None`, said loudly, where there is no nginx.
    fn prepare(authority: &str) -> Option<Self> {
        if Command::new("nginx").arg("-v").output().is_err() {
            eprintln!("SKIPPED: there is no nginx on PATH, so no proxy was tried");
            return None;
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let certificates = Certificates::write_below(authority, folder.path());
        let port = free_port();
        let public_url = format!("https://localhost:{port}");
        let server = ServerFolder::new(BINARY.as_ref()).behind(&public_url, &certificates.root());
        let behind = Self { folder, port, server };
        let _nginx = behind.nginx("");
        let bench = Bench::on(behind.server);
        bench.publish(&package(1, 100_000).build());
        Some(Self { server: bench.end().with_self_check(), ..behind })
    }

    /// An nginx that does this besides.
    fn nginx(&self, besides: &str) -> Nginx {
        let (port, upstream) = (self.port, self.server.port());
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
        Nginx::start(self.folder.path(), &http).expect("nginx was there a moment ago")
    }
}

/// What the server finds on its own road that was not found by then, and the exit code that goes with it.
fn found_after(moment: &Value, server: &ServerFolder) -> (Option<i32>, Value) {
    let start = Instant::now();
    loop {
        let ended = server.admin(&["status", "--json"]);
        let check = &ended.json()["self_check"];
        if check["at"] != *moment {
            return (ended.code, check.clone());
        }
        assert!(start.elapsed() < PATIENCE, "no check was made");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn names(check: &Value) -> Vec<&str> {
    let findings = check["findings"].as_array().expect("findings");
    findings.iter().map(|finding| finding["name"].as_str().expect("a name")).collect()
}

#[test]
fn a_server_that_devices_reach_has_nothing_to_say_of_itself() {
    let bench = Bench::on(ServerFolder::new(BINARY.as_ref()).with_self_check());
    let (code, host_alone) = found_after(&Value::Null, &bench.folder);
    assert_eq!((code, names(&host_alone)), (Some(0), vec![]), "{host_alone}");
    bench.publish(&package(1, 100_000).build());
    let folder = bench.end();
    let server = folder.start().expect("a server that starts");
    let (code, whole_road) = found_after(&host_alone["at"], &folder);
    assert_eq!((code, names(&whole_road)), (Some(0), vec![]), "{whole_road}");
    assert_eq!(whole_road["verdict"], "installs", "{whole_road}");
    let ended = server.stop();
    assert!(!ended.stderr.contains("WARN") && !ended.stderr.contains("ERROR"), "{ended}");
}

#[test]
fn what_stands_before_a_server_is_found_by_itself() {
    let Some(behind) = Behind::prepare("Example Root") else { return };
    let mut last = Value::Null;
    for (besides, expected, code) in [
        ("", &["private-root"][..], 0),
        ("proxy_set_header Range \"\"; max_ranges 0;", &["private-root", "ranges-not-supported"], 0),
        ("if ($http_user_agent ~ appstored) { return 403; }", &["private-root", "blocked-for-installer"], 1),
    ] {
        let _nginx = behind.nginx(besides);
        let server = behind.server.start().expect("a server that starts");
        let (ended, check) = found_after(&last, &behind.server);
        let names = names(&check);
        assert!(expected.iter().all(|name| names.contains(name)), "{besides}: {names:?}");
        assert_eq!(ended, Some(code), "{besides}: {names:?}");
        if code == 0 {
            assert_eq!(names, expected, "{besides}");
        }
        let logged = server.stop().stderr;
        for name in names {
            assert_eq!(logged.lines().filter(|line| line.contains(name)).count(), 1, "{besides}: {logged}");
        }
        let told = check.to_string();
        assert!(!(logged + &told).contains("/t/A"), "{besides}: no ticket is told");
        last = check["at"].clone();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chain_without_its_intermediate_is_told_by_readiness() {
    let Some(behind) = Behind::prepare("Example Issuing CA") else { return };
    let _nginx = behind.nginx("");
    let server = behind.server.start().expect("a server that starts");
    found_after(&Value::Null, &behind.server);
    let client = trusting(&behind.server.root_pem()).and_then(ClientBuilder::build).expect("a client");
    let url = format!("{}/readyz", behind.server.public_url());
    let answer = client.get(url).send().await.expect("an answer");
    assert_eq!(answer.status(), 200);
    let said = answer.text().await.expect("a text");
    assert!(said.starts_with("ready\nbut devices may not reach it: TLS004 chain-incomplete: "), "{said}");

    let file = behind.folder.path().join("App.ipa");
    std::fs::write(&file, package(2, 100_000).build()).expect("room for a package");
    let token = behind.server.publish_token().expect("a token");
    let (file, root) = (file.to_string_lossy(), behind.server.root_path().to_string_lossy());
    let words = ["publish", &file, "--server", behind.server.public_url(), "--token", &token, "--ca", &root];
    let published = behind.server.run(&words).fine().expect("a build that is taken");
    let (_, of_server) = published.stderr.split_once("The server itself:").expect("what is wrong with it");
    assert!(of_server.contains("TLS004"), "{published}");

    let ended = server.stop();
    assert!(ended.stderr.lines().any(|line| line.contains("ERROR") && line.contains("TLS004")), "{ended}");
}
