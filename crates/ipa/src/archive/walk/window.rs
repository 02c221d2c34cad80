use super::super::local::{LONGEST_DESCRIPTOR_BYTES, RawHeader};
use crate::{Archive, ArchiveError};

/// What is read at once where headers stand close together.
const WINDOW_BYTES: u64 = 16 << 10;
/// A header with a name and extra fields of the usual length.
const LIKELY_HEADER_BYTES: u64 = 256;

/// The archive's bytes around the headers: those between the contents of large entries in small pieces, those of small
/// entries many at once.
pub(super) struct Window<'a> {
    archive: &'a Archive<'a>,
    /// The entries' indices, in the order of their headers.
    order: &'a [u32],
    bytes: Vec<u8>,
    offset: u64,
}

impl<'a> Window<'a> {
    pub(super) fn new(archive: &'a Archive<'a>, order: &'a [u32]) -> Self {
        Self { archive, order, bytes: Vec::new(), offset: 0 }
    }

    /// The `count` bytes at `offset`, or as many as there are.
    pub(super) fn at(&mut self, offset: u64, count: usize) -> Result<&[u8], ArchiveError> {
        let there = self.archive.source_bytes.saturating_sub(offset);
        let count = usize::try_from(there).map_or(count, |there| there.min(count));
        let held = offset.checked_sub(self.offset).and_then(|place| usize::try_from(place).ok());
        let place = match held {
            Some(place) if self.bytes.get(place..).is_some_and(|rest| rest.len() >= count) => place,
            _ => {
                let wanted = (self.likely_end(offset) - offset).max(count as u64);
                let wanted = usize::try_from(wanted).unwrap_or(count);
                // Not by the source's own length: to ask a file costs as much as to read it.
                self.bytes.resize(usize::try_from(there).map_or(wanted, |there| there.min(wanted)), 0);
                let read = self.archive.source.read_exact_at(offset, &mut self.bytes);
                read.map_err(|source| ArchiveError::Read { offset, source })?;
                self.offset = offset;
                0
            }
        };
        Ok(self.bytes.get(place..place + count).unwrap_or_default())
    }

    /// The local header at `offset`, if there is one.
    pub(super) fn header(&mut self, offset: u64) -> Result<Option<RawHeader<'_>>, ArchiveError> {
        let fixed = self.at(offset, LONGEST_DESCRIPTOR_BYTES.max(30))?;
        let Some(wanted_bytes) = RawHeader::wanted_bytes(fixed) else {
            return Ok(None);
        };
        Ok(RawHeader::parse(self.at(offset, wanted_bytes)?))
    }

    /// The end of the last header that starts within a window of `offset`.
    fn likely_end(&self, offset: u64) -> u64 {
        let reach = offset.saturating_add(WINDOW_BYTES - LIKELY_HEADER_BYTES);
        let header_offset = |index: &u32| self.archive.directory.entry(*index as usize).header_offset();
        let within = self.order.partition_point(|index| header_offset(index) <= reach);
        let last = within.checked_sub(1).map_or(0, |place| header_offset(&self.order[place]));
        last.max(offset).saturating_add(LIKELY_HEADER_BYTES)
    }
}
