//! Lists of revoked certificates (RFC 5280 5), right or wrong.

use time::{Duration, UtcDateTime};

use super::certificate::{Certificate, Identity};
use super::key::{Digest, Key};
use super::ocsp::Reason;
use crate::der;

/// A revocation list to be signed. It holds from its moment to a week later.
#[derive(Clone)]
#[must_use]
pub struct RevocationList {
    this_update: UtcDateTime,
    next_update: Option<UtcDateTime>,
    entries: Vec<u8>,
    extensions: Vec<u8>,
}

impl RevocationList {
    /// An empty list.
    pub fn new(this_update: UtcDateTime) -> Self {
        let next_update = Some(this_update + Duration::days(7));
        let number = extension("2.5.29.20", false, &der::unsigned(&[1]));
        Self { this_update, next_update, entries: Vec::new(), extensions: number }
    }

    /// Until when it holds; `None` says nothing of it.
    pub fn next_update(mut self, next_update: Option<UtcDateTime>) -> Self {
        self.next_update = next_update;
        self
    }

    /// One more certificate.
    pub fn revoked(self, serial: &[u8], at: UtcDateTime, reason: Reason) -> Self {
        self.entry(serial, at, &extension("2.5.29.21", false, &reason.der()))
    }

    /// So many more certificates, as long as they are in a large authority's list: 16 bytes of serial number, a reason.
    pub fn crowd(mut self, count: u32, at: UtcDateTime) -> Self {
        for place in 0..count {
            let serial = [&[0x5c; 12][..], &place.to_be_bytes()].concat();
            self = self.revoked(&serial, at, Reason::Superseded);
        }
        self
    }

    /// One more certificate, with an extension that must be understood; its value is NULL.
    pub fn revoked_with_critical(self, serial: &[u8], at: UtcDateTime, oid: &str) -> Self {
        self.entry(serial, at, &extension(oid, true, &der::null()))
    }

    fn entry(mut self, serial: &[u8], at: UtcDateTime, extensions: &[u8]) -> Self {
        let entry = der::sequence(&[&der::unsigned(serial), &der::time(at), &der::tlv(0x30, extensions)]);
        self.entries.extend(entry);
        self
    }

    /// An extension of the list that must be understood; `value` is DER.
    pub fn critical(mut self, oid: &str, value: &[u8]) -> Self {
        self.extensions.extend(extension(oid, true, value));
        self
    }

    /// Only what changed since the list with number 1.
    pub fn delta(self) -> Self {
        self.critical("2.5.29.27", &der::unsigned(&[1]))
    }

    /// About certificates that name this address for their list.
    pub fn published_at(self, address: &str) -> Self {
        self.about(&der::context(0, &der::context(0, &der::tlv(0x86, address.as_bytes()))))
    }

    /// About a part of the issuer's certificates: one of the flags of `IssuingDistributionPoint`, such as 1 for those of
    /// no authority, 2 for those of authorities, 4 for those of several issuers.
    pub fn only(self, flag: u8) -> Self {
        self.about(&der::tlv(0x80 | flag, &[0xff]))
    }

    /// About those for which this stands in `IssuingDistributionPoint`.
    fn about(self, point: &[u8]) -> Self {
        self.critical("2.5.29.28", &der::sequence(&[point]))
    }

    /// The whole list, signed by its issuer.
    #[must_use]
    pub fn signed_by(&self, issuer: &Identity) -> Vec<u8> {
        self.forged(&issuer.certificate, &issuer.key)
    }

    /// The whole list, which names an issuer and is signed with somebody's key.
    #[must_use]
    pub fn forged(&self, named: &Certificate, key: &Key) -> Vec<u8> {
        let algorithm = key.signature_algorithm(Digest::Sha256);
        let next = self.next_update.map(der::time).unwrap_or_default();
        let entries = match self.entries.as_slice() {
            [] => Vec::new(),
            entries => der::tlv(0x30, entries),
        };
        let authority_key = der::sequence(&[&der::tlv(0x80, &named.key_id)]);
        let extensions = [&self.extensions[..], &extension("2.5.29.35", false, &authority_key)].concat();
        let signed = der::sequence(&[
            &der::unsigned(&[1]),
            &algorithm,
            &named.subject,
            &der::time(self.this_update),
            &next,
            &entries,
            &der::context(0, &der::tlv(0x30, &extensions)),
        ]);
        let signature = der::bits(&key.sign(Digest::Sha256, &signed));
        der::sequence(&[&signed, &algorithm, &signature])
    }
}

fn extension(oid: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let critical = if critical { der::boolean_true() } else { Vec::new() };
    der::sequence(&[&der::oid(oid), &critical, &der::octets(value)])
}
