//! Reading the values of a message, part by part, once [`ber::definite`](crate::ber::definite) has been over it.

use der::asn1::{AnyRef, GeneralizedTime, ObjectIdentifier, UtcTime};
use time::UtcDateTime;

use crate::SignedDataError;
use crate::ber::Header;

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const BIT_STRING: u8 = 0x03;
pub(crate) const OCTET_STRING: u8 = 0x04;
pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(crate) const ENUMERATED: u8 = 0x0a;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;

/// The tag `[number]` of a constructed value.
pub(crate) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// One value in DER, or in BER of definite length, where it lies. Its length is checked, its content is not.
///
/// ```
/// use signed_data::Element;
///
/// let list = Element::first(&[0x30, 6, 2, 1, 7, 0x0c, 1, b'a', 9]).expect("a list of two, and a byte behind it");
/// assert_eq!(list.whole.len(), 8);
/// let mut parts = list.parts();
/// assert_eq!(parts.next().map(|number| (number.tag, number.content)), Some((2, &[7][..])));
/// assert_eq!(parts.next().map(|text| (text.tag, text.content)), Some((0x0c, &b"a"[..])));
/// assert!(parts.is_empty());
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Element<'a> {
    /// The first identifier octet: class, form, and the number unless it is above 30.
    pub tag: u8,
    /// The value with its identifier and length.
    pub whole: &'a [u8],
    /// The value without them.
    pub content: &'a [u8],
}

impl<'a> Element<'a> {
    /// The value that `bytes` begin with; `None` when they begin with none, or it is longer than they are.
    #[must_use]
    pub fn first(bytes: &'a [u8]) -> Option<Self> {
        let header = Header::read(bytes, 0, bytes.len()).ok()?;
        let end = header.content + header.length?;
        Some(Self { tag: header.tag, whole: &bytes[..end], content: &bytes[header.content..end] })
    }

    /// The moment that a `UTCTime` or a `GeneralizedTime` names, in seconds and UTC, as RFC 5280 4.1.2.5 has them.
    #[must_use]
    pub fn time(self) -> Option<UtcDateTime> {
        let any = |tag| AnyRef::new(tag, self.content);
        let at = match self.tag {
            0x17 => any(der::Tag::UtcTime).ok()?.decode_as::<UtcTime>().ok()?.to_unix_duration(),
            0x18 => {
                any(der::Tag::GeneralizedTime).ok()?.decode_as::<GeneralizedTime>().ok()?.to_unix_duration()
            }
            _ => return None,
        };
        UtcDateTime::from_unix_timestamp(i64::try_from(at.as_secs()).ok()?).ok()
    }

    /// The values inside.
    #[must_use]
    pub fn parts(self) -> Parts<'a> {
        Parts(self.content)
    }
}

/// Values that follow one another. They end where the bytes end, or where no value begins: [`Parts::is_empty`] tells.
#[derive(Clone, Debug, Default)]
pub struct Parts<'a>(&'a [u8]);

/// A value alone.
impl<'a> From<Element<'a>> for Parts<'a> {
    fn from(element: Element<'a>) -> Self {
        Self(element.whole)
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = Element<'a>;

    fn next(&mut self) -> Option<Element<'a>> {
        let element = Element::first(self.0)?;
        self.0 = &self.0[element.whole.len()..];
        Some(element)
    }
}

impl<'a> Parts<'a> {
    /// Whether no bytes are left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next value, which must have this tag; errors call it `part`.
    pub(crate) fn required(&mut self, tag: u8, part: &'static str) -> Result<Element<'a>, SignedDataError> {
        self.optional(tag).ok_or(SignedDataError::Structure { part })
    }

    /// The next value if it has this tag.
    pub(crate) fn optional(&mut self, tag: u8) -> Option<Element<'a>> {
        let element = Element::first(self.0).filter(|element| element.tag == tag)?;
        self.next()?;
        Some(element)
    }

    pub(crate) fn object_identifier(
        &mut self,
        part: &'static str,
    ) -> Result<ObjectIdentifier, SignedDataError> {
        let element = self.required(OBJECT_IDENTIFIER, part)?;
        ObjectIdentifier::from_bytes(element.content).map_err(|_| SignedDataError::Structure { part })
    }

    pub(crate) fn time(&mut self, part: &'static str) -> Result<UtcDateTime, SignedDataError> {
        self.next().and_then(Element::time).ok_or(SignedDataError::Structure { part })
    }

    /// Whole octets in a `BIT STRING`.
    pub(crate) fn bits(&mut self, part: &'static str) -> Result<&'a [u8], SignedDataError> {
        match self.required(BIT_STRING, part)?.content {
            [0, octets @ ..] => Ok(octets),
            _ => Err(SignedDataError::Structure { part }),
        }
    }

    /// Nothing may be left.
    pub(crate) fn finish(self, part: &'static str) -> Result<(), SignedDataError> {
        if self.0.is_empty() { Ok(()) } else { Err(SignedDataError::Surplus { part }) }
    }
}

#[cfg(test)]
mod tests {
    use time::macros::utc_datetime;

    use super::*;

    #[test]
    fn times_are_read_as_rfc_5280_writes_them() {
        for (tag, text, expected, why) in [
            (0x17, "491231235959Z", Some(utc_datetime!(2049-12-31 23:59:59)), "the last year of UTCTime"),
            (0x17, "700101000000Z", Some(utc_datetime!(1970-01-01 0:00)), "the first that is read"),
            (0x18, "20500101000000Z", Some(utc_datetime!(2050-01-01 0:00)), "the first of GeneralizedTime"),
            (0x18, "99991231235959Z", Some(utc_datetime!(9999-12-31 23:59:59)), "never"),
            (0x17, "260229000000Z", None, "no such day"),
            (0x17, "260101000000", None, "no time zone"),
            (0x18, "260101000000Z", None, "the form of the other"),
            (0x13, "260101000000Z", None, "text"),
            (0x17, "", None, "nothing"),
        ] {
            let element = Element { tag, whole: &[], content: text.as_bytes() };
            assert_eq!(element.time(), expected, "{why}");
        }
    }

    #[test]
    fn parts_are_taken_in_order() {
        let mut parts = Parts(&[2, 1, 7, 6, 1, 0x2a, 3, 2, 0, 9, 5, 0]);
        assert_eq!(parts.optional(SET).map(|set| set.tag), None);
        assert_eq!(parts.required(INTEGER, "a number").unwrap().content, [7]);
        assert_eq!(parts.object_identifier("a name").unwrap().to_string(), "1.2");
        assert_eq!(parts.bits("bits"), Ok(&[9][..]));
        assert_eq!(parts.clone().finish("it"), Err(SignedDataError::Surplus { part: "it" }));
        assert_eq!(parts.required(SET, "a set").err(), Some(SignedDataError::Structure { part: "a set" }));
        assert!(parts.next().is_some());
        assert_eq!(parts.finish("it"), Ok(()));
    }
}
