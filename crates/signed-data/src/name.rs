use der::asn1::ObjectIdentifier;

use crate::SignedDataError;
use crate::element::{Element, Parts, SEQUENCE, SET};

/// The name of a certificate's subject or issuer (RFC 5280 4.1.2.4).
///
/// Text is whatever the certificate holds: it may be empty, long, or have control characters in it.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Name {
    der: Vec<u8>,
    attributes: Vec<NameAttribute>,
}

/// One part of a [`Name`].
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct NameAttribute {
    /// What it is, such as 2.5.4.3 for a common name.
    pub oid: ObjectIdentifier,
    /// Its text. What is no text is written as RFC 4514 2.4 has it: `#` and the hexadecimal digits of its DER.
    pub text: String,
}

impl Name {
    pub(crate) fn take(parts: &mut Parts<'_>, part: &'static str) -> Result<Self, SignedDataError> {
        let name = parts.required(SEQUENCE, part)?;
        let mut attributes = Vec::new();
        let mut relative_names = name.parts();
        while let Some(relative_name) = relative_names.optional(SET) {
            let mut pairs = relative_name.parts();
            while let Some(pair) = pairs.optional(SEQUENCE) {
                let mut fields = pair.parts();
                let oid = fields.object_identifier(part)?;
                let value = fields.next().ok_or(SignedDataError::Structure { part })?;
                fields.finish(part)?;
                attributes.push(NameAttribute { oid, text: text(value) });
            }
            pairs.finish(part)?;
        }
        relative_names.finish(part)?;
        Ok(Self { der: name.whole.to_vec(), attributes })
    }

    /// The name as it stands in the certificate: what a chain is built by.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// All its parts, in the order of the certificate.
    #[must_use]
    pub fn attributes(&self) -> &[NameAttribute] {
        &self.attributes
    }

    /// The first part that is called `oid`.
    #[must_use]
    pub fn attribute(&self, oid: ObjectIdentifier) -> Option<&str> {
        self.attributes.iter().find(|attribute| attribute.oid == oid).map(|attribute| attribute.text.as_str())
    }

    /// `CN`, such as `Apple Distribution: Example (A1B2C3D4E5)`.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        self.attribute(ObjectIdentifier::new_unwrap("2.5.4.3"))
    }

    /// `O`: the team's name in certificates for developers (observed).
    #[must_use]
    pub fn organization(&self) -> Option<&str> {
        self.attribute(ObjectIdentifier::new_unwrap("2.5.4.10"))
    }

    /// `OU`: the team identifier in certificates for developers (observed).
    #[must_use]
    pub fn organizational_unit(&self) -> Option<&str> {
        self.attribute(ObjectIdentifier::new_unwrap("2.5.4.11"))
    }

    /// `UID`: in certificates for developers an identifier of team or person (observed).
    #[must_use]
    pub fn user_id(&self) -> Option<&str> {
        self.attribute(ObjectIdentifier::new_unwrap("0.9.2342.19200300.100.1.1"))
    }

    /// `C`, two letters.
    #[must_use]
    pub fn country(&self) -> Option<&str> {
        self.attribute(ObjectIdentifier::new_unwrap("2.5.4.6"))
    }
}

/// Text of any ASN.1 kind; what does not decode becomes U+FFFD, since half a name is better than none.
fn text(value: Element<'_>) -> String {
    match value.tag {
        // UTF8String, NumericString, PrintableString, TeletexString, VideotexString, IA5String, GraphicString,
        // VisibleString, GeneralString: UTF-8 where it is valid, which issuers write under every tag, else Latin-1,
        // which is what they take TeletexString for.
        0x0c | 0x12..=0x16 | 0x19..=0x1b => match str::from_utf8(value.content) {
            Ok(text) => text.to_owned(),
            Err(_) if value.tag == 0x0c => String::from_utf8_lossy(value.content).into_owned(),
            Err(_) => value.content.iter().map(|byte| char::from(*byte)).collect(),
        },
        0x1c => value
            .content
            .chunks(4)
            .map(|unit| <[u8; 4]>::try_from(unit).map(u32::from_be_bytes).ok().and_then(char::from_u32))
            .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect(),
        0x1e => {
            let units = value.content.chunks(2).map(|unit| match unit {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0xfffd,
            });
            char::decode_utf16(units).map(|unit| unit.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        _ => {
            let mut hexadecimal = "#".to_owned();
            for byte in value.whole {
                for digit in [byte >> 4, byte & 0xf] {
                    hexadecimal.extend(char::from_digit(digit.into(), 16));
                }
            }
            hexadecimal
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_every_kind_is_read() {
        for (tag, content, expected, why) in [
            (0x0c, "Zoë".as_bytes(), "Zoë", "UTF8String"),
            (0x0c, &[b'Z', 0xff], "Z\u{fffd}", "UTF8String that is none"),
            (0x13, b"Notes", "Notes", "PrintableString"),
            (0x13, "Zoë".as_bytes(), "Zoë", "UTF-8 in a PrintableString"),
            (0x14, &[b'Z', b'o', 0xeb], "Zoë", "TeletexString, taken for Latin-1"),
            (0x16, b"a@example.com", "a@example.com", "IA5String"),
            (0x1e, &[0, b'Z', 0, b'o', 0, 0xeb], "Zoë", "BMPString"),
            (0x1e, &[0xd8, 0x3d, 0xde, 0x00], "😀", "a pair of surrogates"),
            (0x1e, &[0xd8, 0x3d, 0, b'Z', 0], "\u{fffd}Z\u{fffd}", "half a pair, and half a unit"),
            (0x1c, &[0, 1, 0xf6, 0, 0, 0, 0, b'Z'], "😀Z", "UniversalString"),
            (0x1c, &[0, 0x11, 0, 0, 0], "\u{fffd}\u{fffd}", "beyond Unicode, and a part of a unit"),
            (0x02, &[1, 0xab], "#020201ab", "a number"),
            (0x0c, b"", "", "nothing"),
        ] {
            let whole = [&[tag, u8::try_from(content.len()).unwrap()], content].concat();
            assert_eq!(text(Element::first(&whole).unwrap()), expected, "{why}");
        }
    }

    #[test]
    fn the_first_of_several_parts_counts_and_odd_names_are_refused() {
        let take = |bytes: &[u8]| {
            let outer = [&[0x30, u8::try_from(bytes.len()).unwrap()], bytes].concat();
            Name::take(&mut Element::first(&outer).unwrap().parts(), "the subject")
        };
        let pair = |text: &[u8; 1]| [&[0x30, 8, 6, 3, 0x55, 4, 3, 0x0c, 1], &text[..]].concat();
        let set = |content: &[u8]| [&[0x31, u8::try_from(content.len()).unwrap()], content].concat();
        let name = |content: &[u8]| [&[0x30, u8::try_from(content.len()).unwrap()], content].concat();

        let both = name(&[set(&pair(b"a")), set(&pair(b"b"))].concat());
        let read = take(&both).unwrap();
        assert_eq!((read.common_name(), read.attributes().len()), (Some("a"), 2));
        assert_eq!(read.der(), both);
        assert_eq!(take(&name(&set(&[pair(b"a"), pair(b"b")].concat()))).unwrap().attributes().len(), 2);
        assert_eq!(take(&name(&[])).unwrap().attributes(), []);

        let structure = Some(SignedDataError::Structure { part: "the subject" });
        let surplus = Some(SignedDataError::Surplus { part: "the subject" });
        assert_eq!(take(&set(&[])).err(), structure, "a set in place of a sequence");
        assert_eq!(take(&name(&set(&name(&[6, 1, 0x2a])))).err(), structure, "no value");
        assert_eq!(take(&name(&pair(b"a"))).err(), surplus, "no set around");
        assert_eq!(take(&name(&set(&[5, 0]))).err(), surplus, "a null in place of a pair");
    }
}
