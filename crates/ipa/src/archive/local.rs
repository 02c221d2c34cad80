use super::directory::{ZIP64_FIELD, extra_field};
use super::error::shown;
use super::{ArchiveError, Entry, Method};
use crate::ReadAt;
use crate::bytes::{array_at, at_most, u16_at, u32_at, u64_at};

pub(super) const HEADER_BYTES: usize = 30;
pub(super) const HEADER_SIGNATURE: &[u8] = b"PK\x03\x04";
pub(super) const DESCRIPTOR_SIGNATURE: &[u8] = b"PK\x07\x08";
pub(super) const LONGEST_DESCRIPTOR_BYTES: usize = 24;

/// The header in front of an entry's content, which a device that unpacks while it downloads goes by.
///
/// Source: PKWARE, APPNOTE 6.3.10, 4.3.7.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LocalHeader {
    /// Where it starts.
    pub offset: u64,
    /// Where the content starts.
    pub content_offset: u64,
    /// The format's version that is needed to read the entry, times ten.
    pub version_needed: u16,
    /// The general purpose flags.
    pub flags: u16,
    /// How the content is compressed.
    pub method: Method,
    /// The CRC-32 of the content, or 0 where it follows the content.
    pub crc32: u32,
    /// The bytes of the content as stored, or 0 where they are told behind the content.
    pub compressed_size: u64,
    /// The bytes of the content once inflated, or 0 where they are told behind the content.
    pub size: u64,
    /// Whether a ZIP64 extra field comes with it.
    pub zip64: bool,
    /// The name's bytes, as they are.
    pub name_bytes: Vec<u8>,
    /// The extra fields, as they are.
    pub extra: Vec<u8>,
}

/// A local header as it lies in bytes.
pub(super) struct RawHeader<'b> {
    fixed: &'b [u8],
    pub(super) name: &'b [u8],
    pub(super) extra: &'b [u8],
    pub(super) compressed_size: u64,
    pub(super) size: u64,
    pub(super) zip64: bool,
}

impl<'b> RawHeader<'b> {
    /// How many bytes the header takes that starts here, if one does.
    pub(super) fn wanted_bytes(bytes: &[u8]) -> Option<usize> {
        let is_header = bytes.len() >= HEADER_BYTES && bytes.starts_with(HEADER_SIGNATURE);
        is_header.then(|| HEADER_BYTES + usize::from(u16_at(bytes, 26)) + usize::from(u16_at(bytes, 28)))
    }

    /// The header that starts here, if it is there whole.
    pub(super) fn parse(bytes: &'b [u8]) -> Option<Self> {
        let bytes = bytes.get(..Self::wanted_bytes(bytes)?)?;
        let (fixed, rest) = bytes.split_at(HEADER_BYTES);
        let (name, extra) = rest.split_at(u16_at(fixed, 26).into());
        let [mut size, mut compressed_size] = [22, 18].map(|place| u64::from(u32_at(fixed, place)));
        let large = extra_field(extra, ZIP64_FIELD);
        let mut numbers = large.unwrap_or_default().chunks_exact(8).map(|number| u64_at(number, 0));
        for number in [&mut size, &mut compressed_size] {
            if *number == u64::from(u32::MAX) {
                *number = numbers.next().unwrap_or(*number);
            }
        }
        Some(Self { fixed, name, extra, compressed_size, size, zip64: large.is_some() })
    }

    pub(super) fn version_needed(&self) -> u16 {
        u16_at(self.fixed, 4)
    }

    pub(super) fn flags(&self) -> u16 {
        u16_at(self.fixed, 6)
    }

    pub(super) fn method(&self) -> Method {
        Method::from_code(u16_at(self.fixed, 8))
    }

    pub(super) fn crc32(&self) -> u32 {
        u32_at(self.fixed, 14)
    }

    /// The bytes of the whole header.
    pub(super) fn size_bytes(&self) -> u64 {
        (self.fixed.len() + self.name.len() + self.extra.len()) as u64
    }
}

impl LocalHeader {
    pub(super) fn read(
        source: &dyn ReadAt,
        source_bytes: u64,
        entry: &Entry<'_>,
    ) -> Result<Self, ArchiveError> {
        let offset = entry.header_offset();
        let missing = || ArchiveError::LocalHeader { name: shown(entry.name()), offset };
        if offset >= source_bytes {
            return Err(missing());
        }
        // Most headers are read whole by the first guess.
        let mut bytes = at_most(source, offset, likely_bytes(entry))?;
        let wanted_bytes = RawHeader::wanted_bytes(&bytes).ok_or_else(missing)?;
        if bytes.len() < wanted_bytes {
            bytes = at_most(source, offset, wanted_bytes)?;
        }
        let raw = RawHeader::parse(&bytes).ok_or_else(missing)?;
        Ok(Self {
            offset,
            content_offset: offset + raw.size_bytes(),
            version_needed: raw.version_needed(),
            flags: raw.flags(),
            method: raw.method(),
            crc32: raw.crc32(),
            compressed_size: raw.compressed_size,
            size: raw.size,
            zip64: raw.zip64,
            name_bytes: raw.name.to_vec(),
            extra: raw.extra.to_vec(),
        })
    }
}

/// The bytes that a local header takes if its name is the directory's and its extra fields are the usual ones.
pub(super) fn likely_bytes(entry: &Entry<'_>) -> usize {
    HEADER_BYTES + entry.name_bytes().len() + 36
}

/// What stands behind the content of an entry whose sizes were not known before it.
///
/// Source: PKWARE, APPNOTE 6.3.10, 4.3.9.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct DataDescriptor {
    /// Where it starts.
    pub offset: u64,
    /// Its own size: 12 bytes, or 20 with sizes of 64 bits, and 4 more with a signature.
    pub size_bytes: u32,
}

impl DataDescriptor {
    /// Finds the one of its four forms that tells the numbers of the central directory; there is no other way to know
    /// which it is.
    pub(super) fn find(
        source: &dyn ReadAt,
        entry: &Entry<'_>,
        header: &LocalHeader,
    ) -> Result<Option<Self>, ArchiveError> {
        let offset = header.content_offset.saturating_add(entry.compressed_size());
        let bytes = at_most(source, offset, LONGEST_DESCRIPTOR_BYTES)?;
        Ok(Self::parse(&bytes, entry).map(|size_bytes| Self { offset, size_bytes }))
    }

    /// The size of the descriptor that starts here, if it tells the numbers of the central directory.
    pub(super) fn parse(bytes: &[u8], entry: &Entry<'_>) -> Option<u32> {
        let long = [entry.compressed_size(), entry.size()];
        let short = long.map(|size| u32::try_from(size).unwrap_or(u32::MAX));
        let signed = bytes.strip_prefix(DESCRIPTOR_SIGNATURE);
        let found = signed.into_iter().chain([bytes]).filter_map(|rest| {
            let told = rest.strip_prefix(&entry.crc32().to_le_bytes())?;
            // The longer first: the short form may be the beginning of the long one.
            let told_bytes = if [0, 8].map(|at| array_at(told, at).map(u64::from_le_bytes)) == long.map(Some)
            {
                16
            } else if [0, 4].map(|at| array_at(told, at).map(u32::from_le_bytes)) == short.map(Some) {
                8
            } else {
                return None;
            };
            Some(bytes.len() - told.len() + told_bytes)
        });
        found.max().and_then(|size_bytes| u32::try_from(size_bytes).ok())
    }
}
