//! ZIP archives, honest ones and lying ones, in the header habits of the tools that make app packages.
//!
//! [`Archive`] holds [`Entry`] values and writes them to memory or to any [`Write`]; contents are generated while
//! they are written, so a 1 GiB archive needs no more memory than a small one.
//!
//! ```
//! use testkit::zip::{Archive, Descriptor, Entry, Habit};
//!
//! let bytes = Archive::with_habit(Habit::InfoZip)
//!     .entry(Entry::directory("Payload/"))
//!     .entry(Entry::file("Payload/honest.txt", "all is well"))
//!     .entry(Entry::file("Payload/streamed.txt", "which iOS refuses").stored().descriptor(Descriptor::Signed))
//!     .entry(Entry::file("Payload/liar.txt", "short").edit_local(|header| header.crc32 ^= 1))
//!     .build();
//! assert_eq!(&bytes[..4], b"PK\x03\x04");
//! ```

mod content;
mod entry;
mod habit;
pub mod hostile;
mod record;

use std::fmt;
use std::io::{self, Write};
use std::ops::Range;
use std::sync::Arc;

pub use content::Content;
pub use entry::{Descriptor, Entry, Kind, Listing, Method};
pub use habit::Habit;
pub use record::{End, Header, Zip64};

use content::Counted;

/// An archive to be written: entries in order, and what lies around them.
#[derive(Clone, Default)]
#[must_use]
pub struct Archive {
    entries: Vec<Entry>,
    habit: Habit,
    prefix: Vec<u8>,
    before_central: Vec<u8>,
    after_end: Vec<u8>,
    comment: Vec<u8>,
    zip64_end: Zip64,
    reversed: bool,
    end_edits: Vec<EndEdit>,
}

/// A change to the end record, made before it is written.
type EndEdit = Arc<dyn Fn(&mut End) + Send + Sync>;

impl Archive {
    /// An empty archive in the habit of Xcode's export.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty archive whose headers look like those of another tool.
    pub fn with_habit(habit: Habit) -> Self {
        Self { habit, ..Self::default() }
    }

    /// Adds one entry at the end.
    pub fn entry(mut self, entry: Entry) -> Self {
        self.entries.push(entry);
        self
    }

    /// Adds many entries at the end.
    pub fn entries(mut self, entries: impl IntoIterator<Item = Entry>) -> Self {
        self.entries.extend(entries);
        self
    }

    /// The entries so far, to change, reorder or remove some.
    pub fn entries_mut(&mut self) -> &mut Vec<Entry> {
        &mut self.entries
    }

    /// Puts `bytes` before the first local header; all offsets count them, so that the archive stays readable.
    pub fn prefix(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.prefix = bytes.into();
        self
    }

    /// Puts `bytes` between the last entry and the central directory.
    pub fn before_central(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.before_central = bytes.into();
        self
    }

    /// Puts `bytes` after the end record, where no comment announces them.
    pub fn after_end(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.after_end = bytes.into();
        self
    }

    /// The archive comment, at most 65,535 bytes unless the end record is edited.
    pub fn comment(mut self, comment: impl Into<Vec<u8>>) -> Self {
        self.comment = comment.into();
        self
    }

    /// Whether a Zip64 end record and its locator are written.
    pub fn zip64_end(mut self, zip64: Zip64) -> Self {
        self.zip64_end = zip64;
        self
    }

    /// Lists the entries in the central directory last to first.
    pub fn reversed_central(mut self) -> Self {
        self.reversed = true;
        self
    }

    /// Changes the end record before it is written.
    pub fn edit_end(mut self, edit: impl Fn(&mut End) + Send + Sync + 'static) -> Self {
        self.end_edits.push(Arc::new(edit));
        self
    }

    /// The archive in memory.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        self.build_with_layout().bytes
    }

    /// The archive in memory, and where its parts lie: for cutting and patching at a known place.
    #[must_use]
    pub fn build_with_layout(&self) -> Built {
        let mut bytes = Vec::new();
        let layout = in_memory(self.write_to(&mut bytes));
        Built { bytes, layout }
    }

    /// Writes the archive to `out` in one pass, without seeking.
    ///
    /// # Errors
    ///
    /// What `out` answers.
    pub fn write_to(&self, out: impl Write) -> io::Result<Layout> {
        let mut out = Counted::new(out);
        out.write_all(&self.prefix)?;
        let mut placed = Vec::with_capacity(self.entries.len());
        let mut central = Vec::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let (place, header) = entry::write(entry, self.habit, index == 0, &mut out)?;
            placed.push(place);
            central.extend(header);
        }
        out.write_all(&self.before_central)?;
        let central_start = out.written();
        if self.reversed {
            central.reverse();
        }
        for header in &central {
            out.write_all(&header.central())?;
        }
        let central_end = out.written();
        let mut end = End::new(central.len(), central_start, central_end - central_start, &self.comment);
        end.zip64 = self.zip64_end;
        for edit in &self.end_edits {
            edit(&mut end);
        }
        out.write_all(&end.bytes(central_end))?;
        let end_of_end = out.written();
        out.write_all(&self.after_end)?;
        out.flush()?;
        Ok(Layout { entries: placed, central: central_start..central_end, end: central_end..end_of_end })
    }
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive")
            .field("habit", &self.habit)
            .field("entries", &self.entries)
            .finish_non_exhaustive()
    }
}

/// An archive's bytes and where its parts lie in them.
#[derive(Clone, Debug)]
pub struct Built {
    /// The whole archive.
    pub bytes: Vec<u8>,
    /// Where its parts lie.
    pub layout: Layout,
}

/// Where the parts of an archive lie, in bytes from its start.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Layout {
    /// The entries, in the order written.
    pub entries: Vec<Placed>,
    /// The central directory.
    pub central: Range<u64>,
    /// The end record, with its Zip64 forerunners and comment.
    pub end: Range<u64>,
}

/// Where one entry lies, in bytes from the start of the archive.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Placed {
    /// The name the entry was given.
    pub name: Vec<u8>,
    /// Its local header.
    pub header: Range<u64>,
    /// Its data as it lies there, compressed or not.
    pub data: Range<u64>,
    /// Behind its data and its descriptor.
    pub end: u64,
}

/// Writing to memory cannot fail, and every content is made in memory.
fn in_memory<T>(result: io::Result<T>) -> T {
    result.expect("writing to memory does not fail")
}
