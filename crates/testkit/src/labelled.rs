//! Targets with something wrong, and what a doctor should say of them.
//!
//! Each trouble has a target that shows it and a neighbour, as like it as can be, that is clean.

mod link;
mod manifest;
mod package;

pub use link::links;
pub use manifest::{Manifest, manifests};
pub use package::{PackageFor, packages};

/// A target and its diagnosis.
#[derive(Clone, Debug)]
pub struct Labelled<T> {
    /// What it is, to be printed when a test fails.
    pub what: &'static str,
    /// What is to be judged.
    pub target: T,
    /// The names of the findings, in the order of the road; none for a clean neighbour.
    pub findings: &'static [&'static str],
    /// The name of the one that keeps the app from being installed, if any does.
    pub first_cause: Option<&'static str>,
}

impl<T> Labelled<T> {
    /// A target with one error.
    fn error(name: &'static [&'static str; 1], what: &'static str, target: T) -> Self {
        Self { what, target, findings: name, first_cause: Some(name[0]) }
    }

    /// A target with a warning or a note.
    fn remark(name: &'static [&'static str; 1], what: &'static str, target: T) -> Self {
        Self { what, target, findings: name, first_cause: None }
    }

    /// A clean neighbour.
    fn clean(what: &'static str, target: T) -> Self {
        Self { what, target, findings: &[], first_cause: None }
    }
}
