/// What a manifest begins with, before it is read as a property list.
///
/// A manifest that is answered by a script often has an empty line or a warning before its `<?xml`; a page of a sign-in
/// is no manifest at all.
///
/// ```
/// use itms_services::ManifestBeginning;
///
/// assert_eq!(ManifestBeginning::of(b"<?xml version=\"1.0\"?><plist>"), ManifestBeginning::PropertyList);
/// assert_eq!(ManifestBeginning::of(b"\n\n<?xml "), ManifestBeginning::WhiteSpace { xml_offset: 2 });
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum ManifestBeginning {
    /// A property list, XML or binary, from the first byte on.
    PropertyList,
    /// A mark of the byte order, and then a property list in XML.
    ByteOrderMark,
    /// White space before `<?xml`, which XML forbids.
    WhiteSpace {
        /// Where the XML begins.
        xml_offset: usize,
    },
    /// Other text before the XML, such as a warning of the server's script.
    Text {
        /// Where the XML begins.
        xml_offset: usize,
    },
    /// A page for browsers.
    Html,
    /// JSON, as an interface answers errors.
    Json,
    /// Nothing, or nothing but white space.
    Empty,
    /// Something else, with no property list in its first 4 KiB.
    Other,
}

/// How far a property list is looked for.
const LOOK_BYTES: usize = 4096;

impl ManifestBeginning {
    /// What these bytes begin with.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(b"bplist") {
            return Self::PropertyList;
        }
        // In any encoding of 16 bits as well: the zeros between are left out.
        let marks: [&[u8]; 3] = [b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"];
        let mark_bytes = marks.into_iter().find(|mark| bytes.starts_with(mark)).map_or(0, <[u8]>::len);
        let rest = &bytes[mark_bytes..];
        let start: Vec<(usize, u8)> = rest
            .iter()
            .take(LOOK_BYTES)
            .enumerate()
            .filter(|(_, byte)| **byte != 0)
            .map(|(at, byte)| (at, byte.to_ascii_lowercase()))
            .collect();
        let text: Vec<u8> = start.iter().map(|(_, byte)| *byte).collect();
        let Some(first) = text.iter().position(|byte| !byte.is_ascii_whitespace()) else {
            return Self::Empty;
        };
        let is = |beginnings: &[&str]| beginnings.iter().any(|one| text[first..].starts_with(one.as_bytes()));
        if is(&["<!doctype html", "<html", "<head", "<body", "<script"]) {
            return Self::Html;
        }
        let place = |mark: &str| text.windows(mark.len()).position(|here| here == mark.as_bytes());
        let xml = ["<?xml", "<!doctype plist", "<plist"].iter().filter_map(|mark| place(mark)).min();
        let is_xhtml = place("<html").is_some() && place("<plist").is_none();
        match xml {
            Some(_) if is_xhtml => Self::Html,
            Some(0) if mark_bytes > 0 => Self::ByteOrderMark,
            Some(0) => Self::PropertyList,
            Some(xml) => {
                let xml_offset = start[xml].0 + mark_bytes;
                if first == xml { Self::WhiteSpace { xml_offset } } else { Self::Text { xml_offset } }
            }
            None if is(&["{", "["]) => Self::Json,
            None => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_before_the_xml_is_told() {
        let utf16: Vec<u8> =
            "\u{feff}<?xml version=\"1.0\"?>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for (bytes, expected) in [
            (&b"<?xml version=\"1.0\"?><plist/>"[..], ManifestBeginning::PropertyList),
            (b"<plist version=\"1.0\">", ManifestBeginning::PropertyList),
            (b"bplist00", ManifestBeginning::PropertyList),
            (b"\xef\xbb\xbf<?xml version=\"1.0\"?>", ManifestBeginning::ByteOrderMark),
            (&utf16, ManifestBeginning::ByteOrderMark),
            (b"\r\n <?xml version=\"1.0\"?>", ManifestBeginning::WhiteSpace { xml_offset: 3 }),
            (b"\xef\xbb\xbf\n<?xml", ManifestBeginning::WhiteSpace { xml_offset: 4 }),
            (b"Warning: x in y.php\n<?xml ?><plist>", ManifestBeginning::Text { xml_offset: 20 }),
            (b"<br />\n<b>Notice</b><?xml ?><plist>", ManifestBeginning::Text { xml_offset: 20 }),
            (b"\n<!DOCTYPE html><html>", ManifestBeginning::Html),
            (b"<?xml version=\"1.0\"?><!DOCTYPE html><html>", ManifestBeginning::Html),
            (b"{\"error\":\"not found\"}", ManifestBeginning::Json),
            (b"", ManifestBeginning::Empty),
            (b" \n\0", ManifestBeginning::Empty),
            (b"404 page not found", ManifestBeginning::Other),
            (b"PK\x03\x04", ManifestBeginning::Other),
        ] {
            assert_eq!(ManifestBeginning::of(bytes), expected, "{}", String::from_utf8_lossy(bytes));
        }
    }
}
