//! One package, one command: a server for as long as the terminal stays open.

mod host;
mod live;
mod qr_code;

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use clap::Args;
use distribution::{Allow, Caller, Distribution, OpenInHouse, Policy, PublishRequest, Published};
use serde::Serialize;
use tls::TlsMode;
use tokio::io::AsyncReadExt;
use url::Url;

use self::host::Host;
use self::live::Live;
use super::serve::stopped;
use crate::cli::Format;
use crate::failure::Failure;
use crate::findings;
use crate::network;
use crate::outcome::Outcome;
use crate::progress::Progress;
use crate::server::Server;
use crate::settings::{Database, Places, Settings, Storage};
use crate::terminal::{self, FAINT, GOOD, STRONG, WARNING};

/// A small app of our own: it shows the road, and an iPhone refuses it at the last step.
const SAMPLE: &[u8] = include_bytes!("../../sample/sample.ipa");

const USUAL_PORT: u16 = 8443;
const PIECE_BYTES: usize = 1 << 20;

/// Serve one package to the phones around, with a link and a QR code, until Ctrl-C
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The package
    #[arg(value_name = "APP.ipa", required_unless_present = "sample")]
    package: Option<PathBuf>,
    /// Serve a small app that comes with airstair; an iPhone will refuse it at the last step
    #[arg(long, conflicts_with = "package")]
    sample: bool,
    /// The name under which phones reach this machine [default: found out]
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
    /// Where to listen [default: 0.0.0.0:8443, or another port if that is taken]
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: Option<SocketAddr>,
    /// The address of a tunnel or proxy that does TLS and leads here; then plain HTTP is served
    #[arg(long, value_name = "URL", conflicts_with = "host")]
    public_url: Option<Url>,
    /// What is new, in Markdown
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    notes: String,
}

/// What is shared, as `--json` shows it; each attempt follows as an object of its own.
#[derive(Debug, Serialize)]
struct SharedView {
    page_url: String,
    bundle_id: String,
    version: String,
    build_number: String,
    /// The page by this machine's addresses, for phones that can't resolve the name.
    address_urls: Vec<String>,
    fingerprint: Option<String>,
}

pub(crate) fn run(arguments: &Arguments, format: Format) -> Result<Outcome, Failure> {
    network::log();
    network::runtime()?.block_on(share(arguments, format))?;
    Ok(Outcome::Fine)
}

async fn share(arguments: &Arguments, format: Format) -> Result<(), Failure> {
    let data = tempfile::tempdir()
        .map_err(|error| Failure::not_done("no temporary folder can be made").because(&error))?;
    let listen = arguments.listen.map_or_else(free_address, with_port);
    let host = match &arguments.public_url {
        Some(_) => None,
        None => Some(Host::choose(arguments.host.as_deref(), listen).await?),
    };
    let settings = settings(arguments, data.path(), listen, host.as_ref())?;
    let sample = arguments.sample.then(|| catalog::Sha256::new(digest(SAMPLE)));
    let server = Server::open(&settings, sample.into_iter().collect()).await?;
    let published = publish(server.distribution(), arguments, format).await?;
    let page_url = server.distribution().page_url(&published.channel);
    // Before anything is said: who reads it may answer with Ctrl-C at once.
    let stopped = stopped();
    announce(arguments, &server, &published, &page_url, host.as_ref(), format);
    let live = Live::start(server.distribution(), published.build.package.size_bytes, format);
    server.run(page_url, stopped).await;
    live.stop().await;
    Ok(())
}

/// The usual port, or any that is free.
fn free_address() -> SocketAddr {
    let at = |port| SocketAddr::from((Ipv4Addr::UNSPECIFIED, port));
    match TcpListener::bind(at(USUAL_PORT)) {
        Ok(_) => at(USUAL_PORT),
        Err(_) => with_port(at(0)),
    }
}

/// The same address with a port that is free, where it leaves that open: the link must name one.
fn with_port(address: SocketAddr) -> SocketAddr {
    if address.port() > 0 {
        return address;
    }
    let free = TcpListener::bind(address).and_then(|listener| listener.local_addr());
    free.unwrap_or(SocketAddr::new(address.ip(), USUAL_PORT))
}

fn settings(
    arguments: &Arguments,
    data: &Path,
    listen: SocketAddr,
    host: Option<&Host>,
) -> Result<Settings, Failure> {
    let (public_url, tls) = match (&arguments.public_url, host) {
        (Some(url), _) if url.scheme() == "https" && url.has_host() => (url.clone(), TlsMode::Off),
        (Some(url), _) => return Err(Failure::usage(format_args!("{url} is no https address"))),
        (None, Some(host)) => (host.url(listen.port())?, TlsMode::LocalCa),
        (None, None) => return Err(Failure::usage("name a host with --host")),
    };
    Ok(Settings {
        places: Places {
            data: data.to_owned(),
            database: Database::File,
            storage: Storage::Folder,
            secret_key_file: None,
        },
        listen,
        tls,
        // Kept, so that a phone that trusts it once trusts it the next time.
        tls_folder: Some(authority_folder()?),
        other_urls: host.map(|host| host.other_urls(&public_url)).unwrap_or_default(),
        // Whoever shares looks on: what keeps a phone out is seen at once.
        self_check: false,
        policy: Policy::new(public_url),
    })
}

fn authority_folder() -> Result<PathBuf, Failure> {
    let state = dirs::state_dir().or_else(dirs::data_local_dir);
    let folder = state.map(|state| state.join("airstair").join("share-tls"));
    let folder = folder.ok_or_else(|| Failure::not_done("this user has no folder for what programs keep"))?;
    std::fs::create_dir_all(&folder).map_err(|error| {
        Failure::not_done(format_args!("{} can't be made", folder.display())).because(&error)
    })?;
    Ok(folder)
}

/// Takes the package through the same stages as an upload. Findings are shown, not obeyed: who shares from a terminal
/// sees them.
async fn publish(
    distribution: &Arc<Distribution>,
    arguments: &Arguments,
    format: Format,
) -> Result<Published, Failure> {
    let request = PublishRequest {
        notes: arguments.notes.clone(),
        allow: Allow::All,
        open_in_house: OpenInHouse::Agreed,
        ..PublishRequest::default()
    };
    let size_bytes = match &arguments.package {
        Some(path) => tokio::fs::metadata(path).await.map_err(|error| unreadable(path, &error))?.len(),
        None => SAMPLE.len() as u64,
    };
    let refused = |error: distribution::PublishError| {
        let failure = Failure::bad_answer(&error);
        std::error::Error::source(&error)
            .map_or_else(|| Failure::bad_answer(&error), |cause| failure.because(cause))
    };
    let mut upload = distribution.begin_upload(&Caller::Operator, Some(size_bytes)).await.map_err(refused)?;
    match &arguments.package {
        None => upload.write(Bytes::from_static(SAMPLE)).await.map_err(refused)?,
        Some(path) => {
            let progress = Progress::bar(size_bytes, format);
            let mut file = tokio::fs::File::open(path).await.map_err(|error| unreadable(path, &error))?;
            loop {
                let mut piece = BytesMut::with_capacity(PIECE_BYTES);
                let read = file.read_buf(&mut piece).await.map_err(|error| unreadable(path, &error))?;
                if read == 0 {
                    break;
                }
                upload.write(piece.freeze()).await.map_err(refused)?;
                progress.advance(read as u64);
            }
            progress.finish();
        }
    }
    distribution.finish_upload(&Caller::Operator, upload, &request).await.map_err(refused)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::not_done(format_args!("{} can't be read", path.display())).because(error)
}

fn announce(
    arguments: &Arguments,
    server: &Server,
    published: &Published,
    page_url: &Url,
    host: Option<&Host>,
    format: Format,
) {
    let build = &published.build;
    let fingerprint = server.local_ca().map(|ca| ca.fingerprint().to_string());
    let address_urls = host.map(|host| host.other_urls(page_url)).unwrap_or_default();
    if format == Format::Json {
        return terminal::json(&SharedView {
            page_url: page_url.to_string(),
            bundle_id: published.app.bundle_id.to_string(),
            version: build.version.to_string(),
            build_number: build.build_number.to_string(),
            address_urls: address_urls.iter().map(Url::to_string).collect(),
            fingerprint,
        });
    }
    let name = terminal::plain(&build.display_name);
    let (version, number) = (build.version.to_string(), build.build_number.to_string());
    terminal::line(format_args!(
        "{STRONG}{name}{STRONG:#} {} ({})",
        terminal::plain(&version),
        terminal::plain(&number)
    ));
    if arguments.sample {
        terminal::labelled(
            "a sample",
            WARNING,
            "It shows the road. An iPhone will fetch it and refuse it at the last step, since only an Apple developer \
             team can sign an app for real.",
        );
    }
    findings::show(&build.findings, |row| terminal::line(row));
    terminal::line("");
    for row in qr_code::rows(page_url.as_str()) {
        terminal::line(row);
    }
    terminal::line(format_args!("  {GOOD}{page_url}{GOOD:#}"));
    terminal::line("");
    if let Some(fingerprint) = fingerprint {
        let text = format!("on each phone, open {} and follow its steps;", trust_url(page_url));
        terminal::labelled("the first time", STRONG, &text);
        terminal::paragraph(2, "it makes the phone trust this machine's own authority, whose fingerprint is");
        terminal::line(format_args!("  {FAINT}{fingerprint}{FAINT:#}"));
    }
    if let Some(by_address) = address_urls.first() {
        let text = format!(
            "for a phone that can't find {}, as in networks that filter such names: {by_address}, and the first time {}",
            page_url.host_str().unwrap_or_default(),
            trust_url(by_address)
        );
        terminal::labelled("by address", STRONG, &text);
    }
    if let Some(advice) = host.and_then(Host::advice) {
        terminal::labelled("note", WARNING, &advice);
    }
    terminal::line("");
    terminal::line(format_args!("{FAINT}waiting for devices; Ctrl-C stops{FAINT:#}"));
}

/// Where plain HTTP hands out the root, on the same host and port.
fn trust_url(page_url: &Url) -> Url {
    let mut url = page_url.clone();
    let port = page_url.port_or_known_default();
    if url.set_scheme("http").is_ok() && url.set_port(port).is_ok() {
        url.set_path("/");
    }
    url
}

fn digest(bytes: &[u8]) -> [u8; 32] {
    use sha2::{Digest, Sha256};
    Sha256::digest(bytes).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_has_a_port_where_any_would_do() {
        let given = SocketAddr::from(([127, 0, 0, 1], 8444));
        assert_eq!(with_port(given), given);
        let any = with_port(SocketAddr::from(([127, 0, 0, 1], 0)));
        assert!(any.ip() == given.ip() && any.port() > 0, "{any}");
    }
}
