//! A name for phones: what `share` and `serve` answer to multicast DNS, and what they do where they can't.

use std::io::{BufReader, Read};
use std::net::{Ipv4Addr, UdpSocket};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use e2e::{Device, Download, Installed, Protocol};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::bench::{BINARY, package};
use crate::network::{Machine, Network};

/// The group and port of multicast DNS (RFC 6762, section 3).
const MULTICAST_DNS: (Ipv4Addr, u16) = (Ipv4Addr::new(224, 0, 0, 251), 5353);

/// `airstair share`, as it runs at one machine.
struct Share {
    child: Child,
    folder: tempfile::TempDir,
    said: Value,
}

impl Share {
    fn start(words: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let app = folder.path().join("App.ipa");
        std::fs::write(&app, package(1, 1_000).build()).expect("room for a package");
        let mut command = Command::new(BINARY);
        command.env_clear().env("XDG_STATE_HOME", folder.path());
        command.args(["share", "--json"]).arg(app).args(words);
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the binary can be run");
        let stdout = BufReader::new(child.stdout.take().expect("a pipe was asked for"));
        let mut said = serde_json::Deserializer::from_reader(stdout).into_iter::<Value>();
        let said = said.next().expect("an object before the end").expect("JSON");
        Self { child, folder, said }
    }

    fn page_url(&self) -> &str {
        self.said["page_url"].as_str().expect("an address")
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("airstair/share-tls/root.pem")
    }

    fn stop(mut self) {
        kill_process(Pid::from_child(&self.child), Signal::INT).expect("it runs");
        assert!(self.child.wait().expect("a child can be waited for").success());
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        // A test that fails leaves no server behind; one that has ended needs no killing.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks the wire for a name's address, as somebody who has never heard of it.
fn resolve(machine: Machine, name: &str) -> Option<Ipv4Addr> {
    let own: Ipv4Addr = machine.address().parse().expect("an address");
    let socket = UdpSocket::bind((own, 0)).expect("a socket");
    socket.set_read_timeout(Some(Duration::from_secs(3))).expect("a socket");
    let mut question = vec![0, 7, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0];
    for label in name.split('.') {
        question.push(u8::try_from(label.len()).expect("a short label"));
        question.extend(label.bytes());
    }
    question.extend([0, 0, 1, 0, 1]);
    socket.send_to(&question, MULTICAST_DNS).expect("a wire");
    let mut answer = [0; 1_500];
    let length = socket.recv(&mut answer).ok()?;
    let octets: [u8; 4] = answer[..length].last_chunk().copied()?;
    Some(Ipv4Addr::from(octets))
}

fn host(url: &str) -> &str {
    url.trim_start_matches("https://").split([':', '/']).next().expect("a host")
}

fn install(page_url: &str, root: &std::path::Path) -> Installed {
    let root = std::fs::read_to_string(root).expect("a root");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let device = Device::iphone(&root, Protocol::Http2).expect("a root to trust");
        let page = device.open_page(page_url).await.expect("a page");
        device.tap(&page, &Download::Whole).await.expect("an install")
    })
}

#[test]
fn a_shared_app_has_a_name_that_another_machine_resolves_and_an_address_that_works_alone() {
    let Some(network) = Network::lay() else { return };
    let share = network.at(Machine::Here, || Share::start(&[]));
    let name = host(share.page_url()).to_owned();
    assert_eq!(name.rsplit('.').next(), Some("local"), "{name}");
    let here = Machine::Here.address();
    let resolved = network.at(Machine::There, || resolve(Machine::There, &name));
    assert_eq!(resolved.map(|address| address.to_string()).as_deref(), Some(here), "{name}");

    let by_address = share.said["address_urls"][0].as_str().expect("an address");
    assert_eq!(host(by_address), here);
    let installed = network.at(Machine::There, || install(by_address, &share.root()));
    assert_eq!(host(&installed.package_url), here, "no step of it needs the name");

    network.at(Machine::Here, || share.stop());
    assert_eq!(network.at(Machine::There, || resolve(Machine::There, &name)), None, "the name is taken back");
}

#[test]
fn a_name_that_another_machine_has_is_left_to_it() {
    let Some(network) = Network::lay() else { return };
    // Both machines have this one's host name.
    let first = network.at(Machine::There, || Share::start(&[]));
    let second = network.at(Machine::Here, || Share::start(&[]));
    let (theirs, ours) = (host(first.page_url()), host(second.page_url()));
    assert_eq!(ours, theirs.replace(".local", "-2.local"));
    for (name, machine) in [(theirs, Machine::There), (ours, Machine::Here)] {
        let resolved = network.at(Machine::There, || resolve(Machine::There, name));
        assert_eq!(resolved.map(|address| address.to_string()).as_deref(), Some(machine.address()), "{name}");
    }
}

#[test]
fn two_shares_on_one_machine_have_one_name() {
    let Some(network) = Network::lay() else { return };
    let first = network.at(Machine::Here, || Share::start(&[]));
    let second = network.at(Machine::Here, || Share::start(&[]));
    let name = host(first.page_url()).to_owned();
    assert_eq!(host(second.page_url()), name);
    network.at(Machine::Here, || first.stop());
    let resolved = network.at(Machine::There, || resolve(Machine::There, &name));
    assert!(resolved.is_some(), "the second still answers for {name}");
}

#[test]
fn where_multicast_dns_is_out_of_reach_the_link_has_the_address() {
    let Some(network) = Network::lay() else { return };
    // Another program that keeps the port for itself.
    let port = network.at(Machine::Here, || UdpSocket::bind(("0.0.0.0", MULTICAST_DNS.1)).expect("a port"));
    let share = network.at(Machine::Here, || Share::start(&[]));
    assert_eq!(host(share.page_url()), Machine::Here.address());
    let installed = network.at(Machine::There, || install(share.page_url(), &share.root()));
    assert_eq!(host(&installed.package_url), Machine::Here.address());
    drop(port);
}

#[test]
fn a_server_with_a_local_public_name_answers_for_it() {
    let Some(network) = Network::lay() else { return };
    let data = tempfile::tempdir().expect("a temporary folder");
    let mut command = Command::new(BINARY);
    command.env_clear().args(["serve", "--listen", "0.0.0.0:8443", "--reserve-bytes", "0"]);
    command.args(["--public-url", "https://airstair-test.local:8443", "--data"]).arg(data.path());
    let mut child = network.at(Machine::Here, || command.stderr(Stdio::piped()).spawn()).expect("a server");
    let mut stderr = child.stderr.take().expect("a pipe was asked for");
    let mut said = String::new();
    let mut byte = [0];
    while !said.contains("leads here") && stderr.read(&mut byte).is_ok_and(|read| read == 1) {
        said.push(char::from(byte[0]));
    }
    let resolved = network.at(Machine::There, || resolve(Machine::There, "airstair-test.local"));
    child.kill().expect("it runs");
    child.wait().expect("a child can be waited for");
    assert_eq!(
        resolved.map(|address| address.to_string()).as_deref(),
        Some(Machine::Here.address()),
        "{said}"
    );
}
