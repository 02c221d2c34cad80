//! What a certificate's extensions say of a server and of who vouches for it.

use std::net::IpAddr;

use der::asn1::ObjectIdentifier;

use crate::element::{Element, OBJECT_IDENTIFIER, Parts, SEQUENCE};
use crate::{Certificate, Name, SignedDataError};

/// A name that a certificate is for besides its subject (RFC 5280 4.2.1.6).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum AlternativeName {
    /// `dNSName`: a host, its first label perhaps `*`. Text is whatever the certificate holds; what is no UTF-8 is
    /// replaced.
    Dns(String),
    /// `iPAddress`.
    Address(IpAddr),
}

impl Certificate {
    /// The hosts that it is for, in the order of the certificate; none without the extension. Names of other kinds are
    /// left out, and addresses that are neither of four bytes nor of sixteen.
    ///
    /// # Errors
    ///
    /// [`SignedDataError::Structure`] when the extension is no list of names.
    pub fn alternative_names(&self) -> Result<Vec<AlternativeName>, SignedDataError> {
        const PART: &str = "the certificate's list of alternative names";
        let Some(names) = self.list(ObjectIdentifier::new_unwrap("2.5.29.17"), PART)? else {
            return Ok(Vec::new());
        };
        let name = |name: Element<'_>| match name.tag {
            0x82 => Some(AlternativeName::Dns(String::from_utf8_lossy(name.content).into_owned())),
            0x87 => address(name.content).map(AlternativeName::Address),
            _ => None,
        };
        Ok(names.filter_map(name).collect())
    }

    /// What its key may be used for (RFC 5280 4.2.1.12), such as 1.3.6.1.5.5.7.3.1 by servers; `None` where it does not
    /// say.
    ///
    /// # Errors
    ///
    /// [`SignedDataError::Structure`] when the extension is no list of purposes.
    pub fn extended_key_usage(&self) -> Result<Option<Vec<ObjectIdentifier>>, SignedDataError> {
        const PART: &str = "the certificate's list of purposes";
        let Some(mut purposes) = self.list(ObjectIdentifier::new_unwrap("2.5.29.37"), PART)? else {
            return Ok(None);
        };
        let mut found = Vec::new();
        while !purposes.is_empty() {
            found.push(purposes.object_identifier(PART)?);
        }
        Ok(Some(found))
    }

    /// The policies under which it was issued (RFC 5280 4.2.1.4); none where it names none or can't be read.
    #[must_use]
    pub fn policies(&self) -> Vec<ObjectIdentifier> {
        let list = self.list(ObjectIdentifier::new_unwrap("2.5.29.32"), "the certificate's policies");
        let policies = list.ok().flatten().into_iter().flatten().filter(|policy| policy.tag == SEQUENCE);
        policies.filter_map(|policy| policy.parts().next().and_then(object_identifier)).collect()
    }

    /// Where its issuer's certificate is to be had (RFC 5280 4.2.2.1, `caIssuers`): addresses as they stand there, not
    /// checked in any way.
    #[must_use]
    pub fn issuer_locations(&self) -> Vec<String> {
        const CA_ISSUERS: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.48.2");
        let locations = self.information(CA_ISSUERS).filter(|location| location.tag == 0x86);
        locations.map(|location| String::from_utf8_lossy(location.content).into_owned()).collect()
    }

    /// Who issued its issuer, where it says so (RFC 5280 4.2.1.1, `authorityCertIssuer`).
    #[must_use]
    pub fn issuers_issuer(&self) -> Option<Name> {
        const PART: &str = "the issuer of the certificate's issuer";
        let mut fields = self.list(ObjectIdentifier::new_unwrap("2.5.29.35"), PART).ok()??;
        let names = fields.find(|field| field.tag == 0xa1)?;
        let name = names.parts().find(|name| name.tag == 0xa4)?;
        Name::take(&mut name.parts(), PART).ok()
    }

    /// Where something is to be had about it or its issuer, `access` telling what (RFC 5280 4.2.2.1).
    pub(crate) fn information(&self, access: ObjectIdentifier) -> impl Iterator<Item = Element<'_>> {
        let list = self.list(ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.1.1"), "where more is to be had");
        list.ok().flatten().into_iter().flatten().filter_map(move |description| {
            let mut fields = description.parts();
            fields.next().and_then(object_identifier).filter(|method| *method == access)?;
            fields.next()
        })
    }

    /// The values in the SEQUENCE that the extension is; `None` without it.
    pub(crate) fn list(
        &self,
        oid: ObjectIdentifier,
        part: &'static str,
    ) -> Result<Option<Parts<'_>>, SignedDataError> {
        let Some(extension) = self.extension(oid) else { return Ok(None) };
        let whole = Element::first(&extension.value).filter(|whole| whole.tag == SEQUENCE);
        whole.map(|whole| Some(whole.parts())).ok_or(SignedDataError::Structure { part })
    }
}

fn object_identifier(element: Element<'_>) -> Option<ObjectIdentifier> {
    let is_one = element.tag == OBJECT_IDENTIFIER;
    ObjectIdentifier::from_bytes(element.content).ok().filter(|_| is_one)
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    v4.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()
}
