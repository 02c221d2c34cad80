use crate::error::excerpt;
use crate::{Fault, Limits, ReadError, Value, binary, xml};

/// How a property list is written down.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Format {
    /// Apple's binary form, version 0: it begins with `bplist0`.
    Binary,
    /// XML.
    Xml,
}

impl Format {
    /// The format that `bytes` begin like, or `None` when they do not begin like either.
    ///
    /// Looks past a byte order mark and white space, and takes every `<` for XML: whether it is a property list only
    /// reading tells.
    ///
    /// ```
    /// use bounded_plist::Format;
    ///
    /// assert_eq!(Format::of(b"bplist00\xa0"), Some(Format::Binary));
    /// assert_eq!(Format::of(b"\xef\xbb\xbf\n<?xml version=\"1.0\"?>"), Some(Format::Xml));
    /// assert_eq!(Format::of(b"{ title = Notes; }"), None);
    /// ```
    #[must_use]
    pub fn of(bytes: &[u8]) -> Option<Self> {
        if bytes.starts_with(b"bplist0") {
            return Some(Self::Binary);
        }
        (first_mark(bytes) == Some(b'<')).then_some(Self::Xml)
    }
}

/// Reads a property list, XML or binary.
///
/// Keeps the order of keys. Of equal keys in one dictionary the last value wins, in the place of the first; Apple's
/// XML reader does so too.
///
/// *XML*: UTF-8, UTF-16 (either byte order) or ISO 8859-1 if declared; with or without declaration, document type and
/// `<plist>`; comments and processing instructions are passed over wherever they stand. Only the five predefined
/// entities and character references are expanded. Integers may be hexadecimal (`0x1F`), reals `nan` or `inf`. Control
/// characters that XML 1.0 forbids are read as they stand, as Apple's reader does, except for NUL references.
///
/// *Binary*: integers of 1, 2, 4, 8 and 16 bytes, reals of 4 and 8. A surrogate without its other half, which
/// Apple's strings can hold and Rust's cannot, is read as U+FFFD.
///
/// # Errors
///
/// [`ReadError`] for what is no property list or goes beyond a limit.
///
/// ```
/// use bounded_plist::{Limits, Value, read};
///
/// let value = read(b"<plist><dict><key>CFBundleName</key><string>Notes</string></dict></plist>", &Limits::default())?;
/// assert_eq!(value.get("CFBundleName").and_then(Value::as_str), Some("Notes"));
/// # Ok::<_, bounded_plist::ReadError>(())
/// ```
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Value, ReadError> {
    let refuse = |fault| Err(ReadError { fault, offset: 0, path: String::new() });
    if bytes.len() > limits.input_bytes {
        return refuse(Fault::InputBytes { seen: bytes.len(), limit: limits.input_bytes });
    }
    match Format::of(bytes) {
        Some(Format::Binary) => binary::read::read(bytes, limits),
        Some(Format::Xml) => xml::read::read(bytes, limits),
        None if first_mark(bytes).is_none() => refuse(Fault::Empty),
        None => {
            let starts = excerpt(&String::from_utf8_lossy(&bytes[..bytes.len().min(16)]));
            refuse(Fault::Format { starts })
        }
    }
}

/// The first byte that is neither part of a byte order mark nor white space, in any of XML's encodings.
fn first_mark(bytes: &[u8]) -> Option<u8> {
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = text.strip_prefix(b"\xff\xfe").or_else(|| text.strip_prefix(b"\xfe\xff")).unwrap_or(text);
    text.iter().copied().find(|byte| !matches!(byte, 0 | b'\t' | b'\n' | b'\r' | b' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_property_list_is_named() {
        let cases: [(&[u8], Fault, &str); 6] = [
            (b"", Fault::Empty, "the input is empty, at byte 0"),
            (b" \r\n\t", Fault::Empty, "the input is empty, at byte 0"),
            (b"\xef\xbb\xbf", Fault::Empty, "the input is empty, at byte 0"),
            (
                b"{ a = b; }",
                Fault::Format { starts: "{ a = b; }".to_owned() },
                "neither a binary property list nor XML: it begins with `{ a = b; }`, at byte 0",
            ),
            (
                b"bplist15",
                Fault::Format { starts: "bplist15".to_owned() },
                "neither a binary property list nor XML: it begins with `bplist15`, at byte 0",
            ),
            (
                b"\x1b[31m\xff0123456789abcdefghi",
                Fault::Format { starts: "\\u{1b}[31m\u{fffd}0123456789".to_owned() },
                "neither a binary property list nor XML: it begins with `\\u{1b}[31m\u{fffd}0123456789`, at byte 0",
            ),
        ];
        for (bytes, fault, message) in cases {
            let error = read(bytes, &Limits::default()).unwrap_err();
            assert_eq!(error.fault, fault);
            assert_eq!(error.to_string(), message);
        }
    }

    #[test]
    fn an_input_of_exactly_the_limit_is_read() {
        let bytes = b"<true/>";
        let limits = Limits { input_bytes: bytes.len(), ..Limits::default() };
        assert_eq!(read(bytes, &limits), Ok(Value::Boolean(true)));
        let limits = Limits { input_bytes: bytes.len() - 1, ..Limits::default() };
        let error = read(bytes, &limits).unwrap_err();
        assert_eq!(error.fault, Fault::InputBytes { seen: 7, limit: 6 });
    }
}
