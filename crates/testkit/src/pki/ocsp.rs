//! What OCSP responders are asked and answer (RFC 6960), right or wrong.

use time::{Duration, UtcDateTime};

use super::certificate::{Certificate, Identity};
use super::key::{Digest, Key};
use crate::der;

/// Why a certificate was revoked: `CRLReason` (RFC 5280 5.3.1), of which these are all numbers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "the names are the RFC's")]
pub enum Reason {
    Unspecified = 0,
    KeyCompromise = 1,
    CaCompromise = 2,
    AffiliationChanged = 3,
    Superseded = 4,
    CessationOfOperation = 5,
    CertificateHold = 6,
    RemoveFromCrl = 8,
    PrivilegeWithdrawn = 9,
    AaCompromise = 10,
}

impl Reason {
    pub(super) fn der(self) -> Vec<u8> {
        der::tlv(0x0a, &[self as u8])
    }
}

/// What a responder says of a certificate.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CertificateStatus {
    /// It is not revoked.
    Good,
    /// It is.
    Revoked {
        /// Since when.
        at: UtcDateTime,
        /// Why, if that is said.
        reason: Option<Reason>,
    },
    /// The responder does not know it.
    Unknown,
}

/// An OCSP response to be signed. It holds from its moment to twelve hours later.
#[derive(Clone)]
#[must_use]
pub struct OcspResponse {
    produced_at: UtcDateTime,
    next_update: Option<UtcDateTime>,
    id_digest: Digest,
    is_named_by_key: bool,
    answers: Vec<Vec<u8>>,
    certificates: Vec<Vec<u8>>,
    extensions: Vec<u8>,
}

impl OcspResponse {
    /// A response that says nothing of anybody yet.
    pub fn new(produced_at: UtcDateTime) -> Self {
        Self {
            produced_at,
            next_update: Some(produced_at + Duration::hours(12)),
            id_digest: Digest::Sha1,
            is_named_by_key: false,
            answers: Vec::new(),
            certificates: Vec::new(),
            extensions: Vec::new(),
        }
    }

    /// Until when the answers that follow hold; `None` says nothing of it.
    pub fn next_update(mut self, next_update: Option<UtcDateTime>) -> Self {
        self.next_update = next_update;
        self
    }

    /// The digest by which the answers that follow name the issuer: SHA-1 everywhere.
    pub fn id_digest(mut self, digest: Digest) -> Self {
        self.id_digest = digest;
        self
    }

    /// The signer is named by its key, and not by its name.
    pub fn named_by_key(mut self) -> Self {
        self.is_named_by_key = true;
        self
    }

    /// The certificate, which `issuer` has issued, is good.
    pub fn good(self, certificate: &Certificate, issuer: &Identity) -> Self {
        self.answer(&certificate.serial, issuer, CertificateStatus::Good)
    }

    /// Something about the certificate with a serial number of `issuer`'s.
    pub fn answer(mut self, serial: &[u8], issuer: &Identity, status: CertificateStatus) -> Self {
        let id = der::sequence(&[
            &self.id_digest.algorithm(),
            &der::octets(&self.id_digest.of(&issuer.certificate.subject)),
            &der::octets(&self.id_digest.of(&issuer.key.public_key())),
            &der::unsigned(serial),
        ]);
        let status = match status {
            CertificateStatus::Good => der::tlv(0x80, &[]),
            CertificateStatus::Revoked { at, reason } => {
                let reason = reason.map(|reason| der::context(0, &reason.der())).unwrap_or_default();
                der::context(1, &[der::generalized_time(at), reason].concat())
            }
            CertificateStatus::Unknown => der::tlv(0x82, &[]),
        };
        let next = self.next_update.map(|next| der::context(0, &der::generalized_time(next)));
        let this = der::generalized_time(self.produced_at);
        self.answers.push(der::sequence(&[&id, &status, &this, &next.unwrap_or_default()]));
        self
    }

    /// A certificate to go with it: of who signs it, where that is not the issuer.
    pub fn certificate(mut self, certificate: &Certificate) -> Self {
        self.certificates.push(certificate.der.clone());
        self
    }

    /// An extension of the response that must be understood; its value is NULL.
    pub fn critical_extension(mut self, oid: &str) -> Self {
        let extension = der::sequence(&[&der::oid(oid), &der::boolean_true(), &der::octets(&der::null())]);
        self.extensions.extend(extension);
        self
    }

    /// The whole response, signed.
    #[must_use]
    pub fn signed_by(&self, signer: &Identity) -> Vec<u8> {
        self.forged(&signer.certificate, &signer.key)
    }

    /// The whole response, which names a signer and is signed with somebody's key.
    #[must_use]
    pub fn forged(&self, named: &Certificate, key: &Key) -> Vec<u8> {
        let responder = if self.is_named_by_key {
            der::context(2, &der::octets(&named.key_id))
        } else {
            der::context(1, &named.subject)
        };
        let extensions = match self.extensions.as_slice() {
            [] => Vec::new(),
            extensions => der::context(1, &der::tlv(0x30, extensions)),
        };
        let signed = der::sequence(&[
            &responder,
            &der::generalized_time(self.produced_at),
            &der::tlv(0x30, &self.answers.concat()),
            &extensions,
        ]);
        let certificates = match self.certificates.as_slice() {
            [] => Vec::new(),
            certificates => der::context(0, &der::tlv(0x30, &certificates.concat())),
        };
        let digest = Digest::Sha256;
        let signature = der::bits(&key.sign(digest, &signed));
        let basic = der::sequence(&[&signed, &key.signature_algorithm(digest), &signature, &certificates]);
        Self::typed("1.3.6.1.5.5.7.48.1.1", &basic)
    }

    /// A response of some type, `1.3.6.1.5.5.7.48.1.1` being the only one in use.
    #[must_use]
    pub fn typed(oid: &str, content: &[u8]) -> Vec<u8> {
        let typed = der::sequence(&[&der::oid(oid), &der::octets(content)]);
        der::sequence(&[&der::tlv(0x0a, &[0]), &der::context(0, &typed)])
    }

    /// The answer that there is none: 1 malformed request, 2 internal error, 3 try later, 5 sign it, 6 unauthorised.
    #[must_use]
    pub fn refusal(status: u8) -> Vec<u8> {
        der::sequence(&[&der::tlv(0x0a, &[status])])
    }
}

/// What a client asks: about one certificate, without a nonce.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OcspRequest {
    /// SHA-1 of the issuer's name.
    pub issuer_name: Vec<u8>,
    /// SHA-1 of the issuer's key.
    pub issuer_key: Vec<u8>,
    /// The serial number, without a sign.
    pub serial: Vec<u8>,
}

impl OcspRequest {
    /// Reads a request; `None` of anything but a plain one.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        // OCSPRequest, TBSRequest, the list of requests, Request, CertID.
        let mut whole = bytes;
        for _ in 0..4 {
            let [inner] = *der::values(der::content(whole)) else { return None };
            whole = inner;
        }
        let id = der::values(der::content(whole));
        let [algorithm, issuer_name, issuer_key, serial] = *id else { return None };
        let content = |value| der::content(value).to_vec();
        let serial = match der::content(serial) {
            [0, digits @ ..] if !digits.is_empty() => digits.to_vec(),
            digits => digits.to_vec(),
        };
        (algorithm == Digest::Sha1.algorithm()).then(|| Self {
            issuer_name: content(issuer_name),
            issuer_key: content(issuer_key),
            serial,
        })
    }
}
