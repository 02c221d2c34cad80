//! Comparing a report with what it should be.

use std::collections::BTreeSet;

use doctor::{Report, Verdict};

/// What should be said of a target.
pub(crate) struct Expected {
    pub(crate) findings: BTreeSet<&'static str>,
    pub(crate) cause: Option<&'static str>,
}

/// How right a report is.
pub(crate) struct Compared {
    /// All that is wrong is told.
    pub(crate) is_found: bool,
    /// The first cause is the right one, or there is rightly none.
    pub(crate) is_cause_right: bool,
    /// Nothing is told that isn't wrong.
    pub(crate) is_quiet: bool,
    /// What is other than expected.
    pub(crate) surprise: Option<String>,
}

pub(crate) fn compare(what: &str, report: &Report, expected: &Expected) -> Compared {
    let Expected { findings, cause } = expected;
    let names: BTreeSet<&str> = report.findings.iter().map(|finding| &*finding.name).collect();
    let first = report.first_cause().map(|finding| &*finding.name);
    let verdict = if cause.is_some() { Verdict::Fails } else { Verdict::Installs };
    let is_found = names.is_superset(findings);
    let is_cause_right = first == *cause && report.verdict == verdict;
    let is_quiet = names.is_subset(findings);
    let surprise = (!(is_found && is_cause_right && is_quiet)).then(|| {
        let said = report.verdict;
        format!("{what}: {said:?} by {first:?}, {names:?}; expected {verdict:?} by {cause:?}, {findings:?}")
    });
    Compared { is_found, is_cause_right, is_quiet, surprise }
}
