use std::{fmt, sync::Arc};

use rustls::{Error, InconsistentKeys, crypto::ring::default_provider, sign::CertifiedKey};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use time::UtcDateTime;
use x509_cert::der::Decode as _;

use crate::TlsError;

/// A certificate chain with its private key: what a server shows.
#[derive(Clone)]
pub struct Identity {
    key: Arc<CertifiedKey>,
    validity: Validity,
}

/// When a certificate may be used, both ends included.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Validity {
    pub(crate) not_before: UtcDateTime,
    pub(crate) not_after: UtcDateTime,
}

impl Identity {
    /// Joins a chain, the server's own certificate first, and its key.
    ///
    /// # Errors
    ///
    /// [`TlsError::KeyMismatch`], [`TlsError::Unusable`] and [`TlsError::Certificate`].
    pub fn new(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Result<Self, TlsError> {
        let own = chain.first().ok_or(TlsError::Unusable(Error::NoCertificatesPresented))?;
        let validity = Validity::of(own)?;
        let key = CertifiedKey::from_der(chain, key, &default_provider()).map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => TlsError::KeyMismatch,
            other => TlsError::Unusable(other),
        })?;
        Ok(Self { key: Arc::new(key), validity })
    }

    /// The chain in DER form, the server's own certificate first.
    #[must_use]
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.key.cert
    }

    /// Start of the own certificate's validity.
    #[must_use]
    pub fn not_before(&self) -> UtcDateTime {
        self.validity.not_before
    }

    /// End of the own certificate's validity.
    #[must_use]
    pub fn not_after(&self) -> UtcDateTime {
        self.validity.not_after
    }

    pub(crate) fn certified_key(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.key)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("validity", &self.validity)
            .field("key", &"[redacted]")
            .finish_non_exhaustive()
    }
}

impl Validity {
    pub(crate) fn of(der: &CertificateDer<'_>) -> Result<Self, TlsError> {
        let certificate = x509_cert::Certificate::from_der(der)
            .map_err(|error| TlsError::Certificate(error.to_string()))?;
        let validity = certificate.tbs_certificate().validity();
        let moment = |time: x509_cert::time::Time| {
            let seconds = i64::try_from(time.to_unix_duration().as_secs()).unwrap_or(i64::MAX);
            UtcDateTime::from_unix_timestamp(seconds)
                .map_err(|error| TlsError::Certificate(error.to_string()))
        };
        Ok(Self { not_before: moment(validity.not_before)?, not_after: moment(validity.not_after)? })
    }

    pub(crate) fn contains(self, now: UtcDateTime) -> bool {
        (self.not_before..=self.not_after).contains(&now)
    }
}
