use super::super::local::{DESCRIPTOR_SIGNATURE, DataDescriptor, LONGEST_DESCRIPTOR_BYTES, RawHeader};
use super::super::name::{Utf8Flag, decode};
use super::super::{Entry, Method};
use super::window::Window;
use super::{ArchiveWalk, CutOff, EntryPlace, Gap, HiddenEntry, OtherMethod, Overlap, Zip64Use, gap};
use crate::bytes::{u32_at, u64_at};
use crate::{Archive, ArchiveError, Fact, Seen};

const ENCRYPTED: u16 = 1;
const DESCRIPTOR_FOLLOWS: u16 = 1 << 3;

/// What the local headers say, and what lies between the entries.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Stream {
    /// Entries of the directory with no local header where it places them.
    pub missing_headers: Seen<EntryPlace>,
    /// Where local header and central directory disagree, each field by itself.
    pub disagreements: Seen<Disagreement>,
    /// What is not as usual behind entries that tell their size there.
    pub descriptors: Seen<OddDescriptor>,
    /// Entries with a local header that the directory does not list: readers of the directory never see them, a device
    /// that unpacks while it downloads does.
    pub hidden_entries: Seen<HiddenEntry>,
    /// Bytes that belong to no entry: before the first, between two, before the central directory.
    pub gaps: Seen<Gap>,
}

/// A field in which an entry's local header and the central directory disagree.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Disagreement {
    /// The entry.
    pub entry: EntryPlace,
    /// The field, and what either says.
    pub difference: Difference,
}

/// What local header and central directory say of one field.
///
/// Checksum and sizes are compared only where the local header has them (flag bit 3 is clear).
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "each variant has the same two fields, described above")]
pub enum Difference {
    /// The name.
    Name { local: String, central: String },
    /// The compression method's number.
    Method { local: u16, central: u16 },
    /// The general purpose flags.
    Flags { local: u16, central: u16 },
    /// The CRC-32 of the content.
    Crc32 { local: u32, central: u32 },
    /// The bytes of the content as stored.
    CompressedSize { local: u64, central: u64 },
    /// The bytes of the content once inflated.
    Size { local: u64, central: u64 },
}

/// A data descriptor that is not there, or not as it usually is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OddDescriptor {
    /// The entry.
    pub entry: EntryPlace,
    /// Where the descriptor is, or should be.
    pub offset: u64,
    /// What is odd.
    pub fault: DescriptorFault,
}

/// What is odd about a data descriptor.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DescriptorFault {
    /// Flag bit 3 announces one, and there is none.
    Missing,
    /// It tells other numbers than the central directory.
    Differs {
        /// Its CRC-32.
        crc32: u32,
        /// Its compressed size.
        compressed_size: u64,
        /// Its size.
        size: u64,
    },
    /// It lacks the signature `PK 7 8`, which the format leaves to choice.
    Unsigned,
    /// Its sizes have 64 bits and the local header has no ZIP64 field, or the other way round.
    OtherWidth,
}

/// How far entries reach so far, and which one reaches there.
struct Reached {
    end: u64,
    by: Option<u32>,
}

pub(super) fn walk(archive: &Archive<'_>, walk: &mut ArchiveWalk) -> Result<(), ArchiveError> {
    let count = u32::try_from(archive.entries().len()).unwrap_or(u32::MAX);
    let mut order: Vec<u32> = (0..count).collect();
    // Stable, so that entries at one place stay in the order of the directory; usually sorted already.
    order.sort_by_key(|index| archive.directory.entry(*index as usize).header_offset());

    let limit = archive.limits.walked_headers;
    let mut headers = (count <= limit).then(|| Headers {
        window: Window::new(archive, &order),
        hidden_left: limit - count,
        stream: Stream::default(),
    });
    let mut reached = Reached { end: 0, by: None };
    for index in &order {
        let entry = archive.directory.entry(*index as usize);
        let offset = entry.header_offset();
        if let Some(by) = reached.by
            && reached.end > offset
        {
            walk.overlaps.add(|| Overlap {
                entry: EntryPlace::of(&entry),
                within: EntryPlace::of(&archive.directory.entry(by as usize)),
                shared_bytes: reached.end - offset,
            });
        }
        let met = match &mut headers {
            Some(headers) => headers.meet(&entry)?,
            None => Met::unread(&entry),
        };
        note(walk, &entry, &met);
        if met.end > walk.directory_offset {
            walk.cut_off.add(|| CutOff {
                entry: EntryPlace::of(&entry),
                end: met.end,
                missing_bytes: met.end.saturating_sub(walk.size_bytes),
            });
        }
        // Where there is no header there is no entry: its place is in a gap, or in another one.
        if !met.is_there {
            continue;
        }
        if let Some(headers) = &mut headers {
            headers.gap(reached.end, offset.min(walk.directory_offset))?;
        }
        if reached.by.is_none() {
            walk.leading_bytes = offset.min(walk.directory_offset);
        }
        if reached.by.is_none() || met.end > reached.end {
            reached = Reached { end: met.end, by: Some(*index) };
        }
    }
    walk.stream = match headers {
        Some(mut headers) => {
            headers.gap(reached.end, walk.directory_offset)?;
            Fact::Known(headers.stream)
        }
        None if limit == 0 => Fact::NotMeasured("the limits leave the local headers out".to_owned()),
        None => Fact::NotMeasured(format!("the archive has {count} entries, and {limit} are walked at most")),
    };
    Ok(())
}

/// What is known of an entry once its place was passed.
struct Met {
    /// Whether it has a local header, as far as was looked.
    is_there: bool,
    /// The local header's, else the directory's.
    flags: u16,
    method: Method,
    zip64_header: bool,
    /// Where the entry ends; at the earliest, where the header was not read.
    end: u64,
}

impl Met {
    /// What the central directory alone tells.
    fn unread(entry: &Entry<'_>) -> Self {
        let shortest_header = 30 + entry.name_bytes().len() as u64;
        Self {
            is_there: true,
            flags: entry.flags(),
            method: entry.method(),
            zip64_header: false,
            end: entry
                .header_offset()
                .saturating_add(shortest_header)
                .saturating_add(entry.compressed_size()),
        }
    }
}

fn note(walk: &mut ArchiveWalk, entry: &Entry<'_>, met: &Met) {
    let place = || EntryPlace::of(entry);
    if met.flags & DESCRIPTOR_FOLLOWS != 0 {
        if entry.is_folder() {
            walk.folders_with_descriptor.add(place);
        } else if met.method == Method::Stored {
            walk.stored_with_descriptor.add(place);
        }
    }
    if (met.flags | entry.flags()) & ENCRYPTED != 0 {
        walk.encrypted.add(place);
    }
    for method in [met.method, entry.method()] {
        if let Method::Other(method) = method {
            walk.other_methods.add(|| OtherMethod { entry: place(), method });
            break;
        }
    }
    let fits = |number: u64| number < u64::from(u32::MAX);
    let (in_directory, in_header) = (entry.is_zip64(), met.zip64_header);
    if (in_directory || in_header)
        && [entry.size(), entry.compressed_size(), entry.header_offset()].into_iter().all(fits)
    {
        walk.needless_zip64.add(|| Zip64Use { entry: place(), in_directory, in_header });
    }
}

struct Headers<'a> {
    window: Window<'a>,
    /// How many more headers are read that the directory does not list.
    hidden_left: u32,
    stream: Stream,
}

impl Headers<'_> {
    /// Reads an entry's header and compares it with the directory, and then what follows the content.
    fn meet(&mut self, entry: &Entry<'_>) -> Result<Met, ArchiveError> {
        let offset = entry.header_offset();
        let Some(header) = self.window.header(offset)? else {
            self.stream.missing_headers.add(|| EntryPlace::of(entry));
            return Ok(Met { is_there: false, ..Met::unread(entry) });
        };
        for difference in differences(entry, &header) {
            self.stream
                .disagreements
                .add(|| Disagreement { entry: EntryPlace::of(entry), difference: difference.into_told() });
        }
        let content_end = offset.saturating_add(header.size_bytes()).saturating_add(entry.compressed_size());
        let mut met = Met {
            is_there: true,
            flags: header.flags(),
            method: header.method(),
            zip64_header: header.zip64,
            end: content_end,
        };
        if met.flags & DESCRIPTOR_FOLLOWS != 0 {
            met.end = content_end.saturating_add(self.descriptor(entry, content_end, met.zip64_header)?);
        }
        Ok(met)
    }

    /// The size of the data descriptor at `offset`.
    fn descriptor(&mut self, entry: &Entry<'_>, offset: u64, zip64: bool) -> Result<u64, ArchiveError> {
        let bytes = self.window.at(offset, LONGEST_DESCRIPTOR_BYTES)?;
        let (size_bytes, fault) = match DataDescriptor::parse(bytes, entry) {
            Some(size_bytes @ (12 | 20)) => (size_bytes, Some(DescriptorFault::Unsigned)),
            Some(size_bytes) if (size_bytes == 24) != zip64 => {
                (size_bytes, Some(DescriptorFault::OtherWidth))
            }
            Some(size_bytes) => (size_bytes, None),
            None if bytes.starts_with(DESCRIPTOR_SIGNATURE) && bytes.len() >= 16 => {
                let long = zip64 && bytes.len() >= 24;
                let crc32 = u32_at(bytes, 4);
                let [compressed_size, size] = if long {
                    [8, 16].map(|place| u64_at(bytes, place))
                } else {
                    [8, 12].map(|place| u32_at(bytes, place).into())
                };
                let differs = DescriptorFault::Differs { crc32, compressed_size, size };
                (if long { 24 } else { 16 }, Some(differs))
            }
            None => (0, Some(DescriptorFault::Missing)),
        };
        if let Some(fault) = fault {
            self.stream.descriptors.add(|| OddDescriptor { entry: EntryPlace::of(entry), offset, fault });
        }
        Ok(size_bytes.into())
    }

    /// Looks at the bytes from `start` to `end`, which belong to no entry, if there are any.
    fn gap(&mut self, start: u64, end: u64) -> Result<(), ArchiveError> {
        let Some(size_bytes) = end.checked_sub(start).filter(|size_bytes| *size_bytes > 0) else {
            return Ok(());
        };
        let content = gap::content(
            &mut self.window,
            start,
            end,
            &mut self.hidden_left,
            &mut self.stream.hidden_entries,
        )?;
        self.stream.gaps.add(|| Gap { offset: start, size_bytes, content });
        Ok(())
    }
}

/// A difference before its names are made text, which only those need that are kept.
enum Differs<'a> {
    Name { local: &'a [u8], local_flags: u16, central: &'a str },
    Other(Difference),
}

impl Differs<'_> {
    fn into_told(self) -> Difference {
        match self {
            Self::Name { local, local_flags, central } => Difference::Name {
                local: decode(local, Utf8Flag::of(local_flags)).into_owned(),
                central: central.to_owned(),
            },
            Self::Other(difference) => difference,
        }
    }
}

fn differences<'a>(entry: &Entry<'a>, header: &RawHeader<'a>) -> impl Iterator<Item = Differs<'a>> {
    let flags = header.flags();
    let name = (header.name != entry.name_bytes()).then(|| Differs::Name {
        local: header.name,
        local_flags: flags,
        central: entry.name(),
    });
    let (local, central) = (header.method().code(), entry.method().code());
    let method = (local != central).then_some(Difference::Method { local, central });
    let (local, central) = (flags, entry.flags());
    let other_flags = (local != central).then_some(Difference::Flags { local, central });
    let numbers = if flags & DESCRIPTOR_FOLLOWS == 0 {
        let (local, central) = (header.crc32(), entry.crc32());
        let crc32 = (local != central).then_some(Difference::Crc32 { local, central });
        let (local, central) = (header.compressed_size, entry.compressed_size());
        let compressed_size = (local != central).then_some(Difference::CompressedSize { local, central });
        let (local, central) = (header.size, entry.size());
        [crc32, compressed_size, (local != central).then_some(Difference::Size { local, central })]
    } else {
        [None, None, None]
    };
    let others = [method, other_flags].into_iter().chain(numbers).flatten();
    name.into_iter().chain(others.map(Differs::Other))
}
