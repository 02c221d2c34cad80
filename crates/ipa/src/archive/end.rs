use super::ArchiveError;
use crate::bytes::{at_most, u16_at, u32_at, u64_at};
use crate::{FileKind, ReadAt};

const END_BYTES: usize = 22;
const END_SIGNATURE: &[u8] = b"PK\x05\x06";
const LOCATOR_BYTES: usize = 20;
const LOCATOR_SIGNATURE: &[u8] = b"PK\x06\x07";
const ZIP64_END_BYTES: usize = 56;
const ZIP64_END_SIGNATURE: &[u8] = b"PK\x06\x06";
const DIRECTORY_SIGNATURE: &[u8] = b"PK\x01\x02";

/// Where the end record may start at the earliest: its comment has 65,535 bytes at most.
const TAIL_BYTES: usize = LOCATOR_BYTES + END_BYTES + u16::MAX as usize;

/// What the end record says, and its ZIP64 form where there is one.
///
/// Source: PKWARE, APPNOTE 6.3.10, 4.3.14 to 4.3.16.
#[derive(Clone, Debug)]
pub(super) struct End {
    pub(super) directory_offset: u64,
    pub(super) directory_bytes: u64,
    pub(super) declared_entries: u64,
    pub(super) leading_bytes: u64,
    pub(super) trailing_bytes: u64,
    pub(super) zip64: bool,
}

/// The numbers of either form of the record.
struct Declared {
    entries: u64,
    directory_offset: u64,
    directory_bytes: u64,
    /// Where the directory ends at the latest: the start of the record the numbers are from.
    ends_before: u64,
    /// Whether the numbers are from the ZIP64 form.
    zip64: bool,
    trailing_bytes: u64,
}

impl End {
    /// Whether the plain form of the record has room for the numbers.
    pub(super) fn fits_plain(&self) -> bool {
        let places = [self.directory_offset - self.leading_bytes, self.directory_bytes];
        self.declared_entries < u64::from(u16::MAX)
            && places.into_iter().all(|place| place < u64::from(u32::MAX))
    }

    pub(super) fn find(source: &dyn ReadAt, source_bytes: u64) -> Result<Self, ArchiveError> {
        if source_bytes == 0 {
            return Err(ArchiveError::Empty);
        }
        let Some(declared) = declared(source)? else {
            return Err(no_end(source, source_bytes)?);
        };
        let leading_bytes = leading_bytes(source, &declared)?;
        Ok(Self {
            directory_offset: declared.directory_offset + leading_bytes,
            directory_bytes: declared.directory_bytes,
            declared_entries: declared.entries,
            leading_bytes,
            trailing_bytes: declared.trailing_bytes,
            zip64: declared.zip64,
        })
    }
}

/// How many bytes lack between the archive's beginning and its end record, if fewer are there than the record says.
pub(super) fn missing_bytes(source: &dyn ReadAt) -> Result<Option<u64>, ArchiveError> {
    Ok(declared(source)?.and_then(|declared| {
        let end = declared.directory_offset.checked_add(declared.directory_bytes)?;
        end.checked_sub(declared.ends_before).filter(|missing| *missing > 0)
    }))
}

/// What the end record says, whether in its ZIP64 form, and how many bytes follow it.
fn declared(source: &dyn ReadAt) -> Result<Option<Declared>, ArchiveError> {
    let tail_offset = source.len().saturating_sub(TAIL_BYTES as u64);
    let tail = at_most(source, tail_offset, TAIL_BYTES)?;
    let Some(place) = place_of_record(&tail) else {
        return Ok(None);
    };
    let record = &tail[place..];
    let comment_bytes = usize::from(u16_at(record, 20));
    let trailing_bytes = record.len().saturating_sub(END_BYTES + comment_bytes) as u64;
    let record_offset = tail_offset + place as u64;

    let small = Declared {
        entries: u16_at(record, 10).into(),
        directory_bytes: u32_at(record, 12).into(),
        directory_offset: u32_at(record, 16).into(),
        ends_before: record_offset,
        zip64: false,
        trailing_bytes,
    };
    let saturated = small.entries == u64::from(u16::MAX)
        || small.directory_bytes == u64::from(u32::MAX)
        || small.directory_offset == u64::from(u32::MAX);
    let locator = place.checked_sub(LOCATOR_BYTES).map(|start| &tail[start..place]);
    let large = match locator.filter(|locator| locator.starts_with(LOCATOR_SIGNATURE)) {
        Some(locator) => zip64_record(source, locator, record_offset - LOCATOR_BYTES as u64)?,
        None => None,
    };
    let declared = match large {
        Some(large) => Declared { trailing_bytes, ..large },
        // Each of the numbers may be just that large by itself.
        None if saturated && locator.is_some_and(|locator| locator.starts_with(LOCATOR_SIGNATURE)) => {
            return Err(ArchiveError::Directory {
                offset: record_offset,
                what: "the ZIP64 end record is not where its locator says",
            });
        }
        None => {
            let [disk, directory_disk] = [u16_at(record, 4), u16_at(record, 6)];
            if disk != 0 || directory_disk != 0 {
                return Err(ArchiveError::Split);
            }
            small
        }
    };
    Ok(Some(declared))
}

/// The last record whose comment reaches exactly to the end, or else the last whose comment fits at all.
fn place_of_record(tail: &[u8]) -> Option<usize> {
    let mut fitting = None;
    for place in (0..=tail.len().checked_sub(END_BYTES)?).rev() {
        let record = &tail[place..];
        if !record.starts_with(END_SIGNATURE) {
            continue;
        }
        match (END_BYTES + usize::from(u16_at(record, 20))).cmp(&record.len()) {
            std::cmp::Ordering::Equal => return Some(place),
            std::cmp::Ordering::Less => fitting = fitting.or(Some(place)),
            std::cmp::Ordering::Greater => {}
        }
    }
    fitting
}

fn no_end(source: &dyn ReadAt, source_bytes: u64) -> Result<ArchiveError, ArchiveError> {
    let kind = FileKind::of_source(source)?;
    if kind == FileKind::Zip {
        return Ok(ArchiveError::CutOff { size_bytes: source_bytes });
    }
    let start: Vec<String> = at_most(source, 0, 4)?.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(ArchiveError::NotZip { kind, start: start.join(" ") })
}

/// The ZIP64 record: where the locator says, or right before the locator when other bytes lead the archive.
fn zip64_record(
    source: &dyn ReadAt,
    locator: &[u8],
    locator_offset: u64,
) -> Result<Option<Declared>, ArchiveError> {
    let before_locator = locator_offset.checked_sub(ZIP64_END_BYTES as u64);
    for offset in [Some(u64_at(locator, 8)), before_locator].into_iter().flatten() {
        if offset > locator_offset {
            continue;
        }
        let record = at_most(source, offset, ZIP64_END_BYTES)?;
        if record.len() < ZIP64_END_BYTES || !record.starts_with(ZIP64_END_SIGNATURE) {
            continue;
        }
        if u32_at(&record, 16) != 0 || u32_at(&record, 20) != 0 {
            return Err(ArchiveError::Split);
        }
        return Ok(Some(Declared {
            entries: u64_at(&record, 32),
            directory_bytes: u64_at(&record, 40),
            directory_offset: u64_at(&record, 48),
            ends_before: offset,
            zip64: true,
            trailing_bytes: 0,
        }));
    }
    Ok(None)
}

/// How far the directory lies behind the place it is declared to be at.
fn leading_bytes(source: &dyn ReadAt, declared: &Declared) -> Result<u64, ArchiveError> {
    let misplaced = || ArchiveError::DirectoryPlace {
        offset: declared.directory_offset,
        size_bytes: declared.directory_bytes,
    };
    let latest = declared.ends_before.checked_sub(declared.directory_bytes).ok_or_else(misplaced)?;
    let leading = latest.checked_sub(declared.directory_offset).ok_or_else(misplaced)?;
    if declared.directory_bytes == 0 {
        return Ok(0);
    }
    if at_most(source, declared.directory_offset, 4)? == DIRECTORY_SIGNATURE {
        return Ok(0);
    }
    if at_most(source, latest, 4)? == DIRECTORY_SIGNATURE {
        return Ok(leading);
    }
    Err(misplaced())
}
