//! Lists of revoked certificates (RFC 5280 5).

use std::fmt;

use time::UtcDateTime;

use super::scope::Scope;
use super::{RevocationError, RevocationReason, RevocationStatement, RevocationStatus, unknown};
use crate::element::{ENUMERATED, Element, INTEGER, Parts, SEQUENCE, context};
use crate::extension::Extensions;
use crate::{Algorithm, Certificate, Limits, Name, SignedDataError, signature};

/// What an authority says of all certificates that it has revoked, as it came: [`about`](Self::about) verifies it.
///
/// It is DER in definite lengths, read where it lies: lists of large authorities have many megabytes, and nothing is
/// kept of their entries but the bytes.
///
/// ```
/// use signed_data::{Certificate, Limits, RevocationList, RevocationReason, RevocationStatus};
/// use testkit::pki::{self, Chain, LeafKind};
/// use time::macros::utc_datetime;
///
/// let now = utc_datetime!(2026-06-01 0:00);
/// let chain = Chain::new("A1B2C3D4E5", LeafKind::Distribution, now);
/// let bytes = pki::RevocationList::new(now)
///     .revoked(&chain.leaf.certificate.serial, now, pki::Reason::KeyCompromise)
///     .signed_by(&chain.intermediate);
///
/// let read = |certificate: &pki::Certificate| Certificate::read(&certificate.der, &Limits::default());
/// let (certificate, issuer) = (read(&chain.leaf.certificate)?, read(&chain.intermediate.certificate)?);
/// let list = RevocationList::read(&bytes, &Limits::default())?;
/// let reason = Some(RevocationReason::KeyCompromise);
/// assert_eq!(list.about(&certificate, &issuer, now)?.status, RevocationStatus::Revoked { at: now, reason });
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RevocationList<'a> {
    signed_part: &'a [u8],
    issuer: Name,
    this_update: UtcDateTime,
    next_update: Option<UtcDateTime>,
    entries: Option<Element<'a>>,
    extensions: Option<Element<'a>>,
    signature_algorithm: Algorithm,
    signature: &'a [u8],
}

/// A revoked certificate.
struct Entry<'a> {
    serial: &'a [u8],
    revoked_at: UtcDateTime,
    reason: Option<RevocationReason>,
}

impl<'a> RevocationList<'a> {
    /// Reads the list that `bytes` begin with; bytes after it are ignored. Its entries are left to
    /// [`about`](Self::about).
    ///
    /// # Errors
    ///
    /// [`SignedDataError`] when it is longer than [`Limits::list_bytes`] or has not the structure of a list.
    pub fn read(bytes: &'a [u8], limits: &Limits) -> Result<Self, SignedDataError> {
        const PART: &str = "the list";
        if bytes.len() > limits.list_bytes {
            return Err(SignedDataError::InputBytes { found: bytes.len(), limit: limits.list_bytes });
        }
        let whole = Element::first(bytes).filter(|whole| whole.tag == SEQUENCE);
        let mut outer = whole.ok_or(SignedDataError::Structure { part: PART })?.parts();
        let signed = outer.required(SEQUENCE, "the list's signed part")?;
        let signature_algorithm = Algorithm::take(&mut outer, "the list's signature algorithm")?;
        let signature = outer.bits("the list's signature")?;
        outer.finish(PART)?;

        let mut fields = signed.parts();
        fields.optional(INTEGER); // the version
        Algorithm::take(&mut fields, "the list's inner signature algorithm")?;
        let issuer = Name::take(&mut fields, "the list's issuer")?;
        let this_update = fields.time("the time of the list")?;
        let next_update = match fields.clone().next().and_then(Element::time) {
            Some(time) => {
                fields.next();
                Some(time)
            }
            None => None,
        };
        let entries = fields.optional(SEQUENCE);
        let extensions = fields.optional(context(0));
        fields.finish("the list's signed part")?;
        Ok(Self {
            signed_part: signed.whole,
            issuer,
            this_update,
            next_update,
            entries,
            extensions,
            signature_algorithm,
            signature,
        })
    }

    /// What the list says of `certificate`, which `issuer` has issued: signed by the issuer, about certificates like
    /// this one, and holding at `now`.
    ///
    /// A moment of five minutes is allowed between two clocks, and what does not say how long it holds does so for a day.
    ///
    /// # Errors
    ///
    /// [`RevocationError`]: why it says nothing of this certificate now. Lists of changes, and those of several issuers
    /// or of some reasons, are refused.
    pub fn about(
        &self,
        certificate: &Certificate,
        issuer: &Certificate,
        now: UtcDateTime,
    ) -> Result<RevocationStatement, RevocationError> {
        let name = self.issuer.der();
        if name != certificate.issuer().der() || name != issuer.subject().der() {
            return Err(RevocationError::OtherIssuer);
        }
        if !issuer.may_sign_lists() {
            return Err(RevocationError::MayNotSign);
        }
        if let Some(extensions) = self.extensions {
            Scope::read(extensions)?.check(certificate)?;
        }
        let (algorithm, signature) = (&self.signature_algorithm, self.signature);
        signature::check(issuer.public_key(), algorithm, None, self.signed_part, signature)?;
        let status = match self.entry(certificate.serial().as_bytes())? {
            Some(entry) => RevocationStatus::Revoked { at: entry.revoked_at, reason: entry.reason },
            None => RevocationStatus::Good,
        };
        let (this_update, next_update) = (self.this_update, self.next_update);
        RevocationStatement { status, this_update, next_update }.at(now)
    }

    /// The first entry with this serial number. The others are read as well, since one that can't be understood may
    /// make the whole list something else (RFC 5280 5.3).
    fn entry(&self, serial: &[u8]) -> Result<Option<Entry<'a>>, RevocationError> {
        let Some(mut entries) = self.entries.map(Element::parts) else { return Ok(None) };
        let mut found = None;
        while let Some(entry) = entries.optional(SEQUENCE) {
            let entry = Entry::read(entry.parts())?;
            if found.is_none() && entry.serial == serial {
                found = Some(entry);
            }
        }
        entries.finish("the list's entries")?;
        Ok(found)
    }
}

impl<'a> Entry<'a> {
    fn read(mut fields: Parts<'a>) -> Result<Self, RevocationError> {
        const PART: &str = "an entry of the list";
        let serial = fields.required(INTEGER, PART)?.content;
        let revoked_at = fields.time(PART)?;
        let mut reason = None;
        if let Some(extensions) = fields.optional(SEQUENCE) {
            for extension in Extensions::of(extensions, PART) {
                let extension = extension?;
                match extension.oid.as_bytes() {
                    REASON => {
                        let code = Element::first(extension.value).filter(|code| code.tag == ENUMERATED);
                        reason = code.and_then(|code| RevocationReason::from_code(code.content));
                    }
                    CERTIFICATE_ISSUER => return Err(RevocationError::Indirect),
                    INVALIDITY_DATE => {}
                    _ => unknown(extension)?,
                }
            }
        }
        fields.finish(PART)?;
        Ok(Self { serial, revoked_at, reason })
    }
}

/// `reasonCode`, `invalidityDate` and `certificateIssuer` of an entry: 2.5.29.21, 2.5.29.24, 2.5.29.29.
const REASON: &[u8] = &[0x55, 0x1d, 21];
const INVALIDITY_DATE: &[u8] = &[0x55, 0x1d, 24];
const CERTIFICATE_ISSUER: &[u8] = &[0x55, 0x1d, 29];

impl fmt::Debug for RevocationList<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RevocationList")
            .field("issuer", &self.issuer)
            .field("this_update", &self.this_update)
            .field("next_update", &self.next_update)
            .field("bytes", &self.signed_part.len())
            .finish_non_exhaustive()
    }
}
