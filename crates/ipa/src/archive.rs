//! The walk through a ZIP archive: end record, central directory, entries.
//!
//! It refuses only what makes reading unsafe or impossible. What a device may stumble over is kept for others to judge.

mod content;
mod cut;
mod directory;
mod end;
mod entry;
mod error;
mod local;
mod name;
mod walk;

use unicode_normalization::UnicodeNormalization;

use crate::{FileKind, Limits, ReadAt, Seen};

use content::Damages;
pub use content::{DamagedEntry, EntryReader};
pub use cut::{Cut, CutPlace, Missing};
pub use entry::{Entry, Method};
pub use error::ArchiveError;
pub(crate) use error::shown;
pub use local::{DataDescriptor, LocalHeader};
pub use name::NameFault;
pub use walk::{
    ArchiveWalk, CutOff, DescriptorFault, Difference, Disagreement, Duplicate, EntryPlace, FaultyName, Gap,
    GapContent, HiddenEntry, Likeness, Link, LinkEnd, LinkTarget, Links, OddDescriptor, OtherMethod, Overlap,
    Stream, Zip64Use,
};

use directory::Directory;
use end::End;

/// An open archive: its central directory in memory, its entries where they are.
///
/// ```
/// use ipa::{Archive, Limits};
///
/// // The shortest archive there is: an end record, and nothing in it.
/// let mut bytes = b"PK\x05\x06".to_vec();
/// bytes.resize(22, 0);
/// let archive = Archive::open(&bytes, &Limits::default())?;
/// assert_eq!(archive.entries().count(), 0);
/// # Ok::<(), ipa::ArchiveError>(())
/// ```
pub struct Archive<'s> {
    source: &'s dyn ReadAt,
    source_bytes: u64,
    limits: Limits,
    end: End,
    directory: Directory,
    damages: Damages,
}

/// What lies directly in a folder of an [`Archive`].
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Child<'a> {
    /// A file of this name.
    File(&'a str),
    /// A folder of this name: an entry for it, or entries in it, or both.
    Folder(&'a str),
}

impl<'a> Child<'a> {
    /// The name, without the folder it lies in.
    #[must_use]
    pub fn name(self) -> &'a str {
        match self {
            Self::File(name) | Self::Folder(name) => name,
        }
    }
}

impl<'s> Archive<'s> {
    /// Finds the end record, reads the central directory and indexes its names.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when this is no archive, when it is cut off or damaged, or when it goes beyond a limit.
    pub fn open(source: &'s dyn ReadAt, limits: &Limits) -> Result<Self, ArchiveError> {
        let source_bytes = source.len();
        let end = End::find(source, source_bytes)?;
        let directory = Directory::read(source, &end, limits)?;
        Ok(Self { source, source_bytes, limits: limits.clone(), end, directory, damages: Damages::default() })
    }

    /// The bytes of the whole archive.
    #[must_use]
    pub fn source_bytes(&self) -> u64 {
        self.source_bytes
    }

    /// What the source is by its first bytes; a zip archive that something was put in front of is something else.
    ///
    /// # Errors
    ///
    /// [`ArchiveError::Read`] when the source fails.
    pub fn kind(&self) -> Result<FileKind, ArchiveError> {
        FileKind::of_source(self.source)
    }

    /// Where the central directory starts; entries lie before it.
    #[must_use]
    pub fn directory_offset(&self) -> u64 {
        self.end.directory_offset
    }

    /// The bytes before the place that the archive's offsets count from, as in front of a self-extracting archive.
    #[must_use]
    pub fn leading_bytes(&self) -> u64 {
        self.end.leading_bytes
    }

    /// The bytes after the end record and its comment.
    #[must_use]
    pub fn trailing_bytes(&self) -> u64 {
        self.end.trailing_bytes
    }

    /// Whether the end record has a ZIP64 form.
    #[must_use]
    pub fn is_zip64(&self) -> bool {
        self.end.zip64
    }

    /// How many entries the end record speaks of; [`Archive::entries`] gives those that are there.
    #[must_use]
    pub fn declared_entries(&self) -> u64 {
        self.end.declared_entries
    }

    /// Every entry, in the order of the central directory.
    #[must_use]
    pub fn entries(&self) -> impl ExactSizeIterator<Item = Entry<'_>> {
        self.directory.entries()
    }

    /// Every entry, ordered by the bytes of its name; entries of one name follow each other.
    #[must_use]
    pub fn entries_by_name(&self) -> impl ExactSizeIterator<Item = Entry<'_>> {
        self.directory.entries_by_name()
    }

    /// The entry of this name, exactly, or else with its last part under Unicode's canonical equivalence: file systems
    /// of Apple's write "é" as two characters and take either form. Of several with one name it is the last.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Entry<'_>> {
        self.directory.find(name).or_else(|| {
            let (folder, wanted) = name.rsplit_once('/').unwrap_or(("", name));
            if wanted.is_ascii() {
                return None;
            }
            // Only the folder's own files are compared, so that many names cost no more than once.
            let found = self.children(folder).find_map(|child| match child {
                Child::File(file) if !file.is_ascii() && file.nfc().eq(wanted.nfc()) => Some(file),
                _ => None,
            })?;
            self.directory.find(&if folder.is_empty() {
                found.to_owned()
            } else {
                format!("{folder}/{found}")
            })
        })
    }

    /// What lies directly in `folder` (`Payload/Demo.app`, without a slash at the end; empty for the top level),
    /// ordered by name.
    pub fn children<'a>(&'a self, folder: &str) -> impl Iterator<Item = Child<'a>> + use<'a> {
        self.directory.children(folder)
    }

    /// Reads the header in front of an entry's content.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when there is no header at that place.
    pub fn local_header(&self, entry: &Entry<'_>) -> Result<LocalHeader, ArchiveError> {
        LocalHeader::read(self.source, self.source_bytes, entry)
    }

    /// The data descriptor behind an entry's content, if one is there that tells the central directory's numbers.
    ///
    /// # Errors
    ///
    /// [`ArchiveError::Read`] when the source fails.
    pub fn data_descriptor(
        &self,
        entry: &Entry<'_>,
        header: &LocalHeader,
    ) -> Result<Option<DataDescriptor>, ArchiveError> {
        DataDescriptor::find(self.source, entry, header)
    }

    /// A reader of an entry's content, inflated, which ends in an error if size or checksum differ from what the
    /// central directory says.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when the entry is encrypted, compressed in an unknown way, or not where it should be.
    pub fn reader(&self, entry: &Entry<'_>) -> Result<EntryReader<'s>, ArchiveError> {
        EntryReader::open(self.source, self.source_bytes, entry, &self.limits, &self.damages)
    }

    /// What was found damaged by all that was read of it so far.
    #[must_use]
    pub fn damaged(&self) -> Seen<DamagedEntry> {
        self.damages.seen()
    }

    /// The whole content of an entry of at most `limit_bytes`.
    ///
    /// # Errors
    ///
    /// [`ArchiveError::EntryBytes`] when it is larger; else what [`Archive::reader`] and its result give.
    pub fn read(&self, entry: &Entry<'_>, limit_bytes: u64) -> Result<Vec<u8>, ArchiveError> {
        if entry.size() > limit_bytes {
            return Err(ArchiveError::EntryBytes {
                name: error::shown(entry.name()),
                found: entry.size(),
                limit: limit_bytes,
            });
        }
        // An entry gives no more than the size it declares, which is within the limit now.
        self.reader(entry)?.read_all()
    }
}

impl std::fmt::Debug for Archive<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Archive")
            .field("source_bytes", &self.source_bytes)
            .field("entries", &self.entries().len())
            .finish_non_exhaustive()
    }
}
