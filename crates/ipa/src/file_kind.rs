use std::fmt;

use crate::bytes::at_most;
use crate::{ArchiveError, ReadAt};

/// What a file is, by its first bytes (a disk image: by its last).
///
/// For those who are told that a package is none: most such files are a page of a server that wanted a sign-in, or the
/// note that Git LFS leaves in place of a file.
///
/// ```
/// use ipa::FileKind;
///
/// assert_eq!(FileKind::of(b"\n<!doctype html><title>Sign in</title>"), FileKind::Html);
/// assert_eq!(FileKind::of(b"PK\x03\x04").to_string(), "a zip archive");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum FileKind {
    /// It has not one byte.
    Empty,
    /// `PK 3 4`: a zip archive that begins with an entry, as a package must.
    Zip,
    /// `PK 5 6`: a zip archive with nothing in it.
    EmptyZip,
    /// `PK 7 8`: a zip archive that is, or was meant to be, split over several files.
    SplitZip,
    /// A page for browsers.
    Html,
    /// A property list, XML or binary.
    PropertyList,
    /// Other XML.
    Xml,
    /// JSON.
    Json,
    /// The note that Git LFS keeps in a repository in place of a large file.
    LfsPointer,
    /// Compressed by gzip, such as a `.tar.gz`.
    Gzip,
    /// Compressed by bzip2.
    Bzip2,
    /// Compressed by xz.
    Xz,
    /// Compressed by Zstandard.
    Zstandard,
    /// A 7-Zip archive.
    SevenZip,
    /// A RAR archive.
    Rar,
    /// A tape archive.
    Tar,
    /// A `xar` archive: an installer package, a `.xip`.
    Xar,
    /// A disk image.
    DiskImage,
    /// A Mach-O executable, outside any package.
    Executable,
    /// An `AppleDouble` or `AppleSingle` file, such as the `._` files that Macs leave beside others.
    AppleDouble,
    /// A signed message, such as a provisioning profile.
    SignedMessage,
    /// Nothing but zero bytes at its beginning, as a download leaves that reserved room and broke off.
    Zeros,
    /// Text.
    Text,
    /// None of these.
    Other,
}

/// How many first bytes are looked at.
const START_BYTES: usize = 1024;
/// The trailer of a disk image.
const IMAGE_TRAILER_BYTES: u64 = 512;

impl FileKind {
    /// What a file is that begins with `start`; a kilobyte of it is enough.
    #[must_use]
    pub fn of(start: &[u8]) -> Self {
        let start = &start[..start.len().min(START_BYTES)];
        if start.is_empty() {
            return Self::Empty;
        }
        let magic: [(&[u8], Self); 20] = [
            (b"PK\x03\x04", Self::Zip),
            (b"PK\x05\x06", Self::EmptyZip),
            (b"PK\x07\x08", Self::SplitZip),
            (b"PK00PK", Self::SplitZip),
            (b"bplist0", Self::PropertyList),
            (b"\x1f\x8b", Self::Gzip),
            (b"BZh", Self::Bzip2),
            (b"\xfd7zXZ\0", Self::Xz),
            (b"\x28\xb5\x2f\xfd", Self::Zstandard),
            (b"7z\xbc\xaf\x27\x1c", Self::SevenZip),
            (b"Rar!\x1a\x07", Self::Rar),
            (b"xar!", Self::Xar),
            (b"\xce\xfa\xed\xfe", Self::Executable),
            (b"\xcf\xfa\xed\xfe", Self::Executable),
            (b"\xca\xfe\xba\xbe", Self::Executable),
            (b"\xca\xfe\xba\xbf", Self::Executable),
            (b"\x00\x05\x16\x00", Self::AppleDouble),
            (b"\x00\x05\x16\x07", Self::AppleDouble),
            (b"\x30\x80\x06\x09", Self::SignedMessage),
            (b"version https://git-lfs", Self::LfsPointer),
        ];
        if let Some((_, kind)) = magic.into_iter().find(|(magic, _)| start.starts_with(magic)) {
            return kind;
        }
        if start.get(257..262) == Some(b"ustar") {
            return Self::Tar;
        }
        // A message of known length: the object identifier of signed data comes after two lengths.
        if start.starts_with(b"\x30") && start.get(4..10) == Some(b"\x06\x09\x2a\x86\x48\x86") {
            return Self::SignedMessage;
        }
        if start.iter().all(|byte| *byte == 0) {
            return Self::Zeros;
        }
        Self::of_text(start).unwrap_or(Self::Other)
    }

    /// What a source is.
    ///
    /// # Errors
    ///
    /// [`ArchiveError::Read`] when the source fails.
    pub fn of_source(source: &dyn ReadAt) -> Result<Self, ArchiveError> {
        let kind = Self::of(&at_most(source, 0, START_BYTES)?);
        let of_image = |kind| matches!(kind, Self::Other | Self::Zeros | Self::Bzip2 | Self::Text);
        if of_image(kind)
            && let Some(offset) = source.len().checked_sub(IMAGE_TRAILER_BYTES)
            && at_most(source, offset, 4)? == b"koly"
        {
            return Ok(Self::DiskImage);
        }
        Ok(kind)
    }

    fn of_text(start: &[u8]) -> Option<Self> {
        let text = if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
            let little = start[0] == 0xff;
            let units = start[2..].chunks_exact(2).map(|pair| {
                let pair = [pair[0], pair[1]];
                if little { u16::from_le_bytes(pair) } else { u16::from_be_bytes(pair) }
            });
            char::decode_utf16(units).map(|one| one.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        } else {
            let odd = |byte: &u8| *byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | 0x1b);
            if start.iter().any(odd) {
                return None;
            }
            String::from_utf8_lossy(start).into_owned()
        };
        let text = text.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
        let is = |beginnings: &[&str]| beginnings.iter().any(|beginning| text.starts_with(beginning));
        Some(if is(&["<!doctype plist", "<plist"]) || is(&["<?xml"]) && text.contains("<plist") {
            Self::PropertyList
        } else if is(&["<!doctype html", "<html", "<head", "<body", "<script", "<!--", "<title", "<meta"])
            || text.contains("<html")
        {
            Self::Html
        } else if is(&["<?xml", "<"]) {
            Self::Xml
        } else if is(&["{", "["]) {
            Self::Json
        } else {
            Self::Text
        })
    }

    /// What it is, fit to follow "this is", such as `an HTML page`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Empty => "an empty file",
            Self::Zip => "a zip archive",
            Self::EmptyZip => "a zip archive with nothing in it",
            Self::SplitZip => "one part of a zip archive split over several files",
            Self::Html => "an HTML page",
            Self::PropertyList => "a property list",
            Self::Xml => "an XML document",
            Self::Json => "a JSON document",
            Self::LfsPointer => "a note that Git LFS left in place of the file",
            Self::Gzip => "a file compressed by gzip",
            Self::Bzip2 => "a file compressed by bzip2",
            Self::Xz => "a file compressed by xz",
            Self::Zstandard => "a file compressed by Zstandard",
            Self::SevenZip => "a 7-Zip archive",
            Self::Rar => "a RAR archive",
            Self::Tar => "a tar archive",
            Self::Xar => "an installer package (xar)",
            Self::DiskImage => "a disk image",
            Self::Executable => "an executable without its package",
            Self::AppleDouble => "an AppleDouble file, which holds attributes of another",
            Self::SignedMessage => "a signed message, such as a provisioning profile",
            Self::Zeros => "a file of zero bytes",
            Self::Text => "text",
            Self::Other => "no kind of file that is known here",
        }
    }
}

impl fmt::Display for FileKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_bytes() {
        let mut tar = vec![b'a'; 512];
        tar[257..263].copy_from_slice(b"ustar\0");
        let utf16 = b"\xff\xfe<\0!\0d\0o\0c\0t\0y\0p\0e\0 \0h\0t\0m\0l\0>\0";
        for (start, expected) in [
            (&b""[..], FileKind::Empty),
            (b"PK\x03\x04\x14\0", FileKind::Zip),
            (b"PK\x05\x06\0\0", FileKind::EmptyZip),
            (b"PK\x07\x08PK\x03\x04", FileKind::SplitZip),
            (b"PK", FileKind::Text),
            (b"\xef\xbb\xbf \r\n<!DOCTYPE html>", FileKind::Html),
            (b"<HTML lang=en>", FileKind::Html),
            (b"<?xml version=\"1.0\"?><!DOCTYPE html><html>", FileKind::Html),
            (utf16, FileKind::Html),
            (b"<?xml version=\"1.0\"?>\n<plist>", FileKind::PropertyList),
            (b"bplist00", FileKind::PropertyList),
            (b"<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", FileKind::Xml),
            (b"{\"message\":\"Not Found\"}", FileKind::Json),
            (b"version https://git-lfs.github.com/spec/v1\n", FileKind::LfsPointer),
            (b"\x1f\x8b\x08\0", FileKind::Gzip),
            (&tar, FileKind::Tar),
            (b"\xca\xfe\xba\xbe\0\0\0\x02", FileKind::Executable),
            (b"\x30\x82\x30\x39\x06\x09\x2a\x86\x48\x86\xf7", FileKind::SignedMessage),
            (b"\0\0\0\0\0\0", FileKind::Zeros),
            (b"404 page not found", FileKind::Text),
            (b"\x01\x02\x03", FileKind::Other),
        ] {
            assert_eq!(FileKind::of(start), expected, "{}", String::from_utf8_lossy(start));
        }
    }

    #[test]
    fn a_disk_image_is_known_by_its_end() {
        let mut image = vec![0; 4096];
        assert_eq!(FileKind::of_source(&image).unwrap(), FileKind::Zeros);
        image[4096 - 512..][..4].copy_from_slice(b"koly");
        assert_eq!(FileKind::of_source(&image).unwrap(), FileKind::DiskImage);
    }
}
