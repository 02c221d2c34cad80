use std::io;

use crate::FileKind;

/// Why an archive, or an entry of it, cannot be read.
///
/// Names are shown escaped and cut to 200 characters.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ArchiveError {
    /// There is not one byte.
    #[error("the file is empty")]
    Empty,
    /// The file is something else.
    #[error("this is {kind}, and no zip archive: it starts with the bytes {start}, a zip with 50 4b 03 04")]
    NotZip {
        /// What it is, as far as the first bytes tell.
        kind: FileKind,
        /// The first bytes, in hexadecimal.
        start: String,
    },
    /// It starts like an archive, but its end is missing.
    #[error(
        "the archive is cut off: its {size_bytes} bytes start like a zip but hold no end record; transfer it again"
    )]
    CutOff {
        /// The size of what is there.
        size_bytes: u64,
    },
    /// The archive is one part of several.
    #[error("the archive is split over several files, and this is one part of it")]
    Split,
    /// The central directory cannot be where the end record says.
    #[error(
        "the end record places the central directory at byte {offset} with {size_bytes} bytes, where there is none"
    )]
    DirectoryPlace {
        /// Where it should be.
        offset: u64,
        /// How many bytes it should have.
        size_bytes: u64,
    },
    /// A record of the central directory makes no sense.
    #[error("the central directory is damaged at byte {offset}: {what}")]
    Directory {
        /// Where the record starts.
        offset: u64,
        /// What is wrong with it.
        what: &'static str,
    },
    /// More entries than [`Limits::entries`](crate::Limits::entries).
    #[error("the archive has more than {limit} entries")]
    Entries {
        /// The most allowed.
        limit: u32,
    },
    /// A central directory larger than [`Limits::directory_bytes`](crate::Limits::directory_bytes).
    #[error("the central directory has {found} bytes, {limit} bytes are the most")]
    DirectoryBytes {
        /// Its size.
        found: u64,
        /// The most allowed.
        limit: u64,
    },
    /// A name longer than [`Limits::name_bytes`](crate::Limits::name_bytes).
    #[error("an entry's name has {found} bytes, {limit} bytes are the most")]
    NameBytes {
        /// Its length.
        found: u32,
        /// The most allowed.
        limit: u32,
    },
    /// Entries that together hold more than [`Limits::total_bytes`](crate::Limits::total_bytes).
    #[error("the archive says it holds {found} bytes in all, {limit} bytes are the most")]
    TotalBytes {
        /// The sum of the declared sizes.
        found: u64,
        /// The most allowed.
        limit: u64,
    },
    /// An entry larger than it may be.
    #[error("{name} holds {found} bytes or more, {limit} bytes are the most")]
    EntryBytes {
        /// The entry.
        name: String,
        /// The size declared, or reached.
        found: u64,
        /// The most allowed.
        limit: u64,
    },
    /// An entry that inflates beyond [`Limits::ratio`](crate::Limits::ratio).
    #[error("{name} inflates to more than {limit} times its compressed size")]
    Ratio {
        /// The entry.
        name: String,
        /// The most allowed.
        limit: u32,
    },
    /// An encrypted entry.
    #[error("{name} is encrypted, which no device can read")]
    Encrypted {
        /// The entry.
        name: String,
    },
    /// An entry compressed otherwise than by storing (0) or deflating (8).
    #[error("{name} is compressed by method {method}; only 0 (stored) and 8 (deflated) can be read")]
    Method {
        /// The entry.
        name: String,
        /// The method's number.
        method: u16,
    },
    /// No local header where the central directory says.
    #[error("{name} has no local header at byte {offset}, where the central directory places it")]
    LocalHeader {
        /// The entry.
        name: String,
        /// The place.
        offset: u64,
    },
    /// The entry's bytes go beyond the archive.
    #[error("{name} is cut off: its {size_bytes} compressed bytes go beyond the end of the archive")]
    EntryCutOff {
        /// The entry.
        name: String,
        /// Its compressed size.
        size_bytes: u64,
    },
    /// The compressed bytes make no sense.
    #[error("{name} is damaged: its compressed bytes make no sense")]
    Deflate {
        /// The entry.
        name: String,
    },
    /// Another size than declared.
    #[error("{name} holds {found} bytes or more, the central directory says {declared}")]
    Size {
        /// The entry.
        name: String,
        /// The bytes that came.
        found: u64,
        /// The bytes announced.
        declared: u64,
    },
    /// Another checksum than declared.
    #[error("{name} is damaged: its checksum is {found:08x}, the central directory says {declared:08x}")]
    Checksum {
        /// The entry.
        name: String,
        /// The CRC-32 of what came.
        found: u32,
        /// The CRC-32 announced.
        declared: u32,
    },
    /// The source failed.
    #[error("reading failed at byte {offset}")]
    Read {
        /// Where.
        offset: u64,
        /// What the source said.
        #[source]
        source: io::Error,
    },
}

/// A name fit for an error: quoted, escaped, cut.
pub(crate) fn shown(name: &str) -> String {
    const LIMIT_CHARACTERS: usize = 200;
    match name.char_indices().nth(LIMIT_CHARACTERS) {
        Some((cut, _)) => format!("{:?}…", &name[..cut]),
        None => format!("{name:?}"),
    }
}
