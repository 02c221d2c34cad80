use std::borrow::Cow;

use quick_xml::events::Event;

use crate::error::excerpt;
use crate::{Fault, ReadError};

/// The text of an XML document, and where in the input its parts came from.
pub(super) struct Document<'a> {
    pub(super) text: Cow<'a, str>,
    encoding: Encoding,
    mark_bytes: usize,
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Encoding {
    Latin1,
    Utf8,
    Utf16(Order),
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum Order {
    Big,
    Little,
}

impl<'a> Document<'a> {
    /// Finds the encoding (XML 1.0, appendix F: byte order mark, first bytes, declaration) and decodes.
    pub(super) fn decode(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let refuse = |fault, offset| ReadError { fault, offset, path: String::new() };
        let (encoding, mark_bytes) = match bytes {
            [0, 0, 0xfe, 0xff, ..] | [0xff, 0xfe, 0, 0, ..] | [0, 0, 0, _, ..] | [_, 0, 0, 0, ..] => {
                return Err(refuse(Fault::Encoding { name: "UTF-32".to_owned() }, 0));
            }
            [0xef, 0xbb, 0xbf, ..] => (Encoding::Utf8, 3),
            [0xfe, 0xff, ..] => (Encoding::Utf16(Order::Big), 2),
            [0xff, 0xfe, ..] => (Encoding::Utf16(Order::Little), 2),
            [0, _, ..] => (Encoding::Utf16(Order::Big), 0),
            [_, 0, ..] => (Encoding::Utf16(Order::Little), 0),
            _ => (declared(bytes).map_err(|fault| refuse(fault, 0))?, 0),
        };
        let content = &bytes[mark_bytes..];
        let text = match encoding {
            Encoding::Utf8 => Cow::Borrowed(std::str::from_utf8(content).map_err(|error| {
                refuse(Fault::Text { encoding: "UTF-8" }, mark_bytes + error.valid_up_to())
            })?),
            Encoding::Utf16(order) => Cow::Owned(
                utf16(content, order)
                    .map_err(|at| refuse(Fault::Text { encoding: "UTF-16" }, mark_bytes + at))?,
            ),
            Encoding::Latin1 => {
                let mut text =
                    String::with_capacity(content.iter().map(|byte| char::from(*byte).len_utf8()).sum());
                text.extend(content.iter().copied().map(char::from));
                Cow::Owned(text)
            }
        };
        Ok(Self { text, encoding, mark_bytes })
    }

    /// The place in the input of the byte `offset` of the text.
    pub(super) fn input_offset(&self, offset: usize) -> usize {
        let before = self.text.char_indices().take_while(|(at, _)| *at < offset).map(|(_, found)| found);
        self.mark_bytes
            + match self.encoding {
                Encoding::Utf8 => offset,
                Encoding::Latin1 => before.count(),
                Encoding::Utf16(_) => before.map(|found| 2 * found.len_utf16()).sum(),
            }
    }
}

/// The encoding that the XML declaration names, if there is one. White space before it, though not allowed, is common.
fn declared(bytes: &[u8]) -> Result<Encoding, Fault> {
    const LONGEST: usize = 512;
    let start = bytes.trim_ascii_start();
    let end = start.windows(2).take(LONGEST).position(|pair| pair == b"?>");
    let Some(declaration) = end.and_then(|end| std::str::from_utf8(&start[..end + 2]).ok()) else {
        return Ok(Encoding::Utf8);
    };
    let Ok(Event::Decl(declaration)) = quick_xml::Reader::from_str(declaration).read_event() else {
        return Ok(Encoding::Utf8);
    };
    let Some(Ok(name)) = declaration.encoding() else {
        return Ok(Encoding::Utf8);
    };
    match name.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" | "us-ascii" | "ascii" => Ok(Encoding::Utf8),
        "iso-8859-1" | "iso8859-1" | "latin1" => Ok(Encoding::Latin1),
        _ => Err(Fault::Encoding { name: excerpt(&name) }),
    }
}

/// Decodes UTF-16, or answers the offset of the first bytes that are none.
fn utf16(bytes: &[u8], order: Order) -> Result<String, usize> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| match order {
        Order::Big => u16::from_be_bytes(*pair),
        Order::Little => u16::from_le_bytes(*pair),
    });
    let mut offset = 0;
    let mut length = 0;
    for decoded in char::decode_utf16(units.clone()) {
        let found = decoded.map_err(|_| offset)?;
        offset += 2 * found.len_utf16();
        length += found.len_utf8();
    }
    if !odd.is_empty() {
        return Err(offset);
    }
    let mut text = String::with_capacity(length);
    text.extend(char::decode_utf16(units).filter_map(Result::ok));
    Ok(text)
}
