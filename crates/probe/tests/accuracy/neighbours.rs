//! Servers that people use, with a sound road on each.

use std::fs;
use std::io::{BufRead, BufReader, Lines, Read};
use std::net::Ipv4Addr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use e2e::{Nginx, free_port};
use egress::Pin;
use probe::Options;
use tempfile::TempDir;
use testkit::labelled;

use crate::certificates::Certificates;
use crate::compare::{Expected, compare};
use crate::road::{Body, Host, ICON, MANIFEST, PACKAGE, PAGE, Road};
use crate::walk::judged_from;

/// The one host of these roads.
const NAME: &str = "apps.road.test";

/// A folder with the files of a sound road in `site`, and a certificate with its key beside it.
fn folder(port: u16) -> TempDir {
    let folder = TempDir::new().expect("the system has a place for temporary files");
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("it is in the folder"))
            .expect("a new folder can have folders");
        fs::write(path, bytes).expect("a new folder can be written");
    };
    let mut road = Road::of(&labelled::Road::default());
    for (place, path) in [(PAGE, "/beta.html"), (MANIFEST, MANIFEST.1), (ICON, ICON.1), (PACKAGE, PACKAGE.1)]
    {
        let bytes = match &road.at(place).body {
            Body::Bytes(bytes) => bytes.clone(),
            Body::Text(text) => Host::ALL
                .into_iter()
                .fold(text.clone(), |text, host| {
                    let place = format!("{NAME}:{port}");
                    text.replace(&format!("{}/", host.name()), &format!("{place}/"))
                        .replace(&format!("{}%2F", host.name()), &format!("{}%2F", place.replace(':', "%3A")))
                })
                .into_bytes(),
        };
        write(&format!("site{path}"), &bytes);
    }
    let (chain, key) = Certificates::default().pem(NAME);
    write("chain.pem", chain.as_bytes());
    write("key.pem", key.as_bytes());
    folder
}

/// Judges the road at this port, of which nothing but these findings is to be told, and no error.
async fn expect(server: &str, port: u16, findings: &[&'static str]) {
    let pin = Pin { name: NAME.to_owned(), port: None, addresses: vec![Ipv4Addr::LOCALHOST.into()] };
    let egress = egress::Options { may_reach_private: true, pins: vec![pin], ..egress::Options::default() };
    let options = Options { egress, ..Options::default() };
    let report = judged_from(&format!("https://{NAME}:{port}/beta.html"), options).await;
    let expected = Expected { findings: findings.iter().copied().collect(), cause: None };
    let surprise = compare(server, &report, &expected).surprise;
    assert!(surprise.is_none(), "{}", surprise.unwrap_or_default());
}

/// Whether there is such a program; where not, that is said.
#[expect(clippy::print_stderr, reason = "what was not tried is to be seen")]
fn is_there(program: &str, argument: &str) -> bool {
    let is_there = Command::new(program).arg(argument).output().is_ok();
    if !is_there {
        eprintln!("SKIPPED: there is no {program} on PATH, so no road was walked on it");
    }
    is_there
}

/// A program that serves, gone when this is dropped.
struct Server {
    child: Child,
    /// What it still has to say: it would end where nobody could hear it.
    _said: Lines<BufReader<Box<dyn Read>>>,
}

impl Server {
    /// Starts it, and waits until a line of `said` has this in it.
    fn start(command: &mut Command, said: impl FnOnce(&mut Child) -> Box<dyn Read>, up: &str) -> Self {
        let mut child = command.spawn().expect("it was there a moment ago");
        let mut lines = BufReader::new(said(&mut child)).lines();
        let mut heard = String::new();
        let is_up = lines.by_ref().map_while(Result::ok).any(|line| {
            heard.push_str(&line);
            line.contains(up)
        });
        let server = Self { child, _said: lines };
        assert!(is_up, "it did not start: {heard}");
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_road_on_nginx_is_clean() {
    if !is_there("nginx", "-v") {
        return;
    }
    let port = free_port();
    let folder = folder(port);
    let http = format!(
        "access_log off;
         server {{
           listen 127.0.0.1:{port} ssl http2;
           server_name {NAME};
           ssl_certificate chain.pem;
           ssl_certificate_key key.pem;
           root site;
           types {{ text/html html; text/xml plist; image/png png; application/octet-stream ipa; }}
         }}"
    );
    let _nginx = Nginx::start(folder.path(), &http).expect("nginx was there a moment ago");
    expect("nginx", port, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_road_on_caddy_is_clean() {
    if !is_there("caddy", "version") {
        return;
    }
    let port = free_port();
    let folder = folder(port);
    let site = "root * site
                @manifest path *.plist
                header @manifest Content-Type text/xml
                @package path *.ipa
                header @package Content-Type application/octet-stream
                file_server";
    let config = format!(
        "{{\n admin off\n auto_https disable_redirects\n}}\n\
         https://{NAME}:{port} {{\n bind 127.0.0.1\n tls chain.pem key.pem\n {site}\n}}\n"
    );
    fs::write(folder.path().join("Caddyfile"), config).expect("the folder can be written");
    let mut command = Command::new("caddy");
    at_home(&mut command, folder.path()).args(["run", "--config", "Caddyfile"]).stderr(Stdio::piped());
    let said =
        |child: &mut Child| Box::new(child.stderr.take().expect("a pipe was asked for")) as Box<dyn Read>;
    let _caddy = Server::start(&mut command, said, "serving initial configuration");
    expect("caddy", port, &[]).await;
}

/// It keeps what it keeps in this folder.
fn at_home<'c>(command: &'c mut Command, folder: &Path) -> &'c mut Command {
    command
        .current_dir(folder)
        .env("HOME", folder)
        .env("XDG_DATA_HOME", folder)
        .env("XDG_CONFIG_HOME", folder)
}

/// Python's server for files, with TLS: no ranges, and otherwise what a plain server does.
const PYTHON: &str = "
import functools, http.server, ssl, sys
class Files(http.server.SimpleHTTPRequestHandler):
    extensions_map = {'.html': 'text/html', '.plist': 'text/xml', '.png': 'image/png', '': 'application/octet-stream'}
server = http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), functools.partial(Files, directory='site'))
tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
tls.load_cert_chain('chain.pem', 'key.pem')
server.socket = tls.wrap_socket(server.socket, server_side=True)
print('up', flush=True)
server.serve_forever()
";

#[tokio::test(flavor = "multi_thread")]
async fn a_sound_road_on_a_plain_server_is_installed() {
    if !is_there("python3", "--version") {
        return;
    }
    let port = free_port();
    let folder = folder(port);
    let mut command = Command::new("python3");
    at_home(&mut command, folder.path()).args(["-c", PYTHON, &port.to_string()]);
    command.stdout(Stdio::piped()).stderr(Stdio::null());
    let said =
        |child: &mut Child| Box::new(child.stdout.take().expect("a pipe was asked for")) as Box<dyn Read>;
    let _python = Server::start(&mut command, said, "up");
    expect("python3", port, &["ranges-not-supported"]).await;
}
