use der::asn1::ObjectIdentifier;

use crate::SignedDataError;
use crate::element::{Element, OCTET_STRING, Parts, SEQUENCE};

/// One extension of a certificate (RFC 5280 4.2).
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Extension {
    /// What it is, such as 1.2.840.113635.100.6.1.4 for an iOS distribution certificate.
    pub oid: ObjectIdentifier,
    /// Whether who does not know it must refuse the certificate.
    pub critical: bool,
    /// Its value: DER by the standards, but nothing has looked into it.
    pub value: Vec<u8>,
}

/// An extension where it lies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ExtensionRef<'a> {
    pub(crate) oid: ObjectIdentifier,
    pub(crate) critical: bool,
    pub(crate) value: &'a [u8],
}

/// The extensions of an `Extensions` (RFC 5280 4.1), one after the other; the first that is none ends them.
pub(crate) struct Extensions<'a> {
    list: Parts<'a>,
    part: &'static str,
}

impl<'a> Extensions<'a> {
    /// Those in a list; errors call it `part`.
    pub(crate) fn of(list: Element<'a>, part: &'static str) -> Self {
        Self { list: list.parts(), part }
    }

    /// Those in a list with a tag around it.
    pub(crate) fn wrapped(around: Element<'a>, part: &'static str) -> Result<Self, SignedDataError> {
        let mut outer = around.parts();
        let list = outer.required(SEQUENCE, part)?;
        outer.finish(part)?;
        Ok(Self::of(list, part))
    }

    fn take(&mut self) -> Result<ExtensionRef<'a>, SignedDataError> {
        let Some(extension) = self.list.optional(SEQUENCE) else {
            let rest = std::mem::take(&mut self.list);
            return Err(rest
                .finish(self.part)
                .err()
                .unwrap_or(SignedDataError::Structure { part: self.part }));
        };
        let mut fields = extension.parts();
        let oid = fields.object_identifier(self.part)?;
        let critical = fields.optional(0x01).is_some_and(|truth| truth.content != [0]);
        let value = fields.required(OCTET_STRING, self.part)?.content;
        fields.finish(self.part)?;
        Ok(ExtensionRef { oid, critical, value })
    }
}

impl<'a> Iterator for Extensions<'a> {
    type Item = Result<ExtensionRef<'a>, SignedDataError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.list.is_empty() {
            return None;
        }
        let taken = self.take();
        if taken.is_err() {
            self.list = Parts::default();
        }
        Some(taken)
    }
}

impl From<ExtensionRef<'_>> for Extension {
    fn from(lying: ExtensionRef<'_>) -> Self {
        Self { oid: lying.oid, critical: lying.critical, value: lying.value.to_vec() }
    }
}
