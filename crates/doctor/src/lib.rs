#![doc = include_str!("../README.md")]

mod finding;

pub use finding::{EvidenceKind, Finding, Severity, Station};
