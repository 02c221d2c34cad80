//! Where a certificate says that its authority can be asked whether it is revoked.

use der::asn1::ObjectIdentifier;

use crate::Certificate;
use crate::element::{Element, Parts, context};

/// `uniformResourceIdentifier` of a `GeneralName`.
const URI: u8 = 0x86;

/// Addresses are those that begin with `http://`, in the order of the certificate, and are checked for nothing else.
/// What is had there is signed by itself, and `https` would need a certificate that had to be asked about in turn (RFC
/// 5280 8).
impl Certificate {
    /// Where OCSP is spoken (RFC 5280 4.2.2.1).
    ///
    /// ```
    /// # use signed_data::{Certificate, Limits};
    /// # use testkit::pki::{CertificateBuilder, Key, Name};
    /// # let now = time::macros::utc_datetime!(2026-06-01 0:00);
    /// # let builder = CertificateBuilder::new(Name::new().common_name("leaf"), now);
    /// # let builder = builder.information_access(&["ldap://example.com", "http://ocsp.example.com/a"], &[]);
    /// # let bytes = builder.self_signed(Key::p256("leaf")).certificate.der;
    /// let certificate = Certificate::read(&bytes, &Limits::default())?;
    /// assert_eq!(certificate.ocsp_locations(), ["http://ocsp.example.com/a"]);
    /// # Ok::<(), signed_data::SignedDataError>(())
    /// ```
    #[must_use]
    pub fn ocsp_locations(&self) -> Vec<&str> {
        const OCSP: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.1");
        self.information(OCSP).filter_map(http_address).collect()
    }

    /// Where its issuer's list of revoked certificates is (RFC 5280 4.2.1.13): a whole one, which the issuer signs itself.
    #[must_use]
    pub fn revocation_list_locations(&self) -> Vec<&str> {
        const DISTRIBUTION_POINTS: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.31");
        let points = self.list(DISTRIBUTION_POINTS, "where the issuer's lists are").ok().flatten();
        points.into_iter().flatten().flat_map(|point| distribution_point(point.parts())).collect()
    }
}

/// The addresses of a `DistributionPoint`; none where its list lacks reasons or is another's.
fn distribution_point(mut fields: Parts<'_>) -> Vec<&str> {
    let name = fields.optional(context(0));
    if fields.is_empty() { name.map(full_name).unwrap_or_default() } else { Vec::new() }
}

/// The addresses of a `DistributionPointName` that is a `fullName`.
pub(crate) fn full_name(name: Element<'_>) -> Vec<&str> {
    let names = name.parts().next().filter(|full| full.tag == context(0));
    names.into_iter().flat_map(Element::parts).filter_map(http_address).collect()
}

/// The address that a `GeneralName` is.
fn http_address(name: Element<'_>) -> Option<&str> {
    let text = str::from_utf8(name.content).ok().filter(|_| name.tag == URI)?;
    text.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("http://")).map(|_| text)
}
