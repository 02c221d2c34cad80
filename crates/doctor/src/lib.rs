#![doc = include_str!("../README.md")]

mod demands;
mod evidence;
mod facts;
mod finding;
mod judge;
mod report;
mod rule;
pub mod rules;
mod selection;
mod station;
pub mod symptoms;

pub use demands::Demands;
pub use evidence::{Evidence, EvidenceKind, EvidencePlace};
pub use facts::{
    Anchor, Answer, Body, BodyEnd, Connected, Device, Facts, Fetch, Fetched, HandshakeFailure, Hop, Host,
    Icon, ManifestFacts, NoAnswer, PackageFetch, PageFacts, PageLink, RangeFetch, RedirectStopped,
    Revocations, Standing, Tls, TlsVersion, Unreached,
};
pub use finding::{Finding, Severity};
pub use judge::{judge, judge_again, judge_selected};
pub use report::{Outcome, Report, Skipped, StationReport, Verdict};
pub use rule::{Check, Checked, Fault, NotJudged, Rule};
pub use selection::{Selection, UnknownRule};
pub use station::Station;
pub use symptoms::{Suspect, Symptom};
