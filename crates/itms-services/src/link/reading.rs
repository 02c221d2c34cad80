use std::borrow::Cow;

use url::Url;

use super::diagnosis::{self, Diagnosis};
use super::query::{decode, device_parameter};
use super::{ACTION, InstallLink, LinkFault, SCHEME};
use crate::device_host::is_the_device;
use crate::https_url::{HttpsUrl, first_illegal, has_authority, scheme_of};

/// What a device makes of a text that it gets as an install link, and what is wrong with it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LinkReading {
    link: String,
    outcome: LinkOutcome,
    faults: Vec<LinkFault>,
    intended_url: Option<String>,
    repaired: Option<InstallLink>,
}

/// What a device does with a link, as far as the link alone decides.
///
/// Read from decompiled daemons, where nothing else is said; details may differ by version.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum LinkOutcome {
    /// Nothing opens it: the text does not start with `itms-services://` (observed).
    NotOpened,
    /// It is opened and ignored without a message: action or manifest URL are not usable.
    Ignored,
    /// It is refused with an alert.
    Refused(Refusal),
    /// The manifest is fetched.
    Fetched {
        /// What is requested: the `url` parameter decoded once.
        manifest_url: String,
        /// The `digest` parameter decoded once: an undocumented digest of the manifest that stops the installation
        /// where it does not match ("Manifest has changed").
        digest: Option<String>,
    },
    /// iOS 16 and older ignore the link, since the manifest URL holds characters a URL may not hold (observed);
    /// newer systems encode them and fetch it (uncertain).
    FetchedByNewerSystems {
        /// What newer systems request.
        manifest_url: String,
        /// As in [`Fetched`](Self::Fetched).
        digest: Option<String>,
    },
}

/// Why a device refuses a manifest URL before it fetches it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Refusal {
    /// The manifest URL is not `https`.
    NotHttps,
    /// The manifest's host is the device itself.
    HostIsTheDevice,
}

impl Refusal {
    /// The code in `ASDErrorDomain` that shows in the device's log: 852 or 850.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::NotHttps => 852,
            Self::HostIsTheDevice => 850,
        }
    }
}

impl LinkReading {
    /// The text as the device gets it: entities decoded where it came from HTML, white space around it gone. All
    /// offsets in [`faults`](Self::faults) count its bytes.
    #[must_use]
    pub fn link(&self) -> &str {
        &self.link
    }

    /// What the device does.
    #[must_use]
    pub fn outcome(&self) -> &LinkOutcome {
        &self.outcome
    }

    /// The manifest URL that is requested, by newer systems at least; `None` when nothing is.
    #[must_use]
    pub fn manifest_url(&self) -> Option<&str> {
        match &self.outcome {
            LinkOutcome::Fetched { manifest_url, .. }
            | LinkOutcome::FetchedByNewerSystems { manifest_url, .. } => Some(manifest_url),
            _ => None,
        }
    }

    /// The manifest URL as it was obviously meant, whether or not a device requests it; `None` when that is not clear.
    #[must_use]
    pub fn intended_url(&self) -> Option<&str> {
        self.intended_url.as_deref()
    }

    /// Everything that is wrong, each cause once, in the order of [`LinkFault`]'s variants. Empty for a good link.
    #[must_use]
    pub fn faults(&self) -> &[LinkFault] {
        &self.faults
    }

    /// The link as it was obviously meant, with every fault of spelling mended; `None` when there is nothing to mend
    /// or the intent is not clear.
    ///
    /// An `http` manifest URL is repaired to `https` unless it names a port; whether the server answers there is
    /// another question. A `digest` is left out.
    #[must_use]
    pub fn repaired(&self) -> Option<&InstallLink> {
        self.repaired.as_ref()
    }
}

pub(super) fn read(link: &str) -> LinkReading {
    let Diagnosis { faults, intended_url, repaired } = diagnosis::diagnose(link);
    LinkReading { link: link.to_owned(), outcome: outcome(link), faults, intended_url, repaired }
}

fn outcome(link: &str) -> LinkOutcome {
    if !link.strip_prefix(SCHEME).is_some_and(|rest| rest.starts_with("://")) {
        return LinkOutcome::NotOpened;
    }
    let parameter = |name| device_parameter(link, name).and_then(decode);
    match (parameter("action").as_deref(), parameter("url")) {
        (Some(ACTION), Some(url)) => fetch(&url, parameter("digest").map(Cow::into_owned)),
        _ => LinkOutcome::Ignored,
    }
}

fn fetch(url: &str, digest: Option<String>) -> LinkOutcome {
    match scheme_of(url) {
        Some(scheme) if has_authority(url) => {
            if !scheme.eq_ignore_ascii_case("https") {
                return LinkOutcome::Refused(Refusal::NotHttps);
            }
        }
        _ => return LinkOutcome::Ignored,
    }
    let Ok(parsed) = Url::parse(url) else { return LinkOutcome::Ignored };
    if parsed.host().is_some_and(|host| is_the_device(&host)) {
        return LinkOutcome::Refused(Refusal::HostIsTheDevice);
    }
    match first_illegal(url) {
        None => LinkOutcome::Fetched { manifest_url: url.to_owned(), digest },
        Some(_) => match HttpsUrl::parse(url) {
            Ok(repaired) => LinkOutcome::FetchedByNewerSystems { manifest_url: repaired.into(), digest },
            Err(_) => LinkOutcome::Ignored,
        },
    }
}
