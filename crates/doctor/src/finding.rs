use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Evidence, EvidenceKind, Station};

/// How much a finding weighs.
///
/// Ordered from the lightest to the heaviest, so that `max()` gives the worst.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Nothing fails: a step the person with the device must take, or a thing worth knowing.
    Note,
    /// Fails for some devices, or soon; or points at a mistake that devices let pass.
    Warning,
    /// The device refuses, or does nothing.
    Error,
}

impl Severity {
    /// The word for people and for JSON: `note`, `warning` or `error`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a rule says of one place in what was examined.
///
/// All text is plain; it may quote hostile input and must be escaped wherever it is shown.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Finding {
    /// Family and number, never reused: `PRF004`.
    pub code: String,
    /// The rule's name: `profile-expired`.
    pub name: String,
    /// How much it weighs.
    pub severity: Severity,
    /// How sure the rule is of what devices do.
    pub evidence_kind: EvidenceKind,
    /// Where on the road the device meets it.
    pub station: Station,
    /// The bundle at fault by its path in the package, `None` when it is no bundle's.
    pub bundle: Option<String>,
    /// The host at fault, `apps.example.com`, `None` when it is no host's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// One sentence: what is wrong, with the value that was seen.
    pub message: String,
    /// Where to see it for oneself.
    #[serde(default)]
    pub evidence: Vec<Evidence>,
    /// What the person with the device sees.
    pub device_shows: String,
    /// The one thing to do.
    pub fix: String,
    /// Whether this is what keeps the app from being installed: the first error on the road that follows from no other.
    #[serde(default)]
    pub first_cause: bool,
    /// The code of the finding that this one follows from, if so.
    #[serde(default)]
    pub follows_from: Option<String>,
}

impl Finding {
    /// Whether an upload with this finding is refused unless its publisher allows the code by name.
    ///
    /// Only errors that rest on documented or generally known facts refuse.
    #[must_use]
    pub fn refuses_upload(&self) -> bool {
        self.severity == Severity::Error && self.evidence_kind.is_certain()
    }
}
