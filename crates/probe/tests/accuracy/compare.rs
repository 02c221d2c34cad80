//! Comparing a report with what it should be.

use std::collections::BTreeSet;

use doctor::{Report, Severity, Verdict};

use crate::breakage::Breakage;

/// What should be said of a road; nothing, unless something is wrong.
#[derive(Default)]
pub(crate) struct Expected {
    pub(crate) findings: BTreeSet<&'static str>,
    pub(crate) cause: Option<&'static str>,
}

impl Expected {
    /// What should be said where this alone is wrong.
    pub(crate) fn of(broken: &Breakage) -> Self {
        Self { findings: broken.findings.iter().copied().collect(), cause: broken.cause }
    }
}

/// How right a report is.
pub(crate) struct Compared {
    /// All that is wrong is told.
    pub(crate) is_found: bool,
    /// The first cause is the right one, or there is rightly none.
    pub(crate) is_cause_right: bool,
    /// What is other than expected.
    pub(crate) surprise: Option<String>,
}

/// Notes that every road of the stage gets, since it lies on this computer and below a root that was given.
const OF_THE_STAGE: [&str; 2] = ["address-is-loopback", "private-root"];

pub(crate) fn compare(what: &str, report: &Report, expected: &Expected) -> Compared {
    let Expected { findings, cause } = expected;
    let told = report.findings.iter().filter(|finding| {
        finding.severity > Severity::Note || !OF_THE_STAGE.contains(&finding.name.as_str())
    });
    let names: BTreeSet<&str> = told.map(|finding| &*finding.name).collect();
    let first = report.first_cause().map(|finding| &*finding.name);
    let is_found = names.is_superset(findings);
    let is_cause_right = first == *cause && (report.verdict == Verdict::Fails) == cause.is_some();
    let is_right = is_found && is_cause_right && names.is_subset(findings);
    let surprise = (!is_right).then(|| {
        let told: Vec<String> = report
            .findings
            .iter()
            .filter(|finding| names.contains(&*finding.name))
            .map(|finding| format!("  {} {}: {}", finding.station, finding.name, finding.message))
            .collect();
        format!(
            "{what}: {:?} by {first:?}, expected {cause:?} and {findings:?}\n{}",
            report.verdict,
            told.join("\n")
        )
    });
    Compared { is_found, is_cause_right, surprise }
}
