use std::fmt;

use serde::{Deserialize, Serialize};

/// How much a finding weighs.
///
/// Ordered from the lightest to the heaviest, so that `max()` gives the worst.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// A step the person with the device must take.
    Note,
    /// Fails for some devices, or soon.
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
        f.write_str(self.as_str())
    }
}

/// How sure we are of the fact about devices that a rule rests on.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    /// Apple says so in a document that the rule's page names.
    Documented,
    /// Known to everybody who ships iOS apps, though no single document says it.
    Known,
    /// Seen on devices or in their daemons, by us or by others.
    Observed,
    /// A hypothesis.
    Assumed,
}

impl EvidenceKind {
    /// The word for people and for JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Documented => "documented",
            Self::Known => "known",
            Self::Observed => "observed",
            Self::Assumed => "assumed",
        }
    }

    /// Whether a claim resting on this may be stated flatly; otherwise it is worded "likely".
    #[must_use]
    pub fn is_certain(self) -> bool {
        matches!(self, Self::Documented | Self::Known)
    }
}

/// A place on the road from the tap to the running app, in the order in which a device passes them.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Station {
    /// The package as a ZIP archive, unpacked while it streams in.
    Archive,
    /// Bundles and their `Info.plist`.
    App,
    /// Provisioning profiles.
    Profile,
}

impl Station {
    /// The word for people and for JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Archive => "archive",
            Self::App => "app",
            Self::Profile => "profile",
        }
    }
}

impl fmt::Display for Station {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
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
    /// The bundle at fault by its path in the package, `None` when it is the package itself.
    pub bundle: Option<String>,
    /// One sentence: what is wrong, with the value that was seen.
    pub message: String,
    /// What the person with the device sees.
    pub device_shows: String,
    /// The one thing to do.
    pub fix: String,
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
