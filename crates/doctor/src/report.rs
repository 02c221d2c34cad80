use serde::{Deserialize, Serialize};

use crate::{Finding, Severity, Station};

/// What the doctor says.
///
/// As JSON it is the answer of `airstair doctor --json`, described in `docs/json/doctor.md`.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Report {
    /// Whether the app installs.
    pub verdict: Verdict,
    /// Where it fails, if it does.
    pub fails_at: Option<Station>,
    /// The stations of the road that was asked about, in order.
    pub stations: Vec<StationReport>,
    /// What is wrong, in the order in which a device would meet it.
    pub findings: Vec<Finding>,
    /// What could not be judged. Never the same as fine.
    pub skipped: Vec<Skipped>,
    /// How many findings were left out as asked.
    pub ignored: usize,
}

/// Whether the app installs.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It does, as far as can be told without the device.
    Installs,
    /// It does not.
    Fails,
    /// Nothing that was looked at speaks against it, but too much was not looked at.
    CannotTell,
}

impl Verdict {
    /// The word for JSON and columns: `installs`, `fails` or `cannot-tell`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Installs => "installs",
            Self::Fails => "fails",
            Self::CannotTell => "cannot-tell",
        }
    }
}

/// What was found at one station.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct StationReport {
    /// The station.
    pub station: Station,
    /// How it is there.
    pub outcome: Outcome,
    /// How many rules looked at something.
    pub judged: usize,
    /// How many could not look, though they should.
    pub not_judged: usize,
}

/// How it is at a station: the worst that is true of it.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// A device gets past it.
    Passes,
    /// Some devices don't get past it, or soon none will.
    Warns,
    /// A device gets no further.
    Fails,
    /// Some or all of it was not looked at.
    Unknown,
}

/// A rule that could not be applied somewhere.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct Skipped {
    /// The rule's code.
    pub code: &'static str,
    /// The rule's name.
    pub name: &'static str,
    /// The rule's station.
    pub station: Station,
    /// The bundle it could not be applied to, `None` when it is no bundle's.
    pub bundle: Option<String>,
    /// Why.
    pub reason: String,
    /// The option that would have it applied, where it is only a matter of asking.
    pub option: Option<&'static str>,
}

impl Report {
    /// What keeps the app from being installed, if anything does.
    #[must_use]
    pub fn first_cause(&self) -> Option<&Finding> {
        self.findings.iter().find(|finding| finding.first_cause)
    }

    /// The heaviest finding's weight.
    #[must_use]
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }
}
