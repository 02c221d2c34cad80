use super::error::ArchiveError;
use super::local::{DESCRIPTOR_SIGNATURE, HEADER_SIGNATURE, RawHeader};
use super::name::{Utf8Flag, decode};
use super::{EntryPlace, end};
use crate::bytes::{at_most, u16_at};
use crate::{Limits, ReadAt};

/// How much of the end is searched for the last thing that can be told apart.
const TAIL_BYTES: u64 = 1 << 20;
const RECORD_BYTES: usize = 46;
const END_BYTES: usize = 22;
const DESCRIPTOR_FOLLOWS: u16 = 1 << 3;

/// Where an archive was cut, as an upload or a copy that broke off leaves it, and how much is missing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cut {
    /// The bytes that are there.
    pub size_bytes: u64,
    /// Where they end, or what lacks.
    pub place: CutPlace,
    /// The last entry that begins in what is there, where one was found; likely, not sure, where the entries before it do
    /// not tell their sizes.
    pub last_entry: Option<EntryPlace>,
    /// How much is missing.
    pub missing: Missing,
}

/// The part of an archive that a cut goes through.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum CutPlace {
    /// An entry, or the place between two.
    Entries,
    /// The central directory.
    Directory,
    /// The end record.
    EndRecord,
    /// The end is whole; bytes lack before it: the beginning, or a piece from the middle.
    BeforeTheEnd,
}

/// How many bytes are missing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Missing {
    /// So many.
    Exactly(u64),
    /// So many or more.
    AtLeast(u64),
}

impl Cut {
    /// Looks for the cut in a source that [`Archive::open`](crate::Archive::open) refused with `error`; `None` where it
    /// is no archive, or one that is refused for something else.
    ///
    /// # Errors
    ///
    /// [`ArchiveError::Read`] when the source fails.
    pub fn find(
        source: &dyn ReadAt,
        error: &ArchiveError,
        limits: &Limits,
    ) -> Result<Option<Self>, ArchiveError> {
        match error {
            ArchiveError::CutOff { .. } => Self::at_end(source, limits).map(Some),
            ArchiveError::DirectoryPlace { .. } => Ok(end::missing_bytes(source)?.map(|missing| Self {
                size_bytes: source.len(),
                place: CutPlace::BeforeTheEnd,
                last_entry: None,
                missing: Missing::Exactly(missing),
            })),
            _ => Ok(None),
        }
    }

    /// The cut of an archive that begins well and has no end record.
    fn at_end(source: &dyn ReadAt, limits: &Limits) -> Result<Self, ArchiveError> {
        let size_bytes = source.len();
        let walked = Walked::from_start(source, limits)?;
        let cut = |place, missing| Self { size_bytes, place, last_entry: walked.last_entry.clone(), missing };
        // The least that follows an entry: its record in the directory, and the end record.
        let rest = |entry: &Option<EntryPlace>| {
            let name = entry.as_ref().map_or(0, |entry| entry.name.len());
            (RECORD_BYTES + name + END_BYTES) as u64
        };
        if let Some(end) = walked.beyond {
            let missing = Missing::AtLeast((end - size_bytes).saturating_add(rest(&walked.last_entry)));
            return Ok(cut(CutPlace::Entries, missing));
        }
        let offset = size_bytes.saturating_sub(TAIL_BYTES).max(walked.end);
        let tail = at_most(source, offset, usize::try_from(TAIL_BYTES).unwrap_or(usize::MAX))?;
        for place in (0..tail.len().saturating_sub(3)).rev() {
            let here = &tail[place..];
            match &here[..4] {
                b"PK\x05\x06" if here.len() < END_BYTES => {
                    return Ok(cut(CutPlace::EndRecord, Missing::AtLeast((END_BYTES - here.len()) as u64)));
                }
                b"PK\x05\x06" => {
                    let whole = END_BYTES + usize::from(u16_at(here, 20));
                    let Some(missing) = whole.checked_sub(here.len()).filter(|missing| *missing > 0) else {
                        continue;
                    };
                    return Ok(cut(CutPlace::EndRecord, Missing::Exactly(missing as u64)));
                }
                // A ZIP64 record or its locator: the plain end record always follows.
                b"PK\x06\x06" | b"PK\x06\x07" if here.len() <= 76 => {
                    return Ok(cut(CutPlace::EndRecord, Missing::AtLeast(END_BYTES as u64)));
                }
                b"PK\x01\x02" => {
                    if let Some(missing) = missing_behind(here) {
                        return Ok(cut(CutPlace::Directory, Missing::AtLeast(missing)));
                    }
                }
                signature if signature == HEADER_SIGNATURE => {
                    if let Some(entry) = likely_entry(here, offset + place as u64) {
                        let missing = Missing::AtLeast(rest(&Some(entry.clone())));
                        return Ok(Self { last_entry: Some(entry), ..cut(CutPlace::Entries, missing) });
                    }
                }
                _ => {}
            }
        }
        Ok(cut(CutPlace::Entries, Missing::AtLeast(rest(&walked.last_entry))))
    }
}

/// How many bytes lack at least behind a record of the central directory that starts here, if it is the last that is there.
fn missing_behind(bytes: &[u8]) -> Option<u64> {
    let whole = match bytes.len().checked_sub(RECORD_BYTES) {
        Some(_) => {
            RECORD_BYTES + [28, 30, 32].map(|place| usize::from(u16_at(bytes, place))).iter().sum::<usize>()
        }
        None => RECORD_BYTES,
    };
    // Less than a signature may follow: of the next record, or of the end.
    let next = bytes.get(whole..).unwrap_or_default();
    let is_last = next.len() < 4 && (next.is_empty() || next.starts_with(b"P"));
    is_last.then(|| (whole.saturating_sub(bytes.len()) + END_BYTES - next.len()) as u64)
}

/// The entry whose header seems to start here; compressed content may hold the four bytes of a signature by chance.
fn likely_entry(bytes: &[u8], offset: u64) -> Option<EntryPlace> {
    let header = RawHeader::parse(bytes)?;
    let is_likely = header.version_needed() & 0xff <= 63
        && matches!(header.method().code(), 0 | 8)
        && !header.name.is_empty()
        && header.name.len() <= 1024;
    is_likely.then(|| place(&header, offset))
}

fn place(header: &RawHeader<'_>, offset: u64) -> EntryPlace {
    let name = decode(header.name, Utf8Flag::of(header.flags())).into_owned();
    EntryPlace { name, offset }
}

/// What can be walked from the first byte on without inflating.
#[derive(Default)]
struct Walked {
    last_entry: Option<EntryPlace>,
    /// Where the last entry ends, if that is behind the end.
    beyond: Option<u64>,
    /// How far the walk came.
    end: u64,
}

impl Walked {
    fn from_start(source: &dyn ReadAt, limits: &Limits) -> Result<Self, ArchiveError> {
        let size_bytes = source.len();
        let mut walked = Self::default();
        for _ in 0..limits.walked_headers {
            let mut bytes = at_most(source, walked.end, 256)?;
            let Some(wanted_bytes) = RawHeader::wanted_bytes(&bytes) else { break };
            if wanted_bytes > bytes.len() {
                bytes = at_most(source, walked.end, wanted_bytes)?;
            }
            let Some(header) = RawHeader::parse(&bytes) else {
                walked.beyond = Some(walked.end + wanted_bytes as u64);
                break;
            };
            let content = walked.end + header.size_bytes();
            let streamed = header.flags() & DESCRIPTOR_FOLLOWS != 0;
            walked.last_entry = Some(place(&header, walked.end));
            if streamed && header.compressed_size == 0 {
                walked.end = content;
                break;
            }
            let end = content.saturating_add(header.compressed_size);
            if end > size_bytes {
                walked.beyond = Some(end);
                break;
            }
            walked.end = end;
            if streamed && at_most(source, end, 4)? == DESCRIPTOR_SIGNATURE {
                walked.end = end.saturating_add(if header.zip64 { 24 } else { 16 });
            }
        }
        Ok(walked)
    }
}
