use der::asn1::ObjectIdentifier;

use crate::SignedDataError;
use crate::element::{Parts, SEQUENCE};

/// An algorithm and its parameters (`AlgorithmIdentifier`, RFC 5280 4.1.1.2).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Algorithm {
    /// Which algorithm.
    pub oid: ObjectIdentifier,
    /// Its parameters in DER, as RSASSA-PSS and elliptic curves have them; most others have none or a NULL.
    pub parameters: Option<Vec<u8>>,
}

impl Algorithm {
    pub(crate) fn take(parts: &mut Parts<'_>, part: &'static str) -> Result<Self, SignedDataError> {
        let mut fields = parts.required(SEQUENCE, part)?.parts();
        let oid = fields.object_identifier(part)?;
        let parameters = fields.next().map(|parameters| parameters.whole.to_vec());
        fields.finish(part)?;
        Ok(Self { oid, parameters })
    }
}
