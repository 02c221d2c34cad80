//! What stands between a publisher and a server is told by name, with what to do about it.

use std::net::TcpListener;
use std::path::Path;

use e2e::{Ended, ServerFolder, free_port};

use crate::bench::{BINARY, Bench, package};

/// A package in a folder of its own, and who publishes it.
struct Publisher {
    folder: tempfile::TempDir,
}

impl Publisher {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        std::fs::write(folder.path().join("App.ipa"), package(1, 1_000).build()).expect("room for a package");
        Self { folder }
    }

    fn publish(&self, server: &str, ca: Option<&Path>) -> Ended {
        let package = self.folder.path().join("App.ipa");
        let mut words =
            vec!["publish", package.to_str().expect("a plain path"), "--token", "none", "--server", server];
        if let Some(ca) = ca {
            words.extend(["--ca", ca.to_str().expect("a plain path")]);
        }
        ServerFolder::new(BINARY.as_ref()).run(&words)
    }
}

fn expect(ended: &Ended, sentence: &str, help: &str) {
    assert_eq!(ended.code, Some(3), "{ended}");
    let error = ended.stderr.lines().next().unwrap_or_default();
    assert!(error.starts_with("error: the package did not get to https://"), "{ended}");
    assert!(error.ends_with(&format!(": {sentence}")), "expected {sentence:?}: {ended}");
    assert!(ended.stderr.contains(&format!("\nhelp: {help}")), "expected {help:?}: {ended}");
    assert_eq!(ended.stderr.contains("--ca"), sentence.contains("authority"), "{ended}");
}

#[test]
fn a_port_where_nobody_listens() {
    let ended = Publisher::new().publish(&format!("https://localhost:{}", free_port()), None);
    expect(&ended, "nobody listens there", "check the port");
}

#[test]
fn a_host_that_is_not_known() {
    // RFC 6761: never the name of anything.
    let ended = Publisher::new().publish("https://apps.invalid", None);
    expect(&ended, "no such host is known", "check the spelling");
}

#[test]
fn a_server_that_says_nothing() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = silent.local_addr().expect("an address");
    let ended = Publisher::new().publish(&format!("https://{address}"), None);
    expect(&ended, "nothing came back in time", "check the address, and whether a firewall");
}

#[test]
fn a_port_without_tls() {
    let plain = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = plain.local_addr().expect("an address");
    let answering = std::thread::spawn(move || {
        let (mut stream, _) = plain.accept()?;
        std::io::Write::write_all(&mut stream, b"HTTP/1.1 400 Bad Request\r\n\r\n")?;
        // Until the other side has read it and is gone.
        std::io::copy(&mut stream, &mut std::io::sink())
    });
    let ended = Publisher::new().publish(&format!("https://{address}"), None);
    expect(&ended, "what answers there speaks no TLS", "check the port");
    answering.join().expect("no panic").expect("a connection");
}

#[test]
fn a_server_with_an_authority_or_a_name_that_is_not_trusted() {
    let bench = Bench::start();
    let publisher = Publisher::new();
    let authority = "its certificate is of an authority that is not trusted here";
    let ended = publisher.publish(bench.folder.public_url(), None);
    expect(&ended, authority, "if the server has an authority of its own, name its root: --ca");
    let other = Bench::start();
    let ended = publisher.publish(bench.folder.public_url(), Some(other.folder.root_path()));
    expect(&ended, authority, "if the server has an authority of its own, name its root: --ca");
    let by_address = format!("https://127.0.0.1:{}", bench.folder.port());
    let ended = publisher.publish(&by_address, Some(bench.folder.root_path()));
    expect(&ended, "its certificate can't be accepted", "name the server as its certificate does");
}
