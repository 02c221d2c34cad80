use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use clap::{Args, ValueHint};
use doctor::{Device, Facts, Revocations, Selection, judge_selected};
use egress::Pin;
use ipa::{Examined, Fact};
use itms_services::InstallLink;
use probe::{DownloadWatch, Downloaded, Options, Probe, Question, RevocationCheck, Target};
use reqwest::Url;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;
use signed_data::Certificate;
use time::UtcDateTime;

use super::look::Looking;
use super::{JudgedRoad, ReadPackage, target};
use crate::cli::Format;
use crate::failure::Failure;
use crate::progress::Progress;
use crate::{clock, network};

/// How a road is walked over the network.
#[derive(Debug, Args)]
#[command(next_help_heading = "Over the network")]
pub(super) struct LiveArguments {
    /// Trust the certificates in this PEM file, as a device does on which they are installed and switched on
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    ca: Option<PathBuf>,
    /// Take this address for a name instead of looking it up, as curl does; NAME:PORT:ADDRESS for one port
    #[arg(long, value_name = "NAME:ADDRESS")]
    resolve: Vec<Pin>,
    /// Go to this computer and into private networks too, as to a test bench; that it leads there is a note then
    #[arg(long)]
    allow_private: bool,
    /// How long to wait for a connection, and for each answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    timeout: Duration,
    /// Look for links in the scripts that a page loads, too
    #[arg(long)]
    follow_page_scripts: bool,
    /// Judge a link as it is written, without asking anybody
    #[arg(long)]
    offline: bool,
}

/// The longest a person waits, in seconds; devices wait 120 for a manifest.
const LONGEST_WAIT: u64 = 600;
/// How long a connection may take at most: nobody waits longer for one.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

impl LiveArguments {
    /// Where a walk begins, where the target is the address of something and is to be walked.
    pub(super) fn target(&self, targets: &[OsString]) -> Result<Option<Target>, Failure> {
        let addresses = || targets.iter().filter_map(|target| Some((target, web_address(target.to_str()?)?)));
        if self.offline {
            return match addresses().next() {
                None => Ok(None),
                Some((target, _)) => {
                    let message = format!("{} is an address, and --offline asks nobody", target.display());
                    Err(Failure::usage(message)
                        .help("give the link itself, or a file; or leave --offline out"))
                }
            };
        }
        let [target] = targets else { return Ok(None) };
        let link = target.to_str().map(str::trim).filter(|text| target::is_link(text));
        let link = link.map(|link| Target::Link(InstallLink::parse(link)));
        Ok(link.or_else(|| Some(Target::Address(addresses().next()?.1))))
    }

    /// Walks from `target`, and judges every road that leads on from it.
    pub(super) fn examine(
        &self,
        name: &str,
        target: Target,
        (now, device): (UtcDateTime, &Device),
        looking: Looking,
        asks_authorities: bool,
        selection: &Selection,
    ) -> Result<Vec<JudgedRoad>, Failure> {
        let probe = Probe::new(Options {
            egress: self.egress(),
            trusted: self.ca.as_deref().map(certificates).transpose()?.unwrap_or_default(),
            follows_page_scripts: self.follow_page_scripts,
            depth: looking.depth,
            watch: Some(bar(looking.format)),
            ..Options::default()
        });
        let runtime = network::runtime()?;
        let walk = runtime.block_on(probe.walk(target));
        let revocations = if asks_authorities {
            runtime.block_on(probe.revocations(&walk, clock::now()))
        } else {
            probe.stapled(clock::now())
        };
        let judged = walk.roads.iter().enumerate().map(|(place, road)| JudgedRoad {
            name: if walk.roads.len() > 1 { format!("{name}, link {}", place + 1) } else { name.to_owned() },
            report: judge_selected(
                &Facts { revocations: Fact::Known(&revocations), ..walk.facts(road, now, device.clone()) },
                selection,
            ),
            package: road.package_read().map(|(traffic, size_bytes)| ReadPackage { traffic, size_bytes }),
        });
        Ok(judged.collect())
    }

    /// Asks the authorities of certificates, as of now: whatever moment is judged at, no answer is of another.
    pub(super) fn revocation_check(&self) -> RevocationCheck {
        RevocationCheck::new(egress::Client::new(self.egress()), clock::now())
    }

    fn egress(&self) -> egress::Options {
        egress::Options {
            may_reach_private: self.allow_private,
            pins: self.resolve.clone(),
            connect_timeout: self.timeout.min(CONNECT_TIMEOUT),
            answer_timeout: self.timeout,
        }
    }
}

/// What the authorities of a package's signers say of them.
pub(super) fn revocations(
    check: &RevocationCheck,
    examined: Option<&Examined>,
) -> Result<Revocations, Failure> {
    let package = examined.and_then(|examined| examined.package.as_ref().ok());
    let questions = package.map(Question::about_signers).unwrap_or_default();
    Ok(network::runtime()?.block_on(check.ask(questions)))
}

fn web_address(text: &str) -> Option<Url> {
    Url::parse(text.trim()).ok().filter(|url| matches!(url.scheme(), "https" | "http"))
}

/// Shows how far the download of a package has come.
fn bar(format: Format) -> DownloadWatch {
    let shown: OnceLock<Progress> = OnceLock::new();
    let done_bytes = AtomicU64::new(0);
    DownloadWatch::new(move |downloaded: Downloaded| {
        let Some(total_bytes) = downloaded.total_bytes else { return };
        let bar = shown.get_or_init(|| Progress::bar(total_bytes, format));
        let before = done_bytes.swap(downloaded.done_bytes, Ordering::Relaxed);
        bar.advance(downloaded.done_bytes.saturating_sub(before));
        if downloaded.done_bytes == total_bytes {
            bar.finish();
        }
    })
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().filter(|seconds| (1..=LONGEST_WAIT).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| format!("expected 1 to {LONGEST_WAIT} seconds"))
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let unreadable = |error: &(dyn std::error::Error + 'static)| {
        Failure::not_done(format_args!("{} could not be read as certificates", path.display()))
            .because(error)
            .help("--ca takes a file in PEM form, with one or more `-----BEGIN CERTIFICATE-----` blocks")
    };
    let found: Result<Vec<_>, _> =
        CertificateDer::pem_file_iter(path).map_err(|error| unreadable(&error))?.collect();
    let found = found.map_err(|error| unreadable(&error))?;
    if found.is_empty() {
        return Err(unreadable(&std::io::Error::other("there is no certificate in it")));
    }
    let read = |der: &CertificateDer<'_>| Certificate::read(der, &signed_data::Limits::default());
    found.iter().map(read).collect::<Result<_, _>>().map_err(|error| unreadable(&error))
}
