//! Whether an authority has revoked one of its certificates, as it says itself.

mod list;
mod request;
mod responder;
mod response;
mod scope;

use std::fmt;

use der::asn1::ObjectIdentifier;
use time::{Duration, UtcDateTime};

use crate::extension::ExtensionRef;
use crate::{SignatureFault, SignedDataError};

pub use self::list::RevocationList;
pub use self::response::OcspResponse;

/// How far apart the clocks of an authority and of its asker may be.
const CLOCKS_APART: Duration = Duration::minutes(5);
/// How long a statement holds that does not say how long; authorities that the public relies on always say.
const UNDATED_HOLDS: Duration = Duration::DAY;

/// What an authority says of one of its certificates, verified, and at a moment for which it holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RevocationStatement {
    /// What it says.
    pub status: RevocationStatus,
    /// When this was known to be so (`thisUpdate`).
    pub this_update: UtcDateTime,
    /// When something newer will be known (`nextUpdate`), where it says.
    pub next_update: Option<UtcDateTime>,
}

/// Whether a certificate is revoked.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RevocationStatus {
    /// It is not, as far as its authority knows.
    Good,
    /// It is, for good or for a while.
    Revoked {
        /// Since when.
        at: UtcDateTime,
        /// Why, where the authority says so in a way that RFC 5280 knows.
        reason: Option<RevocationReason>,
    },
    /// Who was asked does not know the certificate.
    Unknown,
}

/// Why a certificate was revoked (`CRLReason`, RFC 5280 5.3.1); `Display` writes it as the RFC does: `keyCompromise`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RevocationReason {
    /// No reason was given.
    Unspecified,
    /// Its key is in other hands, or may be.
    KeyCompromise,
    /// The authority's key is.
    CaCompromise,
    /// Its subject's name or other particulars changed.
    AffiliationChanged,
    /// Another certificate took its place.
    Superseded,
    /// It is no longer needed.
    CessationOfOperation,
    /// It does not count for the time being.
    CertificateHold,
    /// It counts again.
    RemoveFromCrl,
    /// Its subject may no longer do what the certificate says.
    PrivilegeWithdrawn,
    /// The attribute authority's key is in other hands, or may be.
    AaCompromise,
}

impl RevocationReason {
    fn from_code(code: &[u8]) -> Option<Self> {
        Some(match code {
            [0] => Self::Unspecified,
            [1] => Self::KeyCompromise,
            [2] => Self::CaCompromise,
            [3] => Self::AffiliationChanged,
            [4] => Self::Superseded,
            [5] => Self::CessationOfOperation,
            [6] => Self::CertificateHold,
            [8] => Self::RemoveFromCrl,
            [9] => Self::PrivilegeWithdrawn,
            [10] => Self::AaCompromise,
            _ => return None,
        })
    }

    /// The reason as RFC 5280 writes it.
    ///
    /// ```
    /// assert_eq!(signed_data::RevocationReason::KeyCompromise.name(), "keyCompromise");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::RemoveFromCrl => "removeFromCRL",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AaCompromise => "aACompromise",
        }
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Why an OCSP response or a revocation list says nothing about a certificate.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RevocationError {
    /// It cannot be read.
    #[error(transparent)]
    Unreadable(#[from] SignedDataError),
    /// The responder answers that it does not answer (RFC 6960 4.2.1).
    #[error("the responder answers {}", ocsp_status(*.status))]
    Refused {
        /// The number by which it says why.
        status: u8,
    },
    /// The response is of another kind than is read here.
    #[error("a response of type {found}, where a basic one (1.3.6.1.5.5.7.48.1.1) is read")]
    ResponseType {
        /// The type it has.
        found: ObjectIdentifier,
    },
    /// The response is about other certificates.
    #[error("the response speaks of {spoken_of} certificates, and not of this one")]
    NotSpokenOf {
        /// How many it is about.
        spoken_of: usize,
    },
    /// Neither the issuer nor any certificate in the response is what the response says has signed it.
    #[error("the response is signed by somebody whose certificate it does not carry")]
    UnknownResponder,
    /// The certificate that the response is signed with may not sign it.
    #[error("the response is signed with a certificate that {0}")]
    Responder(ResponderFault),
    /// The list is another authority's.
    #[error("the list is not that of the certificate's issuer")]
    OtherIssuer,
    /// The issuer's certificate does not let it sign lists (`cRLSign`, RFC 5280 4.2.1.3).
    #[error("the issuer may not sign revocation lists")]
    MayNotSign,
    /// The signature does not hold.
    #[error("its signature does not hold: {0}")]
    Signature(#[from] SignatureFault),
    /// It was made for later than now.
    #[error("it holds from {} on, and now it is {}", moment(*.this_update), moment(*.now))]
    TooEarly {
        /// From when it holds.
        this_update: UtcDateTime,
        /// The moment it was to hold for.
        now: UtcDateTime,
    },
    /// It has been replaced by a newer one, or should have been.
    #[error("it is stale: it held until {}, and now it is {}", moment(*.until), moment(*.now))]
    Stale {
        /// How long it held.
        until: UtcDateTime,
        /// The moment it was to hold for.
        now: UtcDateTime,
    },
    /// The list has only what changed since another (RFC 5280 5.2.4).
    #[error("the list has only what changed since another list (a delta CRL)")]
    Delta,
    /// The list is about certificates of several issuers (RFC 5280 5.2.5).
    #[error("the list is about certificates of several issuers (an indirect CRL)")]
    Indirect,
    /// The list is about another part of its issuer's certificates, or about some reasons only (RFC 5280 5.2.5).
    #[error("the list is about {about}, which does not cover this certificate")]
    OtherScope {
        /// What it is about.
        about: &'static str,
    },
    /// It has an extension that must be understood, and is not.
    #[error("it has a critical extension {oid}, which is not known here")]
    CriticalExtension {
        /// Which.
        oid: ObjectIdentifier,
    },
}

/// Why somebody may not answer for an issuer (RFC 6960 4.2.2.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ResponderFault {
    /// The issuer has not issued its certificate.
    #[error("the issuer has not issued")]
    NotIssued,
    /// The certificate is not for signing OCSP responses.
    #[error("is not for signing responses (id-kp-OCSPSigning)")]
    OtherUse,
    /// It is not valid at the moment.
    #[error(
        "is valid from {} to {}, and now it is {}",
        moment(*.not_before), moment(*.not_after), moment(*.now)
    )]
    NotValid {
        /// From when.
        not_before: UtcDateTime,
        /// Until when.
        not_after: UtcDateTime,
        /// The moment it was to be valid at.
        now: UtcDateTime,
    },
}

/// What the numbers of `OCSPResponseStatus` mean.
fn ocsp_status(status: u8) -> String {
    let name = match status {
        1 => "malformedRequest",
        2 => "internalError",
        3 => "tryLater",
        5 => "sigRequired",
        6 => "unauthorized",
        _ => return format!("with status {status}"),
    };
    format!("{name} ({status})")
}

fn moment(moment: UtcDateTime) -> String {
    let (hour, minute, second) = moment.as_hms();
    format!("{} {hour:02}:{minute:02}:{second:02} UTC", moment.date())
}

impl RevocationStatement {
    /// The statement, if it holds at this moment.
    fn at(self, now: UtcDateTime) -> Result<Self, RevocationError> {
        let until = self.next_update.unwrap_or_else(|| later(self.this_update, UNDATED_HOLDS));
        if later(now, CLOCKS_APART) < self.this_update {
            Err(RevocationError::TooEarly { this_update: self.this_update, now })
        } else if later(until, CLOCKS_APART) < now {
            Err(RevocationError::Stale { until, now })
        } else {
            Ok(self)
        }
    }
}

/// Dates of hostile bytes reach to the end of the calendar.
fn later(moment: UtcDateTime, by: Duration) -> UtcDateTime {
    moment.checked_add(by).unwrap_or(UtcDateTime::MAX)
}

/// An extension that is not understood must not be critical.
fn unknown(extension: ExtensionRef<'_>) -> Result<(), RevocationError> {
    let ExtensionRef { oid, critical, .. } = extension;
    if critical { Err(RevocationError::CriticalExtension { oid }) } else { Ok(()) }
}
