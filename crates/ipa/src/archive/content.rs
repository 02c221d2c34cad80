use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

use crc32fast::Hasher;
use flate2::{Decompress, FlushDecompress, Status};

use super::error::shown;
use super::local::{HEADER_BYTES, HEADER_SIGNATURE, likely_bytes};
use super::{ArchiveError, Entry, Method};
use crate::bytes::{at_most, u16_at};
use crate::{Limits, ReadAt, Seen};

/// How many compressed bytes are held at once.
const WINDOW_BYTES: usize = 64 << 10;
/// The content that a ratio is not judged by: a small file of one colour is no attack.
const RATIO_FREE_BYTES: u64 = 8 << 20;

/// Reads an entry's content, inflating it.
///
/// It never gives more than the central directory's size nor than the limits allow, and compares size and checksum
/// where the content ends; after [`EntryReader::skip`] the checksum is not compared. As [`Read`] it gives
/// [`ArchiveError`]s wrapped in [`io::Error`].
pub struct EntryReader<'s> {
    name: Box<str>,
    header_offset: u64,
    damages: Damages,
    source: &'s dyn ReadAt,
    /// Where the next compressed bytes are read from, and how many are left there.
    next: u64,
    left: u64,
    window: Vec<u8>,
    place: usize,
    /// `None` where the content is stored.
    inflate: Option<Box<Decompress>>,
    ended: bool,
    /// Content bytes given so far, compressed bytes taken so far.
    given: u64,
    taken: u64,
    size: u64,
    crc32: u32,
    checksum: Option<Hasher>,
    limit: u64,
    ratio: u32,
}

/// An entry whose content is not what was packed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DamagedEntry {
    /// Its name.
    pub name: String,
    /// Where its local header starts.
    pub offset: u64,
    /// What is wrong, in words: another checksum, another size, bytes that don't inflate.
    pub what: String,
}

/// What readers of one archive found damaged.
#[derive(Clone, Debug, Default)]
pub(super) struct Damages(Arc<Mutex<Seen<DamagedEntry>>>);

impl Damages {
    pub(super) fn seen(&self) -> Seen<DamagedEntry> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Keeps what says that the content is damaged; a limit or a source that fails says nothing of it.
    fn note(&self, name: &str, offset: u64, error: &ArchiveError) {
        let is_damage = matches!(
            error,
            ArchiveError::Deflate { .. } | ArchiveError::Checksum { .. } | ArchiveError::Size { .. }
        );
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_damage && !seen.first.iter().any(|known| known.offset == offset) {
            seen.add(|| DamagedEntry { name: name.to_owned(), offset, what: error.to_string() });
        }
    }
}

impl<'s> EntryReader<'s> {
    pub(super) fn open(
        source: &'s dyn ReadAt,
        source_bytes: u64,
        entry: &Entry<'_>,
        limits: &Limits,
        damages: &Damages,
    ) -> Result<Self, ArchiveError> {
        let name = || shown(entry.name());
        if entry.is_encrypted() {
            return Err(ArchiveError::Encrypted { name: name() });
        }
        let inflate = match entry.method() {
            Method::Stored => None,
            Method::Deflated => Some(Box::new(Decompress::new(false))),
            Method::Other(method) => return Err(ArchiveError::Method { name: name(), method }),
        };
        let offset = entry.header_offset();
        let missing = || ArchiveError::LocalHeader { name: name(), offset };
        if offset >= source_bytes {
            return Err(missing());
        }
        // Header and content at once: one request, where the source is a network.
        let content = usize::try_from(entry.compressed_size()).unwrap_or(usize::MAX).min(WINDOW_BYTES);
        let mut window = at_most(source, offset, likely_bytes(entry) + content)?;
        if window.len() < HEADER_BYTES || !window.starts_with(HEADER_SIGNATURE) {
            return Err(missing());
        }
        let place = HEADER_BYTES + usize::from(u16_at(&window, 26)) + usize::from(u16_at(&window, 28));
        let content_offset = offset + place as u64;
        if source_bytes.checked_sub(content_offset).is_none_or(|rest| rest < entry.compressed_size()) {
            return Err(ArchiveError::EntryCutOff { name: name(), size_bytes: entry.compressed_size() });
        }
        let held = window.len().saturating_sub(place) as u64;
        let kept = held.min(entry.compressed_size());
        let place = place.min(window.len());
        window.truncate(place + usize::try_from(kept).unwrap_or(0));
        Ok(Self {
            name: entry.name().into(),
            header_offset: offset,
            damages: damages.clone(),
            source,
            next: content_offset + kept,
            left: entry.compressed_size() - kept,
            window,
            place,
            inflate,
            ended: false,
            given: 0,
            taken: 0,
            size: entry.size(),
            crc32: entry.crc32(),
            checksum: Some(Hasher::new()),
            limit: limits.entry_bytes,
            ratio: limits.ratio,
        })
    }

    /// The bytes of content that were read or passed over so far.
    #[must_use]
    pub fn given_bytes(&self) -> u64 {
        self.given
    }

    /// Whether the content is stored rather than compressed, so that [`EntryReader::skip`] costs nothing.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        self.inflate.is_none()
    }

    /// Reads content into `buf` and says how much; 0 only at the end or for an empty `buf`.
    ///
    /// # Errors
    ///
    /// [`ArchiveError`] when the content is damaged, larger than allowed, or another than announced.
    pub fn read_content(&mut self, buf: &mut [u8]) -> Result<usize, ArchiveError> {
        self.read_next(buf).inspect_err(|error| self.damages.note(&self.name, self.header_offset, error))
    }

    fn read_next(&mut self, buf: &mut [u8]) -> Result<usize, ArchiveError> {
        if buf.is_empty() || self.ended {
            return Ok(0);
        }
        let count = loop {
            if self.place == self.window.len() && self.left > 0 {
                self.refill()?;
            }
            let input = &self.window[self.place..];
            let Some(inflate) = &mut self.inflate else {
                let count = input.len().min(buf.len());
                buf[..count].copy_from_slice(&input[..count]);
                self.place += count;
                self.taken += count as u64;
                self.ended = count == 0;
                break count;
            };
            let before = (inflate.total_in(), inflate.total_out());
            let Ok(status) = inflate.decompress(input, buf, FlushDecompress::None) else {
                return Err(self.damaged());
            };
            let consumed = usize::try_from(inflate.total_in() - before.0).unwrap_or(0);
            let count = usize::try_from(inflate.total_out() - before.1).unwrap_or(0);
            self.place += consumed;
            self.taken += consumed as u64;
            self.ended = status == Status::StreamEnd;
            if count > 0 || self.ended {
                break count;
            }
            if consumed == 0 && self.left == 0 {
                return Err(self.damaged());
            }
        };
        self.account(&buf[..count])?;
        if self.ended {
            self.compare()?;
        }
        Ok(count)
    }

    /// Passes over `count` bytes of content, without reading them where the content is stored.
    ///
    /// # Errors
    ///
    /// [`ArchiveError::Size`] when the content ends before; else as [`EntryReader::read_content`].
    pub fn skip(&mut self, count: u64) -> Result<(), ArchiveError> {
        let mut count = count;
        if self.inflate.is_none() {
            self.checksum = None;
            let held = (self.window.len() - self.place) as u64;
            let from_window = count.min(held);
            self.place += usize::try_from(from_window).unwrap_or(0);
            let beyond = (count - from_window).min(self.left);
            self.next += beyond;
            self.left -= beyond;
            let passed = from_window + beyond;
            self.given += passed;
            self.taken += passed;
            count -= passed;
        }
        let mut buf = [0; 8 << 10];
        while count > 0 {
            let wanted = usize::try_from(count).map_or(buf.len(), |count| count.min(buf.len()));
            match self.read_content(&mut buf[..wanted])? {
                0 => return Err(self.other_size()),
                passed => count -= passed as u64,
            }
        }
        Ok(())
    }

    pub(super) fn read_all(mut self) -> Result<Vec<u8>, ArchiveError> {
        let mut content = Vec::new();
        let mut filled = 0;
        loop {
            if filled == content.len() {
                content.resize((content.len() * 2).max(16 << 10), 0);
            }
            match self.read_content(&mut content[filled..])? {
                0 => break,
                count => filled += count,
            }
        }
        content.truncate(filled);
        Ok(content)
    }

    fn refill(&mut self) -> Result<(), ArchiveError> {
        let count = usize::try_from(self.left).map_or(WINDOW_BYTES, |left| left.min(WINDOW_BYTES));
        self.window.resize(count, 0);
        self.place = 0;
        self.source
            .read_exact_at(self.next, &mut self.window)
            .map_err(|source| ArchiveError::Read { offset: self.next, source })?;
        self.next += count as u64;
        self.left -= count as u64;
        Ok(())
    }

    fn account(&mut self, content: &[u8]) -> Result<(), ArchiveError> {
        self.given += content.len() as u64;
        if let Some(checksum) = &mut self.checksum {
            checksum.update(content);
        }
        if self.given > self.size {
            return Err(self.other_size());
        }
        if self.given > self.limit {
            let name = shown(&self.name);
            return Err(ArchiveError::EntryBytes { name, found: self.given, limit: self.limit });
        }
        if self.given > RATIO_FREE_BYTES && self.given / u64::from(self.ratio.max(1)) > self.taken {
            return Err(ArchiveError::Ratio { name: shown(&self.name), limit: self.ratio });
        }
        Ok(())
    }

    fn compare(&mut self) -> Result<(), ArchiveError> {
        if self.given != self.size {
            return Err(self.other_size());
        }
        match self.checksum.take().map(Hasher::finalize) {
            Some(found) if found != self.crc32 => {
                let name = shown(&self.name);
                Err(ArchiveError::Checksum { name, found, declared: self.crc32 })
            }
            _ => Ok(()),
        }
    }

    fn other_size(&self) -> ArchiveError {
        ArchiveError::Size { name: shown(&self.name), found: self.given, declared: self.size }
    }

    fn damaged(&self) -> ArchiveError {
        ArchiveError::Deflate { name: shown(&self.name) }
    }
}

impl Read for EntryReader<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.read_content(buf).map_err(io::Error::other)
    }
}

impl std::fmt::Debug for EntryReader<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("EntryReader")
            .field("name", &self.name)
            .field("given", &self.given)
            .finish_non_exhaustive()
    }
}
