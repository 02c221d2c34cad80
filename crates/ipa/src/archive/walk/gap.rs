use super::super::local::DESCRIPTOR_SIGNATURE;
use super::super::name::{Utf8Flag, decode};
use super::window::Window;
use crate::{ArchiveError, Seen};

/// How much of a gap is looked at to tell whether it is nothing but zeros.
const LOOK_BYTES: usize = 4096;

/// Bytes that belong to no entry.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Gap {
    /// Where they start.
    pub offset: u64,
    /// How many they are.
    pub size_bytes: u64,
    /// What is there.
    pub content: GapContent,
}

/// What is in a gap, by its first bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum GapContent {
    /// A local header: an entry that the central directory does not list.
    Entry,
    /// A data descriptor, behind an entry that announces none.
    Descriptor,
    /// Zero bytes, as far as was looked: room left for alignment, or for a change.
    Zeros,
    /// Anything else.
    Other {
        /// The first four bytes; zeros where there are fewer.
        start: [u8; 4],
    },
}

/// An entry with a local header that the central directory does not list.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct HiddenEntry {
    /// The name in the header.
    pub name: String,
    /// Where the header starts.
    pub offset: u64,
    /// The bytes of the content as stored; `None` where they are told behind the content.
    pub compressed_size: Option<u64>,
}

/// What lies from `start` to `end`; entries in it are added to those that are hidden.
pub(super) fn content(
    window: &mut Window<'_>,
    start: u64,
    end: u64,
    hidden_left: &mut u32,
    hidden: &mut Seen<HiddenEntry>,
) -> Result<GapContent, ArchiveError> {
    let mut place = start;
    while *hidden_left > 0 && end.saturating_sub(place) >= 30 {
        let Some(header) = window.header(place)? else { break };
        *hidden_left -= 1;
        let flags = header.flags();
        let compressed_size = (flags & 1 << 3 == 0).then_some(header.compressed_size);
        hidden.add(|| HiddenEntry {
            name: decode(header.name, Utf8Flag::of(flags)).into_owned(),
            offset: place,
            compressed_size,
        });
        // Where its size is not known, nothing tells where the next one starts.
        let Some(compressed_size) = compressed_size else { return Ok(GapContent::Entry) };
        place = place.saturating_add(header.size_bytes()).saturating_add(compressed_size);
    }
    if place > start {
        return Ok(GapContent::Entry);
    }
    let count = usize::try_from(end - start).unwrap_or(LOOK_BYTES).min(LOOK_BYTES);
    let bytes = window.at(start, count)?;
    Ok(if bytes.starts_with(DESCRIPTOR_SIGNATURE) {
        GapContent::Descriptor
    } else if bytes.iter().all(|byte| *byte == 0) {
        GapContent::Zeros
    } else {
        let mut first = [0; 4];
        let count = bytes.len().min(first.len());
        first[..count].copy_from_slice(&bytes[..count]);
        GapContent::Other { start: first }
    })
}
