use std::collections::BTreeMap;

use ipa::Fact;
use signed_data::Certificate;
use time::UtcDateTime;

/// What authorities say of certificates, for those that were asked about.
#[derive(Clone, Debug, Default)]
pub struct Revocations {
    standings: BTreeMap<[u8; 32], Fact<Standing>>,
}

/// What an authority says of one of its certificates.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Standing {
    /// It was not revoked.
    Good {
        /// When this was so.
        as_of: UtcDateTime,
    },
    /// It was revoked.
    Revoked {
        /// When.
        at: UtcDateTime,
        /// Why, in the words of RFC 5280: `keyCompromise`.
        reason: Option<&'static str>,
    },
}

impl Revocations {
    /// Keeps what was said of a certificate, or why nothing was.
    pub fn insert(&mut self, certificate: &Certificate, standing: Fact<Standing>) {
        self.standings.insert(certificate.sha256(), standing);
    }

    /// What was said of a certificate; `None` where nobody asked.
    #[must_use]
    pub fn of(&self, certificate: &Certificate) -> Option<&Fact<Standing>> {
        self.standings.get(&certificate.sha256())
    }
}
