use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;

use unicode_normalization::UnicodeNormalization;

use super::super::Entry;
use super::EntryPlace;
use crate::{Archive, Seen};

/// Two entries whose names are one, or are one to some file systems.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Duplicate {
    /// The one that comes first in the central directory.
    pub first: EntryPlace,
    /// The other one.
    pub second: EntryPlace,
    /// How alike the names are.
    pub likeness: Likeness,
}

/// How alike two names are.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Likeness {
    /// The same bytes: one of the two is lost wherever they are unpacked.
    Exact,
    /// The same but for a slash at the end: a file and a folder want one place.
    FileAndFolder,
    /// The same to Unicode (one has "é" as one character, one as two), as Apple's file systems compare names, those of
    /// devices included. Documented for APFS: Apple, *Apple File System Guide*, "Unicode"; what the installer does with
    /// them is not known.
    Canonical,
    /// The same but for letter case. Devices tell such names apart, most Macs do not, so the package was not packed from
    /// a folder of a usual Mac, and loses a file when it is unpacked on one. Case is folded character by character.
    CaseFolded,
}

/// Finds names that are alike; of several each is told with the one before it.
pub(super) fn find(archive: &Archive<'_>) -> Seen<Duplicate> {
    let state = RandomState::new();
    let entry = |index: u32| archive.directory.entry(index as usize);
    let mut key = Vec::new();
    let mut hashes: Vec<(u64, u32)> = (0_u32..)
        .zip(archive.entries())
        .map(|(index, entry)| {
            key.clear();
            if entry.name().is_ascii() {
                // As below, and much faster: nearly all names are of this kind.
                key.extend_from_slice(bare(&entry).as_bytes());
                key.make_ascii_lowercase();
            } else {
                let mut utf8 = [0; 4];
                folded(entry.name()).for_each(|c| key.extend_from_slice(c.encode_utf8(&mut utf8).as_bytes()));
            }
            (state.hash_one(&key), index)
        })
        .collect();
    hashes.sort_unstable();

    let mut found = Seen::default();
    let mut alike = Vec::new();
    for group in hashes.chunk_by(|one, other| one.0 == other.0).filter(|group| group.len() > 1) {
        alike.clear();
        alike.extend(group.iter().map(|(_, index)| entry(*index)));
        // Exact ones beside each other, then those that Unicode takes for one.
        alike.sort_by(|one, other| bare(one).nfc().cmp(bare(other).nfc()).then(one.name().cmp(other.name())));
        for pair in alike.windows(2) {
            if let Some(likeness) = likeness(&pair[0], &pair[1]) {
                found.add(|| Duplicate {
                    first: EntryPlace::of(&pair[0]),
                    second: EntryPlace::of(&pair[1]),
                    likeness,
                });
            }
        }
    }
    found
}

fn bare<'a>(entry: &Entry<'a>) -> &'a str {
    entry.name.strip_suffix('/').unwrap_or(entry.name)
}

fn likeness(one: &Entry<'_>, other: &Entry<'_>) -> Option<Likeness> {
    if one.name() == other.name() {
        Some(Likeness::Exact)
    } else if bare(one) == bare(other) {
        Some(Likeness::FileAndFolder)
    } else if bare(one).nfc().eq(bare(other).nfc()) {
        Some(Likeness::Canonical)
    } else {
        folded(one.name()).eq(folded(other.name())).then_some(Likeness::CaseFolded)
    }
}

/// The name without a slash at its end, composed, in lower case.
fn folded(name: &str) -> impl Iterator<Item = char> + '_ {
    name.strip_suffix('/').unwrap_or(name).nfd().flat_map(char::to_lowercase).nfc()
}
