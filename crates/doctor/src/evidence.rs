use std::fmt;

use serde::{Deserialize, Serialize};
use time::UtcDateTime;

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

    /// What goes before the verb of a claim that rests on this: `"likely "`, or nothing where it is certain.
    #[must_use]
    pub fn likely(self) -> &'static str {
        if self.is_certain() { "" } else { "likely " }
    }
}

impl fmt::Display for EvidenceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Where to look in order to see a fault for oneself.
///
/// All text is plain; it may quote hostile input and must be escaped wherever it is shown.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Evidence {
    /// What `at` is.
    pub kind: EvidencePlace,
    /// The place.
    pub at: String,
    /// What stands there, where that is short.
    #[serde(default)]
    pub seen: Option<String>,
}

/// What sort of place an [`Evidence`] points at.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidencePlace {
    /// A byte of the link, counted from 0.
    LinkOffset,
    /// A key in a property list: `items[0].metadata.title`, or with its file `Payload/Demo.app/Info.plist: CFBundleVersion`.
    KeyPath,
    /// A byte of the package or the manifest, counted from 0.
    ByteOffset,
    /// An entry of the archive by its name.
    Entry,
    /// A certificate by its subject.
    Certificate,
    /// A header of an answer.
    Header,
    /// An address: a URL without its query, a host, an IP address.
    Address,
}

impl EvidencePlace {
    /// The word for people: `key`.
    #[must_use]
    pub fn title(self) -> &'static str {
        match self {
            Self::LinkOffset => "link, byte",
            Self::KeyPath => "key",
            Self::ByteOffset => "byte",
            Self::Entry => "entry",
            Self::Certificate => "certificate",
            Self::Header => "header",
            Self::Address => "address",
        }
    }
}

impl Evidence {
    /// This place, with nothing said of what stands there.
    #[must_use]
    pub fn at(kind: EvidencePlace, at: impl fmt::Display) -> Self {
        Self { kind, at: at.to_string(), seen: None }
    }

    /// A key of a bundle's file: `Info.plist`, `embedded.mobileprovision`.
    #[must_use]
    pub fn key(bundle: &ipa::Bundle, file: &str, key: &str) -> Self {
        Self::at(EvidencePlace::KeyPath, format_args!("{}/{file}: {key}", bundle.path))
    }

    /// The same place, with the moment that stands there.
    #[must_use]
    pub fn seen_moment(self, moment: UtcDateTime) -> Self {
        let (hour, minute, second) = moment.time().as_hms();
        self.seen(format_args!("{} {hour:02}:{minute:02}:{second:02} UTC", moment.date()))
    }

    /// The same place, with what stands there.
    #[must_use]
    pub fn seen(self, seen: impl fmt::Display) -> Self {
        Self { seen: Some(seen.to_string()), ..self }
    }
}

/// `key items[0].metadata.title: "…"`.
impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.kind.title(), self.at)?;
        match &self.seen {
            Some(seen) => write!(f, " is {seen}"),
            None => Ok(()),
        }
    }
}
