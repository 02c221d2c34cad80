//! The comparison: every sealed file, read once from the first byte to the last.

use std::collections::HashMap;

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};

use super::Resources;
use super::list::{Digest, List, Sealed};
use super::rules::Ruling;
use crate::{Archive, ArchiveError, Bundle, Entry, Fact, Limits};

/// How much of a file is held at once.
const BLOCK_BYTES: usize = 64 << 10;
/// The longest path a link may lead to.
const LINK_BYTES: u64 = 4096;

/// A comparison of all bundles of a package at once, since a file may be sealed by several.
pub(crate) struct Check<'a> {
    archive: &'a Archive<'a>,
    limits: &'a Limits,
    bundles: HashMap<&'a str, &'a Bundle>,
    found: Vec<Fact<Resources>>,
    expected: Vec<Expected<'a>>,
}

/// What a bundle expects of a file.
struct Expected<'a> {
    entry: Entry<'a>,
    bundle: usize,
    /// Where the entry's name goes on within the bundle.
    name_start: usize,
    digest: Digest,
}

impl<'a> Check<'a> {
    /// A comparison for these bundles, none of which has been looked at.
    pub(crate) fn new(archive: &'a Archive<'a>, limits: &'a Limits, bundles: &'a [Bundle]) -> Self {
        let bundles = bundles.iter().map(|bundle| (bundle.path.as_str(), bundle)).collect();
        Self { archive, limits, bundles, found: Vec::new(), expected: Vec::new() }
    }

    /// Looks at the next bundle, by the bytes of its `CodeResources`: all but the contents of its files.
    pub(crate) fn add(&mut self, bundle: &Bundle, resources: Fact<Vec<u8>>) {
        let limit = self.limits.sealed_files as usize;
        let list = resources.and_then(|bytes| List::read(&bytes, &self.limits.resources).into());
        let found = match list {
            Fact::Known(list) if self.expected.len() + list.len() > limit => {
                Fact::NotMeasured(format!("more than {limit} files are sealed in all"))
            }
            list => list.map(|list| self.compare(bundle, &list)),
        };
        self.found.push(found);
    }

    fn compare(&mut self, bundle: &Bundle, list: &List) -> Resources {
        let mut found = Resources { sealed: list.len(), ..Resources::default() };
        let mut folders = Vec::new();
        for (name, sealed, optional) in list.files() {
            let path = format!("{}/{name}", bundle.path);
            if let Sealed::Code(code) = sealed {
                folders.push(name);
                match self.bundles.get(path.as_str()).map(|nested| nested.signature()) {
                    Some(Fact::Known(signature)) => {
                        let mut hashes = signature.directories.iter().map(|directory| directory.code_hash.0);
                        if !hashes.any(|hash| hash == code) {
                            found.changed.add(|| name.to_owned());
                        }
                    }
                    _ => found.unchecked.add(|| name.to_owned()),
                }
                continue;
            }
            let Some(entry) = self.archive.find(&path) else {
                if !optional {
                    found.missing.add(|| name.to_owned());
                }
                continue;
            };
            match sealed {
                Sealed::Digest(digest) if !entry.is_symlink() => {
                    let name_start = bundle.path.len() + 1;
                    self.expected.push(Expected { entry, bundle: self.found.len(), name_start, digest });
                }
                Sealed::Link(target) if entry.is_symlink() => match self.archive.read(&entry, LINK_BYTES) {
                    Ok(content) if content == target.as_bytes() => {}
                    Ok(_) => found.changed.add(|| name.to_owned()),
                    Err(_) => found.unchecked.add(|| name.to_owned()),
                },
                Sealed::Digest(_) | Sealed::Link(_) => found.changed.add(|| name.to_owned()),
                Sealed::Code(_) | Sealed::Unknown => found.unchecked.add(|| name.to_owned()),
            }
        }
        self.find_added(bundle, list, &folders, &mut found);
        found
    }

    /// What lies in the bundle without being sealed.
    fn find_added(&self, bundle: &Bundle, list: &List, code: &[&str], found: &mut Resources) {
        let executable = bundle.info.known().and_then(|info| info.executable.known()).map(String::as_str);
        for entry in self.archive.entries_by_name().filter(|entry| !entry.is_folder()) {
            let within = entry.name().strip_prefix(bundle.path.as_str());
            let Some(name) = within.and_then(|name| name.strip_prefix('/')) else { continue };
            let is_own = Some(name) == executable
                || name == "CodeResources"
                || ["_CodeSignature/", "SC_Info/"].iter().any(|folder| name.starts_with(folder))
                || code.iter().any(|code| name.strip_prefix(code).is_some_and(|rest| rest.starts_with('/')));
            if is_own || list.contains(name) {
                continue;
            }
            match list.rules.ruling(name) {
                Ruling::Omitted => {}
                Ruling::Sealed => found.added.add(|| name.to_owned()),
                Ruling::Unknown => found.unchecked.add(|| name.to_owned()),
            }
        }
    }

    /// Reads the contents, in the order in which they lie in the archive, and gives what was found of each bundle.
    ///
    /// `known` are SHA-256 digests by the place of the entry; `progress` is told of every byte read.
    pub(crate) fn run(
        mut self,
        known: &HashMap<u64, [u8; 32]>,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Vec<Fact<Resources>>, ArchiveError> {
        self.expected.sort_by_key(|expected| expected.entry.header_offset());
        let mut block = vec![0; BLOCK_BYTES];
        for group in
            self.expected.chunk_by(|one, other| one.entry.header_offset() == other.entry.header_offset())
        {
            let entry = group[0].entry;
            let wants_sha1 = group.iter().any(|one| matches!(one.digest, Digest::Sha1(_)));
            let content = match known.get(&entry.header_offset()) {
                Some(sha256) if !wants_sha1 => Some(Contents { sha1: None, sha256: *sha256 }),
                _ => match contents(self.archive, &entry, wants_sha1, &mut block, progress) {
                    Ok(content) => Some(content),
                    // The source failed, which says nothing about the file.
                    Err(error @ ArchiveError::Read { .. }) => return Err(error),
                    Err(_) => None,
                },
            };
            for expected in group {
                let Fact::Known(found) = &mut self.found[expected.bundle] else { continue };
                let name = entry.name().get(expected.name_start..).unwrap_or(entry.name());
                match &content {
                    Some(content) if content.has(&expected.digest) => {}
                    Some(_) => found.changed.add(|| name.to_owned()),
                    None => found.unchecked.add(|| name.to_owned()),
                }
            }
        }
        Ok(self.found)
    }
}

/// The digests of a file's content.
struct Contents {
    sha1: Option<[u8; 20]>,
    sha256: [u8; 32],
}

impl Contents {
    fn has(&self, digest: &Digest) -> bool {
        match digest {
            Digest::Sha1(expected) => self.sha1 == Some(*expected),
            Digest::Sha256(expected) => self.sha256 == *expected,
        }
    }
}

fn contents(
    archive: &Archive<'_>,
    entry: &Entry<'_>,
    wants_sha1: bool,
    block: &mut [u8],
    progress: &mut dyn FnMut(u64),
) -> Result<Contents, ArchiveError> {
    let mut reader = archive.reader(entry)?;
    let mut sha1 = wants_sha1.then(|| Context::new(&SHA1_FOR_LEGACY_USE_ONLY));
    let mut sha256 = Context::new(&SHA256);
    loop {
        let count = reader.read_content(block)?;
        if count == 0 {
            break;
        }
        if let Some(sha1) = &mut sha1 {
            sha1.update(&block[..count]);
        }
        sha256.update(&block[..count]);
        progress(count as u64);
    }
    Ok(Contents {
        sha1: sha1.and_then(|sha1| sha1.finish().as_ref().try_into().ok()),
        sha256: digest_bytes(sha256.finish().as_ref()),
    })
}

/// The bytes of a SHA-256 digest.
pub(crate) fn digest_bytes(digest: &[u8]) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest);
    bytes
}
