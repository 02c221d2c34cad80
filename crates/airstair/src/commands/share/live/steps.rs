use std::collections::HashMap;

use catalog::{Attempt, AttemptId};
use doctor::Finding;
use serde::Serialize;

use super::device_label::device_label;
use super::phase::Phase;
use super::refusal::refusal;
use crate::cli::Format;
use crate::terminal::{self, BAD, GOOD, STRONG};

/// A line, or an object, for each step of each attempt.
pub(super) struct Steps {
    size_bytes: u64,
    format: Format,
    shown: HashMap<AttemptId, Phase>,
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
    /// What keeps the app from being installed on this device.
    findings: &'a [Finding],
}

impl Steps {
    pub(super) fn new(size_bytes: u64, format: Format) -> Self {
        Self { size_bytes, format, shown: HashMap::new() }
    }

    /// Shows the attempt if it has come further than when it was last shown.
    pub(super) fn show(&mut self, attempt: &Attempt) {
        let size_bytes = self.size_bytes;
        let Some(phase) = Phase::of(attempt, size_bytes) else { return };
        if self.shown.get(&attempt.id).is_some_and(|last| *last >= phase) {
            return;
        }
        let is_new = self.shown.insert(attempt.id, phase).is_none();
        let sent_bytes = attempt.progress.blocks.sent_bytes(size_bytes);
        let device = &attempt.device;
        match self.format {
            Format::Json => terminal::json(&StepView {
                attempt: attempt.id.to_string(),
                model: &device.model,
                os_version: &device.os_version,
                os_build: &device.os_build,
                phase: phase.word(),
                sent_bytes,
                size_bytes,
                findings: &attempt.findings,
            }),
            Format::Text => {
                let style = if phase == Phase::AllSent { GOOD } else { STRONG };
                terminal::line(format_args!(
                    "{STRONG}{}{STRONG:#}  {style}{}{style:#}",
                    device_label(device),
                    phase.sentence(sent_bytes, size_bytes)
                ));
                for finding in attempt.findings.iter().filter(|_| is_new) {
                    let (label, refusal) = (device_label(device), refusal(finding));
                    terminal::line(format_args!("{STRONG}{label}{STRONG:#}  {BAD}{refusal}{BAD:#}"));
                }
            }
        }
    }
}
