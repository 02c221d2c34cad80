use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use serde_json::Value;
use tls::TlsMode;
use tokio::signal::unix::{SignalKind, signal};
use url::Url;

use crate::cli::Format;
use crate::failure::Failure;
use crate::local_network::{LocalName, at_address, is_local_name, private_addresses};
use crate::network;
use crate::outcome::Outcome;
use crate::server::Server;
use crate::settings::{Given, Settings, SettingsView};
use crate::stores::check_delivery;
use crate::terminal::{self, FAINT, GOOD, STRONG, WARNING};

/// Run the long-lived server
#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// The settings file [default: airstair.toml, if it is there]
    #[arg(long, value_name = "FILE", env = "AIRSTAIR_CONFIG")]
    config: Option<PathBuf>,
    /// Show every fault of the settings, or the settings in force, and stop
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    given: Given,
}

pub(crate) fn run(arguments: Arguments, format: Format) -> Result<Outcome, Failure> {
    let settings = arguments.given.with_file(arguments.config.as_deref())?.resolve()?;
    // It brings the cryptography that a bucket's settings are checked with.
    let runtime = network::runtime()?;
    if arguments.check {
        settings.check_files()?;
        runtime.block_on(check_delivery(&settings.places.storage, settings.policy.attempt_served_for))?;
        show(&settings, format);
        return Ok(Outcome::Fine);
    }
    network::log();
    runtime.block_on(serve(settings))?;
    Ok(Outcome::Fine)
}

async fn serve(mut settings: Settings) -> Result<(), Failure> {
    network::allow_many_connections();
    let public_url = settings.policy.public_url.clone();
    let addresses = addresses_of_local_name(&settings);
    settings.other_urls = addresses.iter().filter_map(|address| at_address(&public_url, *address)).collect();
    let server = Server::open(&settings, Arc::default()).await?;
    let stopped = stopped();
    announce(&server, &settings);
    let naming = tokio::spawn(keep_name(public_url.clone(), addresses));
    server.run(public_url, stopped).await;
    naming.abort();
    // Until the name is taken back; that it was aborted is no news.
    let _ = naming.await;
    terminal::remark("stopped");
    Ok(())
}

/// What a public name that ends in `.local` leads to, where this server itself vouches for it; else nothing.
fn addresses_of_local_name(settings: &Settings) -> Vec<IpAddr> {
    let is_local = settings.policy.public_url.host_str().is_some_and(is_local_name);
    if !is_local || !matches!(settings.tls, TlsMode::LocalCa) {
        return Vec::new();
    }
    private_addresses(settings.listen).unwrap_or_else(|error| {
        tracing::warn!(%error, "this machine's addresses can't be listed, so its name is not answered for");
        Vec::new()
    })
}

/// Answers for the public address's name where nobody does, until the server stops.
async fn keep_name(public_url: Url, addresses: Vec<IpAddr>) {
    let Some(name) = public_url.host_str().filter(|_| !addresses.is_empty()) else { return };
    let port = public_url.port_or_known_default().unwrap_or(443);
    match LocalName::see_to(name, &addresses, port).await {
        LocalName::Answered(_) => {}
        LocalName::Claimed(_responder) => {
            terminal::remark(format_args!("{GOOD}named{GOOD:#}  {name} leads here in the local network"));
            std::future::pending::<()>().await;
        }
        LocalName::Unclaimed(reason) => terminal::warning(&reason.sentence(name), Some(reason.help())),
    }
}

fn announce(server: &Server, settings: &Settings) {
    let public_url = &settings.policy.public_url;
    let address = server.address().map_or_else(String::new, |address| format!(" on {address}"));
    terminal::remark(format_args!(
        "{GOOD}ready{GOOD:#}{address}, for devices at {STRONG}{public_url}{STRONG:#}"
    ));
    if settings.places.storage.is_presigned() {
        terminal::warning(
            "storage_delivery is experimental: devices fetch packages from the bucket itself, so nobody sees how far \
             they got, and what was handed out can't be revoked",
            Some("devices must reach the storage, and trust its certificate"),
        );
    }
    if let Some(ca) = server.local_ca() {
        let mut plain = public_url.clone();
        if plain.set_scheme("http").is_ok() {
            plain.set_port(Some(public_url.port_or_known_default().unwrap_or(443))).ok();
        }
        terminal::remark(format_args!(
            "{WARNING}once{WARNING:#}  each phone must trust this server's own authority: open {plain} on it"
        ));
        terminal::remark(format_args!("{FAINT}      fingerprint {}{FAINT:#}", ca.fingerprint()));
    }
}

fn show(settings: &Settings, format: Format) {
    let view = SettingsView::from(settings);
    match format {
        Format::Json => terminal::json(&view),
        Format::Text => {
            let fields = serde_json::to_value(&view).expect("settings are a map with text keys");
            for (name, value) in fields.as_object().into_iter().flatten() {
                let value = match value {
                    Value::Null => "not set".to_owned(),
                    Value::String(text) => text.clone(),
                    other => other.to_string(),
                };
                terminal::line(format_args!("{FAINT}{name:<26}{FAINT:#} {}", terminal::plain(&value)));
            }
        }
    }
}

/// Done when the process is asked to stop: Ctrl-C, or what service managers send.
///
/// Listens from the call on, not from the first poll: call it before anybody can know that the server is up, or a signal
/// that comes at once ends the process as if it had been killed.
pub(crate) fn stopped() -> impl Future<Output = ()> {
    let mut terminate = signal(SignalKind::terminate()).expect("signals can be waited for");
    let mut interrupt = signal(SignalKind::interrupt()).expect("signals can be waited for");
    async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    }
}
