#![doc = include_str!("../README.md")]

mod finding;
mod judge;
mod rule;
pub mod rules;

pub use finding::{EvidenceKind, Finding, Severity, Station};
pub use judge::{Report, Skipped, judge};
pub use rule::{Check, Facts, NotJudged, Rule, Verdict};
