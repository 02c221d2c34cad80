use std::collections::BTreeMap;

use super::end::End;
use super::name::{Utf8Flag, decode};
use super::{ArchiveError, Child, Entry};
use crate::bytes::{u16_at, u32_at, u64_at};
use crate::{Limits, ReadAt};

const RECORD_BYTES: usize = 46;
const RECORD_SIGNATURE: &[u8] = b"PK\x01\x02";
/// The number of the extra field with sizes of 64 bits.
pub(super) const ZIP64_FIELD: u16 = 0x0001;
/// One record is at most this large: its fixed part, name, extra fields, comment.
const LARGEST_RECORD_BYTES: usize = RECORD_BYTES + 3 * u16::MAX as usize;
/// How much of the directory is read at once: few requests over a network, little memory.
const WINDOW_BYTES: usize = 512 << 10;

/// The central directory, compact: one text for all names, fixed records beside it.
///
/// Source: PKWARE, APPNOTE 6.3.10, 4.3.12 and 4.5.3.
pub(super) struct Directory {
    records: Vec<Record>,
    names: String,
    /// The bytes of names that were not UTF-8.
    odd_names: BTreeMap<usize, Box<[u8]>>,
    /// Indices of records, by name and then by place.
    by_name: Vec<u32>,
}

#[derive(Clone, Debug)]
pub(super) struct Record {
    name_start: u32,
    name_end: u32,
    pub(super) header_offset: u64,
    pub(super) compressed_size: u64,
    pub(super) size: u64,
    pub(super) crc32: u32,
    pub(super) external_attributes: u32,
    pub(super) version_made_by: u16,
    pub(super) version_needed: u16,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) zip64: bool,
}

impl Directory {
    /// Reads records for as long as there are any: their number in the end record is 16 bits wide, and tools exist
    /// that let it wrap around.
    pub(super) fn read(source: &dyn ReadAt, end: &End, limits: &Limits) -> Result<Self, ArchiveError> {
        if end.directory_bytes > limits.directory_bytes {
            return Err(ArchiveError::DirectoryBytes {
                found: end.directory_bytes,
                limit: limits.directory_bytes,
            });
        }
        let mut directory = Self {
            records: Vec::new(),
            names: String::new(),
            odd_names: BTreeMap::new(),
            by_name: Vec::new(),
        };
        let mut window = Window::new(source, end);
        let mut total_bytes = 0_u64;
        while let Some(record) = window.next_record()? {
            if directory.records.len() as u64 >= u64::from(limits.entries) {
                return Err(ArchiveError::Entries { limit: limits.entries });
            }
            if u32::from(record.name_bytes) > limits.name_bytes {
                return Err(ArchiveError::NameBytes {
                    found: record.name_bytes.into(),
                    limit: limits.name_bytes,
                });
            }
            let record = directory.push(&record, end.leading_bytes)?;
            total_bytes = total_bytes.saturating_add(record.size);
        }
        if total_bytes > limits.total_bytes {
            return Err(ArchiveError::TotalBytes { found: total_bytes, limit: limits.total_bytes });
        }
        if (directory.records.len() as u64) < end.declared_entries {
            return Err(ArchiveError::Directory {
                offset: window.offset(),
                what: "it ends before the number of entries that the end record says",
            });
        }
        directory.records.shrink_to_fit();
        directory.names.shrink_to_fit();
        directory.index();
        Ok(directory)
    }

    fn push(&mut self, raw: &RawRecord<'_>, leading_bytes: u64) -> Result<&Record, ArchiveError> {
        let fixed = raw.fixed;
        let flags = u16_at(fixed, 8);
        let text = decode(raw.name, Utf8Flag::of(flags));
        if text.as_bytes() != raw.name {
            self.odd_names.insert(self.records.len(), raw.name.into());
        }
        let too_large =
            |_| ArchiveError::Directory { offset: raw.offset, what: "its names are too long in all" };
        let name_start = u32::try_from(self.names.len()).map_err(too_large)?;
        self.names.push_str(&text);
        let name_end = u32::try_from(self.names.len()).map_err(too_large)?;
        let mut record = Record {
            name_start,
            name_end,
            version_made_by: u16_at(fixed, 4),
            version_needed: u16_at(fixed, 6),
            flags,
            method: u16_at(fixed, 10),
            crc32: u32_at(fixed, 16),
            compressed_size: u32_at(fixed, 20).into(),
            size: u32_at(fixed, 24).into(),
            external_attributes: u32_at(fixed, 38),
            header_offset: u32_at(fixed, 42).into(),
            zip64: false,
        };
        if let Some(large) = extra_field(raw.extra, ZIP64_FIELD) {
            record.zip64 = true;
            // Only the numbers that are saturated are there, in this order.
            let mut numbers = large.chunks_exact(8).map(|number| u64_at(number, 0));
            for number in [&mut record.size, &mut record.compressed_size, &mut record.header_offset] {
                if *number == u64::from(u32::MAX) {
                    *number = numbers.next().ok_or(ArchiveError::Directory {
                        offset: raw.offset,
                        what: "a ZIP64 field lacks a number that its record refers to",
                    })?;
                }
            }
        }
        record.header_offset = record.header_offset.saturating_add(leading_bytes);
        Ok(self.records.push_mut(record))
    }

    fn index(&mut self) {
        let count = u32::try_from(self.records.len()).unwrap_or(u32::MAX);
        let mut by_name: Vec<u32> = (0..count).collect();
        by_name.sort_unstable_by(|one, other| {
            self.name(*one as usize).cmp(self.name(*other as usize)).then(one.cmp(other))
        });
        self.by_name = by_name;
    }

    fn name(&self, index: usize) -> &str {
        let record = &self.records[index];
        &self.names[record.name_start as usize..record.name_end as usize]
    }

    pub(super) fn entry(&self, index: usize) -> Entry<'_> {
        let name = self.name(index);
        let name_bytes = self.odd_names.get(&index).map_or(name.as_bytes(), |bytes| bytes);
        Entry { record: &self.records[index], name, name_bytes }
    }

    pub(super) fn entries(&self) -> impl ExactSizeIterator<Item = Entry<'_>> {
        (0..self.records.len()).map(|index| self.entry(index))
    }

    pub(super) fn entries_by_name(&self) -> impl ExactSizeIterator<Item = Entry<'_>> {
        self.by_name.iter().map(|index| self.entry(*index as usize))
    }

    pub(super) fn find(&self, name: &str) -> Option<Entry<'_>> {
        let after = self.by_name.partition_point(|index| self.name(*index as usize) <= name);
        let last = *self.by_name.get(after.checked_sub(1)?)? as usize;
        (self.name(last) == name).then(|| self.entry(last))
    }

    pub(super) fn children<'a>(&'a self, folder: &str) -> impl Iterator<Item = Child<'a>> + use<'a> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let mut place = self.first_from(&prefix);
        std::iter::from_fn(move || {
            loop {
                let name = self.name(*self.by_name.get(place)? as usize).strip_prefix(&*prefix)?;
                match name.split_once('/') {
                    Some((child, _)) => {
                        // All that lies in the folder stands together; `0` is what follows `/`.
                        place = self.first_from(&format!("{prefix}{child}0"));
                        return Some(Child::Folder(child));
                    }
                    None => place += 1,
                }
                if !name.is_empty() {
                    return Some(Child::File(name));
                }
            }
        })
    }

    fn first_from(&self, bound: &str) -> usize {
        self.by_name.partition_point(|index| self.name(*index as usize) < bound)
    }
}

/// The content of the first extra field with this number.
pub(super) fn extra_field(mut extra: &[u8], wanted: u16) -> Option<&[u8]> {
    while let Some((head, rest)) = extra.split_at_checked(4) {
        let (content, rest) = rest.split_at_checked(u16_at(head, 2).into())?;
        if u16_at(head, 0) == wanted {
            return Some(content);
        }
        extra = rest;
    }
    None
}

/// A record of the directory, in the window.
struct RawRecord<'w> {
    offset: u64,
    fixed: &'w [u8],
    name_bytes: u16,
    name: &'w [u8],
    extra: &'w [u8],
}

/// The part of the directory that is in memory.
struct Window<'s> {
    source: &'s dyn ReadAt,
    /// Where the next bytes are read from.
    next: u64,
    end: u64,
    bytes: Vec<u8>,
    /// Where in `bytes` the next record starts.
    place: usize,
}

impl<'s> Window<'s> {
    fn new(source: &'s dyn ReadAt, end: &End) -> Self {
        Self {
            source,
            next: end.directory_offset,
            end: end.directory_offset + end.directory_bytes,
            bytes: Vec::new(),
            place: 0,
        }
    }

    fn offset(&self) -> u64 {
        self.next - (self.bytes.len() - self.place) as u64
    }

    /// The next record; `None` at the end, or where something else follows (a signature of the directory may).
    fn next_record(&mut self) -> Result<Option<RawRecord<'_>>, ArchiveError> {
        if self.bytes.len() - self.place < LARGEST_RECORD_BYTES && self.next < self.end {
            self.slide()?;
        }
        let offset = self.offset();
        let bytes = &self.bytes[self.place..];
        if !bytes.starts_with(RECORD_SIGNATURE) {
            return Ok(None);
        }
        let cut_off = ArchiveError::Directory { offset, what: "the record is cut off" };
        let Some((fixed, rest)) = bytes.split_at_checked(RECORD_BYTES) else {
            return Err(cut_off);
        };
        let [name_bytes, extra_bytes, comment_bytes] = [28, 30, 32].map(|place| u16_at(fixed, place));
        let Some((name, rest)) = rest.split_at_checked(name_bytes.into()) else {
            return Err(cut_off);
        };
        let Some((extra, rest)) = rest.split_at_checked(extra_bytes.into()) else {
            return Err(cut_off);
        };
        if rest.len() < usize::from(comment_bytes) {
            return Err(cut_off);
        }
        self.place += fixed.len() + name.len() + extra.len() + usize::from(comment_bytes);
        Ok(Some(RawRecord { offset, fixed, name_bytes, name, extra }))
    }

    fn slide(&mut self) -> Result<(), ArchiveError> {
        self.bytes.drain(..self.place);
        self.place = 0;
        let kept = self.bytes.len();
        let left = usize::try_from(self.end - self.next).unwrap_or(usize::MAX);
        self.bytes.resize(kept + left.min(WINDOW_BYTES), 0);
        self.source
            .read_exact_at(self.next, &mut self.bytes[kept..])
            .map_err(|source| ArchiveError::Read { offset: self.next, source })?;
        self.next += (self.bytes.len() - kept) as u64;
        Ok(())
    }
}
