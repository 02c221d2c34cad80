//! One entry: what it holds and how its headers speak of it.

use std::fmt;
use std::io::{self, Read, Write};
use std::sync::Arc;

use flate2::write::DeflateEncoder;
use time::UtcDateTime;
use time::macros::utc_datetime;

use super::Placed;
use super::content::{Content, Counted};
use super::habit::Habit;
use super::record::{Header, Zip64};

/// A file, directory or link of an [`Archive`](super::Archive); what is not said is as its [`Habit`] has it.
#[derive(Clone)]
#[must_use]
pub struct Entry {
    pub(super) name: Vec<u8>,
    pub(super) kind: Kind,
    pub(super) mode: u16,
    pub(super) modified: UtcDateTime,
    content: Content,
    payload: Option<Vec<u8>>,
    method: Option<Method>,
    descriptor: Option<Descriptor>,
    zip64: Zip64,
    flags: u16,
    comment: Vec<u8>,
    local_extra: Vec<u8>,
    central_extra: Vec<u8>,
    gap_before: Vec<u8>,
    listing: Listing,
    local_edits: Vec<Edit>,
    central_edits: Vec<Edit>,
}

type Edit = Arc<dyn Fn(&mut Header) + Send + Sync>;

/// What an entry is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory; its name ends in `/`.
    Directory,
    /// A symbolic link whose content is its target.
    Symlink,
}

/// How an entry is compressed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// As it is: method 0.
    Stored,
    /// Deflate: method 8.
    Deflated,
    /// Deflated, unless stored is shorter.
    Shorter,
}

/// What follows the data, in place of sizes in the local header (general purpose flag bit 3).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Descriptor {
    /// Nothing: the local header says it all.
    None,
    /// `PK\x07\x08`, CRC-32, two 32-bit sizes.
    Signed,
    /// CRC-32, two 32-bit sizes.
    Unsigned,
    /// `PK\x07\x08`, CRC-32, two 64-bit sizes.
    SignedZip64,
    /// CRC-32, two 64-bit sizes.
    UnsignedZip64,
    /// Nothing, although bit 3 is set; the sizes are in the local header (seen on a real package).
    Promised,
}

/// Which of the two directories knows the entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Listing {
    /// Both, as it should be.
    Both,
    /// The stream alone: readers of the central directory never see it.
    LocalOnly,
    /// The central directory alone; nothing lies at its offset unless an edit says where.
    CentralOnly,
}

impl Entry {
    /// A regular file with mode 0644.
    pub fn file(name: impl Into<Vec<u8>>, content: impl Into<Content>) -> Self {
        Self::new(name.into(), Kind::File, 0o100_644, content.into())
    }

    /// A file with mode 0755.
    pub fn executable(name: impl Into<Vec<u8>>, content: impl Into<Content>) -> Self {
        Self::file(name, content).mode(0o100_755)
    }

    /// A directory; give the name its closing `/`.
    pub fn directory(name: impl Into<Vec<u8>>) -> Self {
        Self::new(name.into(), Kind::Directory, 0o040_755, Content::from(""))
    }

    /// A symbolic link to `target`.
    pub fn symlink(name: impl Into<Vec<u8>>, target: impl Into<Vec<u8>>) -> Self {
        Self::new(name.into(), Kind::Symlink, 0o120_755, Content::from(target.into()))
    }

    fn new(name: Vec<u8>, kind: Kind, mode: u16, content: Content) -> Self {
        Self {
            name,
            kind,
            mode,
            modified: utc_datetime!(2026-01-15 12:00:00),
            content,
            payload: None,
            method: None,
            descriptor: None,
            zip64: Zip64::default(),
            flags: 0,
            comment: Vec::new(),
            local_extra: Vec::new(),
            central_extra: Vec::new(),
            gap_before: Vec::new(),
            listing: Listing::Both,
            local_edits: Vec::new(),
            central_edits: Vec::new(),
        }
    }

    /// The name given.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// Stores the content as it is.
    pub fn stored(mut self) -> Self {
        self.method = Some(Method::Stored);
        self
    }

    /// Deflates the content.
    pub fn deflated(mut self) -> Self {
        self.method = Some(Method::Deflated);
        self
    }

    /// Says what follows the data.
    pub fn descriptor(mut self, descriptor: Descriptor) -> Self {
        self.descriptor = Some(descriptor);
        self
    }

    /// Says when the Zip64 extra field is written.
    pub fn zip64(mut self, zip64: Zip64) -> Self {
        self.zip64 = zip64;
        self
    }

    /// Sets the UTF-8 flag (bit 11), whatever the name holds.
    pub fn utf8_flag(mut self) -> Self {
        self.flags |= 0x800;
        self
    }

    /// Sets the encryption flag (bit 0); the data stay as they are.
    pub fn encrypted_flag(mut self) -> Self {
        self.flags |= 1;
        self
    }

    /// The Unix mode with its type bits, such as `0o100644`.
    pub fn mode(mut self, mode: u16) -> Self {
        self.mode = mode;
        self
    }

    /// When the file was changed; headers keep steps of two seconds, from 1980 to 2107.
    pub fn modified(mut self, modified: UtcDateTime) -> Self {
        self.modified = modified;
        self
    }

    /// A comment, kept in the central directory.
    pub fn comment(mut self, comment: impl Into<Vec<u8>>) -> Self {
        self.comment = comment.into();
        self
    }

    /// Adds one extra field to both headers.
    pub fn extra(mut self, id: u16, data: &[u8]) -> Self {
        let field = super::record::extra_field(id, data);
        self.local_extra.extend(&field);
        self.central_extra.extend(&field);
        self
    }

    /// Puts bytes that belong to no entry before the local header.
    pub fn gap_before(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.gap_before = bytes.into();
        self
    }

    /// Puts these bytes where the compressed data belong; CRC-32 and size stay those of the content.
    pub fn payload(mut self, payload: impl Into<Vec<u8>>) -> Self {
        self.payload = Some(payload.into());
        self
    }

    /// Says which directories know the entry.
    pub fn listing(mut self, listing: Listing) -> Self {
        self.listing = listing;
        self
    }

    /// Changes the local header before it is written; the data stay.
    pub fn edit_local(mut self, edit: impl Fn(&mut Header) + Send + Sync + 'static) -> Self {
        self.local_edits.push(Arc::new(edit));
        self
    }

    /// Changes the central header before it is written.
    pub fn edit_central(mut self, edit: impl Fn(&mut Header) + Send + Sync + 'static) -> Self {
        self.central_edits.push(Arc::new(edit));
        self
    }

    /// Changes both headers alike.
    pub fn edit_both(self, edit: impl Fn(&mut Header) + Send + Sync + Clone + 'static) -> Self {
        self.edit_local(edit.clone()).edit_central(edit)
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry").field("name", &String::from_utf8_lossy(&self.name)).finish_non_exhaustive()
    }
}

/// What packing a content came to.
#[derive(Clone, Copy, Default)]
struct Packed {
    crc32: u32,
    compressed_size: u64,
    size: u64,
}

/// Writes one entry; the header is the one for the central directory, if it goes there.
pub(super) fn write<W: Write>(
    entry: &Entry,
    habit: Habit,
    first: bool,
    out: &mut Counted<W>,
) -> io::Result<(Placed, Option<Header>)> {
    out.write_all(&entry.gap_before)?;
    let offset = out.written();
    let mut known = None;
    let method = match entry.method.unwrap_or_else(|| habit.method(entry)) {
        Method::Stored => 0,
        Method::Deflated => 8,
        Method::Shorter => {
            let deflated = pack(entry, 8, io::sink())?;
            let helps = deflated.compressed_size < deflated.size;
            known = helps.then_some(deflated);
            if helps { 8 } else { 0 }
        }
    };
    let decided = habit.decide(entry, method, first);
    let descriptor = entry.descriptor.unwrap_or(decided.descriptor);
    let streamed = !matches!(descriptor, Descriptor::None | Descriptor::Promised);
    let beforehand = match known {
        _ if streamed => Packed {
            size: if decided.size_beforehand { entry.content.len() } else { 0 },
            ..Packed::default()
        },
        Some(packed) => packed,
        None => pack(entry, method, io::sink())?,
    };
    let (time, date) = dos_time(entry.modified);
    let header = Header {
        made_by: decided.made_by,
        needed: decided.needed.max(if entry.zip64 == Zip64::Always { 45 } else { 10 }),
        flags: entry.flags | decided.flags | if descriptor == Descriptor::None { 0 } else { 8 },
        method,
        time,
        date,
        crc32: beforehand.crc32,
        compressed_size: beforehand.compressed_size,
        size: beforehand.size,
        name: entry.name.clone(),
        extra: [&decided.local_extra[..], &entry.local_extra].concat(),
        comment: entry.comment.clone(),
        disk: 0,
        internal_attributes: 0,
        external_attributes: decided.external_attributes,
        offset,
        zip64: entry.zip64,
    };
    let mut span = offset..offset;
    let packed = if entry.listing == Listing::CentralOnly {
        pack(entry, method, io::sink())?
    } else {
        out.write_all(&edited(&header, &entry.local_edits).local())?;
        let start = out.written();
        let packed = pack(entry, method, &mut *out)?;
        span = start..out.written();
        if streamed {
            out.write_all(&descriptor_bytes(descriptor, packed))?;
        }
        packed
    };
    let central = Header {
        crc32: packed.crc32,
        compressed_size: packed.compressed_size,
        size: packed.size,
        extra: [&decided.central_extra[..], &entry.central_extra].concat(),
        ..header
    };
    let central = (entry.listing != Listing::LocalOnly).then(|| edited(&central, &entry.central_edits));
    Ok((
        Placed { name: entry.name.clone(), header: offset..span.start, data: span, end: out.written() },
        central,
    ))
}

fn edited(header: &Header, edits: &[Edit]) -> Header {
    let mut header = header.clone();
    for edit in edits {
        edit(&mut header);
    }
    header
}

/// Writes the content to `out` by `method`, or the payload in its place.
fn pack(entry: &Entry, method: u16, out: impl Write) -> io::Result<Packed> {
    let mut out = Counted::new(out);
    let sum = match (&entry.payload, method) {
        (Some(payload), _) => {
            out.write_all(payload)?;
            summed(&entry.content, io::sink())?
        }
        (None, 0) => summed(&entry.content, &mut out)?,
        (None, _) => {
            let mut encoder = DeflateEncoder::new(&mut out, entry.content.level());
            let sum = summed(&entry.content, &mut encoder)?;
            encoder.finish()?;
            sum
        }
    };
    Ok(Packed { crc32: sum, compressed_size: out.written(), size: entry.content.len() })
}

/// Copies the content to `out` and sums it up.
fn summed(content: &Content, mut out: impl Write) -> io::Result<u32> {
    let mut reader = content.reader();
    let mut buffer = [0; 16 * 1024];
    let mut sum = crc32fast::Hasher::new();
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            return Ok(sum.finalize());
        }
        sum.update(&buffer[..read]);
        out.write_all(&buffer[..read])?;
    }
}

fn descriptor_bytes(descriptor: Descriptor, packed: Packed) -> Vec<u8> {
    let mut out = Vec::new();
    if matches!(descriptor, Descriptor::Signed | Descriptor::SignedZip64) {
        out.extend(b"PK\x07\x08");
    }
    out.extend(packed.crc32.to_le_bytes());
    for size in [packed.compressed_size, packed.size] {
        if matches!(descriptor, Descriptor::SignedZip64 | Descriptor::UnsignedZip64) {
            out.extend(size.to_le_bytes());
        } else {
            out.extend(u32::try_from(size).unwrap_or(u32::MAX).to_le_bytes());
        }
    }
    out
}

/// MS-DOS time and date.
fn dos_time(at: UtcDateTime) -> (u16, u16) {
    let year = u16::try_from((at.year() - 1980).clamp(0, 127)).expect("clamped to seven bits");
    let time = u16::from(at.hour()) << 11 | u16::from(at.minute()) << 5 | u16::from(at.second() / 2);
    (time, year << 9 | u16::from(u8::from(at.month())) << 5 | u16::from(at.day()))
}
