//! Which certificates a revocation list is about (RFC 5280 5.2).

use super::{RevocationError, unknown};
use crate::addresses::full_name;
use crate::element::{Element, SEQUENCE, context};
use crate::extension::{ExtensionRef, Extensions};
use crate::{Certificate, SignedDataError};

/// `cRLNumber`, `deltaCRLIndicator`, `issuingDistributionPoint`, `authorityKeyIdentifier`: 2.5.29.20, 27, 28, 35.
const NUMBER: &[u8] = &[0x55, 0x1d, 20];
const DELTA: &[u8] = &[0x55, 0x1d, 27];
const DISTRIBUTION_POINT: &[u8] = &[0x55, 0x1d, 28];
const AUTHORITY_KEY: &[u8] = &[0x55, 0x1d, 35];

/// What a list says of itself.
#[derive(Default)]
pub(crate) struct Scope<'a> {
    /// Where it is published, one of which the certificate must name too; `None` where it is about all of them.
    published_at: Option<Vec<&'a str>>,
    only: Option<Only>,
}

/// The certificates that a list is limited to.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Only {
    EndEntities,
    Authorities,
}

impl<'a> Scope<'a> {
    /// Reads the extensions of a list; one that is not understood, or limits it in a way that is not, is refused.
    pub(crate) fn read(wrapped: Element<'a>) -> Result<Self, RevocationError> {
        let mut scope = Self::default();
        for extension in Extensions::wrapped(wrapped, "the list's extensions")? {
            let extension = extension?;
            match extension.oid.as_bytes() {
                DELTA => return Err(RevocationError::Delta),
                DISTRIBUTION_POINT => scope = Self::of_point(extension)?,
                NUMBER | AUTHORITY_KEY => {}
                _ => unknown(extension)?,
            }
        }
        Ok(scope)
    }

    fn of_point(extension: ExtensionRef<'a>) -> Result<Self, RevocationError> {
        const PART: &str = "what the list is about";
        let mut scope = Self::default();
        let point = Element::first(extension.value).filter(|point| point.tag == SEQUENCE);
        let mut fields = point.ok_or(SignedDataError::Structure { part: PART })?.parts();
        scope.published_at = fields.optional(context(0)).map(full_name);
        let other = |about| Err(RevocationError::OtherScope { about });
        for field in fields.by_ref() {
            match (field.tag, field.content) {
                (0x81 | 0x82 | 0x84 | 0x85, [0]) => {}
                (0x81, _) => scope.only = Some(Only::EndEntities),
                (0x82, _) => scope.only = Some(Only::Authorities),
                (0x83, _) => return other("some reasons alone"),
                (0x84, _) => return Err(RevocationError::Indirect),
                (0x85, _) => return other("attribute certificates"),
                _ => return Err(SignedDataError::Surplus { part: PART }.into()),
            }
        }
        fields.finish(PART)?;
        Ok(scope)
    }

    /// Whether the list is about certificates like this one.
    pub(crate) fn check(&self, certificate: &Certificate) -> Result<(), RevocationError> {
        let other = |about| Err(RevocationError::OtherScope { about });
        match self.only {
            Some(Only::EndEntities) if certificate.is_authority() => {
                return other("certificates of no authority");
            }
            Some(Only::Authorities) if !certificate.is_authority() => {
                return other("certificates of authorities");
            }
            _ => {}
        }
        let Some(published_at) = &self.published_at else { return Ok(()) };
        let named = certificate.revocation_list_locations();
        if named.iter().any(|address| published_at.contains(address)) {
            Ok(())
        } else {
            other("certificates that name another place for their list")
        }
    }
}
