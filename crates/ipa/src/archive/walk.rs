//! An archive as a device meets it: from its first byte on, header by header, while it is still downloading.

mod duplicates;
mod gap;
mod links;
mod stream;
mod window;

use crate::{Archive, ArchiveError, Fact, NameFault, Seen};

use super::Entry;

pub use duplicates::{Duplicate, Likeness};
pub use gap::{Gap, GapContent, HiddenEntry};
pub use links::{Link, LinkEnd, LinkTarget, Links};
pub use stream::{DescriptorFault, Difference, Disagreement, OddDescriptor, Stream};

/// What [`Archive::walk`] sees: each oddity with the entry and the byte where it is, and nothing judged.
///
/// Of every kind the first are kept and all are counted, so that a hostile archive takes no more memory than a sound one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ArchiveWalk {
    /// The bytes of the whole archive.
    pub size_bytes: u64,
    /// How many entries the central directory has.
    pub entries: usize,
    /// Where the central directory starts; entries lie before it.
    pub directory_offset: u64,
    /// The bytes before the first entry of the directory.
    pub leading_bytes: u64,
    /// The bytes after the end record and its comment.
    pub trailing_bytes: u64,
    /// An end record in ZIP64 form although all its numbers fit the plain one.
    pub needless_zip64_end: bool,
    /// Entries with a ZIP64 field although their sizes and places fit the plain ones.
    pub needless_zip64: Seen<Zip64Use>,
    /// Entries that are stored and yet tell their size behind the content (flag bit 3), so that nobody who reads forwards
    /// can know where they end. Folders are told apart.
    pub stored_with_descriptor: Seen<EntryPlace>,
    /// Folders whose flag bit 3 is set.
    pub folders_with_descriptor: Seen<EntryPlace>,
    /// Entries compressed otherwise than by storing or deflating.
    pub other_methods: Seen<OtherMethod>,
    /// Encrypted entries.
    pub encrypted: Seen<EntryPlace>,
    /// Entries that begin before another one ends.
    pub overlaps: Seen<Overlap>,
    /// Entries that end behind the place where the central directory starts.
    pub cut_off: Seen<CutOff>,
    /// Names that several entries share, or would share on some file systems.
    pub duplicates: Seen<Duplicate>,
    /// Names that are no paths.
    pub faulty_names: Seen<FaultyName>,
    /// What the local headers say, and what lies between the entries.
    pub stream: Fact<Stream>,
    /// Symbolic links and where they lead; absent where there is none.
    pub links: Fact<Links>,
}

/// An entry, and where it lies.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct EntryPlace {
    /// Its name in the central directory.
    pub name: String,
    /// Where its local header starts.
    pub offset: u64,
}

/// An entry compressed in a way no device can read.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct OtherMethod {
    /// The entry.
    pub entry: EntryPlace,
    /// The method's number.
    pub method: u16,
}

/// An entry with a ZIP64 field that it does not need.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Zip64Use {
    /// The entry.
    pub entry: EntryPlace,
    /// Whether the field is in the central directory.
    pub in_directory: bool,
    /// Whether the field is in the local header, where that was read.
    pub in_header: bool,
}

/// An entry that begins before another one ends.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Overlap {
    /// The entry.
    pub entry: EntryPlace,
    /// The one it begins within.
    pub within: EntryPlace,
    /// How many bytes they share at least.
    pub shared_bytes: u64,
}

/// An entry that ends behind the place where the central directory starts.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CutOff {
    /// The entry.
    pub entry: EntryPlace,
    /// Where it ends by what the central directory says.
    pub end: u64,
    /// How many of its bytes lie behind the last byte of the whole archive.
    pub missing_bytes: u64,
}

/// A name that is no path.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FaultyName {
    /// The entry.
    pub entry: EntryPlace,
    /// What is wrong with its name.
    pub fault: NameFault,
}

impl EntryPlace {
    fn of(entry: &Entry<'_>) -> Self {
        Self { name: entry.name().to_owned(), offset: entry.header_offset() }
    }
}

impl Archive<'_> {
    /// Walks the archive in the order of its bytes, and compares what stands there with the central directory.
    ///
    /// It reads every local header and what lies between the entries, of no entry the content, symbolic links excepted.
    /// Where there are more entries than [`Limits::walked_headers`](crate::Limits::walked_headers), or more links than
    /// [`Limits::followed_links`](crate::Limits::followed_links), it tells what the central directory alone can, and
    /// the rest is [`NotMeasured`](Fact::NotMeasured).
    ///
    /// # Errors
    ///
    /// [`ArchiveError::Read`] when the source fails. Nothing in the archive is an error to the walk.
    pub fn walk(&self) -> Result<ArchiveWalk, ArchiveError> {
        let mut walk = ArchiveWalk {
            size_bytes: self.source_bytes,
            entries: self.entries().len(),
            directory_offset: self.end.directory_offset,
            leading_bytes: 0,
            trailing_bytes: self.end.trailing_bytes,
            needless_zip64_end: self.end.zip64 && self.end.fits_plain(),
            needless_zip64: Seen::default(),
            stored_with_descriptor: Seen::default(),
            folders_with_descriptor: Seen::default(),
            other_methods: Seen::default(),
            encrypted: Seen::default(),
            overlaps: Seen::default(),
            cut_off: Seen::default(),
            duplicates: duplicates::find(self),
            faulty_names: Seen::default(),
            stream: Fact::Absent,
            links: links::follow(self)?,
        };
        for entry in self.entries() {
            if let Some(fault) = entry.name_fault() {
                walk.faulty_names.add(|| FaultyName { entry: EntryPlace::of(&entry), fault });
            }
        }
        stream::walk(self, &mut walk)?;
        Ok(walk)
    }
}
