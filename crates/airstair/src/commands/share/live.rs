use std::collections::HashMap;
use std::sync::Arc;

use catalog::{Attempt, AttemptId};
use distribution::Distribution;
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinHandle;

use crate::cli::Format;
use crate::terminal::{self, GOOD, STRONG};

/// Shows devices as they fetch.
pub(super) struct Live(JoinHandle<()>);

/// How far a device has come; each is shown once for each attempt.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Phase {
    ManifestFetched,
    PackageAsked,
    /// At least so many quarters of the package are sent.
    Sending(u64),
    AllSent,
}

/// A step of an attempt, as `--json` shows it.
#[derive(Debug, Serialize)]
struct StepView<'a> {
    attempt: String,
    model: &'a str,
    os_version: &'a str,
    os_build: &'a str,
    phase: &'static str,
    sent_bytes: u64,
    size_bytes: u64,
}

impl Live {
    pub(super) fn start(distribution: &Arc<Distribution>, size_bytes: u64, format: Format) -> Self {
        let mut news = distribution.watch_attempts();
        Self(tokio::spawn(async move {
            let mut shown = HashMap::new();
            loop {
                match news.recv().await {
                    Ok(attempt) => show_if_new(&attempt, size_bytes, format, &mut shown),
                    // What was missed is in the next news of the same attempt.
                    Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        }))
    }

    pub(super) fn stop(self) {
        self.0.abort();
    }
}

fn show_if_new(attempt: &Attempt, size_bytes: u64, format: Format, shown: &mut HashMap<AttemptId, Phase>) {
    let Some(phase) = Phase::of(attempt, size_bytes) else { return };
    if shown.get(&attempt.id).is_some_and(|last| *last >= phase) {
        return;
    }
    shown.insert(attempt.id, phase);
    let sent_bytes = attempt.progress.blocks.sent_bytes(size_bytes);
    let device = &attempt.device;
    match format {
        Format::Json => terminal::json(&StepView {
            attempt: attempt.id.to_string(),
            model: &device.model,
            os_version: &device.os_version,
            os_build: &device.os_build,
            phase: phase.word(),
            sent_bytes,
            size_bytes,
        }),
        Format::Text => {
            let style = if phase == Phase::AllSent { GOOD } else { STRONG };
            terminal::line(format_args!(
                "{STRONG}{}{STRONG:#} iOS {}  {style}{}{style:#}",
                terminal::plain(&device.model),
                terminal::plain(&device.os_version),
                phase.sentence(sent_bytes, size_bytes)
            ));
        }
    }
}

impl Phase {
    fn of(attempt: &Attempt, size_bytes: u64) -> Option<Self> {
        let progress = &attempt.progress;
        let quarters = progress.blocks.sent_bytes(size_bytes) * 4 / size_bytes.max(1);
        if progress.all_sent_at.is_some() {
            Some(Self::AllSent)
        } else if quarters > 0 {
            Some(Self::Sending(quarters))
        } else if progress.package_first_at.is_some() {
            Some(Self::PackageAsked)
        } else {
            progress.manifest_at.map(|_| Self::ManifestFetched)
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::ManifestFetched => "manifest-fetched",
            Self::PackageAsked => "package-asked",
            Self::Sending(_) => "sending",
            Self::AllSent => "all-sent",
        }
    }

    fn sentence(self, sent_bytes: u64, size_bytes: u64) -> String {
        match self {
            Self::ManifestFetched => "fetched the manifest; the phone now asks its owner".to_owned(),
            Self::PackageAsked => "fetches the package".to_owned(),
            Self::Sending(_) => format!("{} of {} sent", pages::size(sent_bytes), pages::size(size_bytes)),
            Self::AllSent => {
                format!("all {} sent; the phone now checks and installs it", pages::size(size_bytes))
            }
        }
    }
}
