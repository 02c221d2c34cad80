//! Numbers out of bytes, and bytes out of a source.

use crate::{ArchiveError, ReadAt};

/// The bytes at `offset`, `count` of them or as many as there are.
pub(crate) fn at_most(source: &dyn ReadAt, offset: u64, count: usize) -> Result<Vec<u8>, ArchiveError> {
    let rest = source.len().saturating_sub(offset);
    let mut bytes = vec![0; usize::try_from(rest).map_or(count, |rest| rest.min(count))];
    source.read_exact_at(offset, &mut bytes).map_err(|source| ArchiveError::Read { offset, source })?;
    Ok(bytes)
}

/// A little-endian number; 0 where the bytes end too early, so check the length first.
pub(crate) fn u16_at(bytes: &[u8], place: usize) -> u16 {
    array_at(bytes, place).map_or(0, u16::from_le_bytes)
}

/// A little-endian number; 0 where the bytes end too early, so check the length first.
pub(crate) fn u32_at(bytes: &[u8], place: usize) -> u32 {
    array_at(bytes, place).map_or(0, u32::from_le_bytes)
}

/// A little-endian number; 0 where the bytes end too early, so check the length first.
pub(crate) fn u64_at(bytes: &[u8], place: usize) -> u64 {
    array_at(bytes, place).map_or(0, u64::from_le_bytes)
}

/// The `N` bytes at `place`, if there are so many.
pub(crate) fn array_at<const N: usize>(bytes: &[u8], place: usize) -> Option<[u8; N]> {
    bytes.get(place..)?.first_chunk().copied()
}

/// A big-endian number, if it is there whole.
pub(crate) fn big_u32_at(bytes: &[u8], place: usize) -> Option<u32> {
    array_at(bytes, place).map(u32::from_be_bytes)
}
