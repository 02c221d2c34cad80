//! Asking whether a certificate is revoked (RFC 6960 4.1).

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};

use crate::Certificate;
use crate::ber::head;
use crate::element::{INTEGER, OCTET_STRING, SEQUENCE};

/// SHA-1 with the NULL that responders expect.
const SHA1: &[u8] = &[0x30, 9, 0x06, 5, 0x2b, 0x0e, 0x03, 0x02, 0x1a, 0x05, 0];

impl Certificate {
    /// An OCSP request about this certificate, in DER.
    ///
    /// It names `issuer` by SHA-1 digests, as RFC 5019 2.1.1 has it and every responder knows; nothing rests on them,
    /// since what comes back is signed. It has no nonce, so that it may be answered from a store, and no name of who asks.
    ///
    /// ```
    /// # use signed_data::{Certificate, Limits};
    /// # use testkit::pki::{Chain, LeafKind};
    /// # let chain = Chain::new("A1B2C3D4E5", LeafKind::Distribution, time::macros::utc_datetime!(2026-06-01 0:00));
    /// # let read = |identity: &testkit::pki::Identity| Certificate::read(&identity.certificate.der, &Limits::default());
    /// # let (certificate, issuer) = (read(&chain.leaf)?, read(&chain.intermediate)?);
    /// let request = certificate.ocsp_request(&issuer);
    /// assert!(request.len() < 100);
    /// # Ok::<(), signed_data::SignedDataError>(())
    /// ```
    #[must_use]
    pub fn ocsp_request(&self, issuer: &Certificate) -> Vec<u8> {
        let sha1 = |bytes| digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes);
        let id = [
            SHA1.to_vec(),
            value(OCTET_STRING, sha1(issuer.subject().der()).as_ref()),
            value(OCTET_STRING, sha1(&issuer.public_key().bits).as_ref()),
            value(INTEGER, self.serial().as_bytes()),
        ];
        // In CertID, Request, the list of them, TBSRequest, OCSPRequest.
        (0..5).fold(id.concat(), |inner, _| value(SEQUENCE, &inner))
    }
}

fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    [head(&[tag], content.len()), content.to_vec()].concat()
}
