use super::directory::{ZIP64_FIELD, extra_field};
use super::error::shown;
use super::{ArchiveError, Entry, Method};
use crate::ReadAt;
use crate::bytes::{at_most, u16_at, u32_at, u64_at};

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
        let extra = bytes.get(name_end..extra_end).ok_or_else(missing)?.to_vec();
        let [mut size, mut compressed_size] = [22, 18].map(|place| u64::from(u32_at(&bytes, place)));
        let large = extra_field(&extra, ZIP64_FIELD);
        let mut numbers = large.unwrap_or_default().chunks_exact(8).map(|number| u64_at(number, 0));
        for number in [&mut size, &mut compressed_size] {
            if *number == u64::from(u32::MAX) {
                *number = numbers.next().unwrap_or(*number);
            }
        }
        Ok(Self {
            offset,
            content_offset: offset + extra_end as u64,
            version_needed: u16_at(&bytes, 4),
            flags: u16_at(&bytes, 6),
            method: Method::from_code(u16_at(&bytes, 8)),
            crc32: u32_at(&bytes, 14),
            compressed_size,
            size,
            zip64: large.is_some(),
            name_bytes: bytes.get(HEADER_BYTES..name_end).ok_or_else(missing)?.to_vec(),
            extra,
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
    /// Its own size: 12 or 20 bytes, and 4 more with a signature.
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
        let bytes = at_most(source, offset, 24)?;
        let crc32 = entry.crc32().to_le_bytes();
        let sizes = [entry.compressed_size(), entry.size()];
        let long = sizes.map(u64::to_le_bytes).concat();
        let short = sizes.map(|size| u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes()).concat();
        let forms = [&b"PK\x07\x08"[..], b""]
            .into_iter()
            .flat_map(|signature| [&short, &long].map(|sizes| [signature, &crc32, sizes].concat()));
        Ok(forms
            .filter(|form| bytes.starts_with(form))
            // The longest: a short form may be the beginning of a long one.
            .max_by_key(Vec::len)
            .and_then(|form| u32::try_from(form.len()).ok())
            .map(|size_bytes| Self { offset, size_bytes }))
    }
}
