//! `_CodeSignature/CodeResources`: the seal on a bundle's files, and whether it holds.

mod check;
mod list;
mod rules;

pub(crate) use check::{Check, digest_bytes};

use crate::Seen;

/// What lies in a bundle, against what its `CodeResources` seals. Paths are counted from the bundle.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Resources {
    /// How many files and links are sealed.
    pub sealed: usize,
    /// What is another than was sealed.
    pub changed: Seen<String>,
    /// What is sealed, not optional, and not there.
    pub missing: Seen<String>,
    /// What is there, is not sealed, and no rule leaves out.
    pub added: Seen<String>,
    /// What could not be compared: content that cannot be read, digests of a kind not known, nested code sealed by its
    /// signature of which that is not known.
    pub unchecked: Seen<String>,
}
