use super::error::shown;
use super::{ArchiveError, Entry, Method};
use crate::ReadAt;
use crate::bytes::{at_most, u16_at, u32_at};

pub(super) const HEADER_BYTES: usize = 30;
pub(super) const HEADER_SIGNATURE: &[u8] = b"PK\x03\x04";

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
    /// The bytes of the content as stored, as the 32 bits say.
    pub compressed_size: u32,
    /// The bytes of the content once inflated, as the 32 bits say.
    pub size: u32,
    /// The name's bytes, as they are.
    pub name_bytes: Vec<u8>,
    /// The extra fields, as they are.
    pub extra: Vec<u8>,
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
        if bytes.len() < HEADER_BYTES || !bytes.starts_with(HEADER_SIGNATURE) {
            return Err(missing());
        }
        let name_end = HEADER_BYTES + usize::from(u16_at(&bytes, 26));
        let extra_end = name_end + usize::from(u16_at(&bytes, 28));
        if bytes.len() < extra_end {
            bytes = at_most(source, offset, extra_end)?;
        }
        Ok(Self {
            offset,
            content_offset: offset + extra_end as u64,
            version_needed: u16_at(&bytes, 4),
            flags: u16_at(&bytes, 6),
            method: Method::from_code(u16_at(&bytes, 8)),
            crc32: u32_at(&bytes, 14),
            compressed_size: u32_at(&bytes, 18),
            size: u32_at(&bytes, 22),
            name_bytes: bytes.get(HEADER_BYTES..name_end).ok_or_else(missing)?.to_vec(),
            extra: bytes.get(name_end..extra_end).ok_or_else(missing)?.to_vec(),
        })
    }
}

/// The bytes that a local header takes if its name is the directory's and its extra fields are the usual ones.
pub(super) fn likely_bytes(entry: &Entry<'_>) -> usize {
    HEADER_BYTES + entry.name_bytes().len() + 36
}
