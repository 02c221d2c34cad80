//! The container of an asset catalogue: a bill-of-materials store of numbered blocks, some of them named,
//! some of them pages of a B-tree. Numbers are big endian. Source: observed; Apple documents none of it.

use crate::icon::IconError;

/// How deep a tree may be. A page holds hundreds of entries, so real ones have two or three levels.
const TREE_DEPTH: u32 = 16;

/// A store over bytes in memory.
pub(super) struct Store<'a> {
    bytes: &'a [u8],
    /// Eight bytes for each block: where it starts and how long it is.
    blocks: &'a [[u8; 8]],
    names: &'a [u8],
    name_count: u32,
}

/// One leaf entry of a tree.
#[derive(Clone, Copy)]
pub(super) struct TreeEntry<'a> {
    pub(super) key: &'a [u8],
    pub(super) value: &'a [u8],
}

impl<'a> Store<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, IconError> {
        const TRUNCATED: IconError = IconError::Malformed("a truncated catalogue header");
        if !bytes.starts_with(b"BOMStore") {
            return Err(IconError::NotCatalog);
        }
        let table = number(bytes, 16).and_then(|at| bytes.get(at as usize..)).ok_or(TRUNCATED)?;
        let names = number(bytes, 24).and_then(|at| bytes.get(at as usize..)).ok_or(TRUNCATED)?;
        let (count, table) = table.split_first_chunk().ok_or(TRUNCATED)?;
        let (pairs, _) = table.as_chunks::<8>();
        // A table that claims more blocks than there are bytes is cut to what is there.
        let blocks = &pairs[..pairs.len().min(u32::from_be_bytes(*count) as usize)];
        let (name_count, names) = names.split_first_chunk().ok_or(TRUNCATED)?;
        Ok(Self { bytes, blocks, names, name_count: u32::from_be_bytes(*name_count) })
    }

    /// The block called `name`.
    pub(super) fn named(&self, name: &'static str) -> Result<&'a [u8], IconError> {
        let mut rest = self.names;
        for _ in 0..self.name_count {
            let Some((index, after)) = rest.split_first_chunk() else { break };
            let Some((length, after)) = after.split_first() else { break };
            let Some((found, after)) = after.split_at_checked(usize::from(*length)) else { break };
            if found == name.as_bytes() {
                return self.block(u32::from_be_bytes(*index));
            }
            rest = after;
        }
        Err(IconError::Missing(name))
    }

    fn block(&self, index: u32) -> Result<&'a [u8], IconError> {
        let entry =
            self.blocks.get(index as usize).ok_or(IconError::Malformed("a block number out of range"))?;
        let at = |from: usize| number(entry, from).unwrap_or_default() as usize;
        let (start, length) = (at(0), at(4));
        start
            .checked_add(length)
            .and_then(|end| self.bytes.get(start..end))
            .ok_or(IconError::Malformed("a block outside the file"))
    }

    /// The leaf entries of the tree called `name`, in key order, at most `limit` of them.
    ///
    /// Pages form a linked list that may bite its own tail, so no more pages are read than there are blocks.
    pub(super) fn tree(&self, name: &'static str, limit: usize) -> Result<Vec<TreeEntry<'a>>, IconError> {
        let header = self.named(name)?;
        if !header.starts_with(b"tree") {
            return Err(IconError::Malformed("a tree without its mark"));
        }
        let root = number(header, 8).ok_or(IconError::Malformed("a truncated tree header"))?;
        let mut page = self.first_leaf(root)?;
        let mut entries = Vec::new();
        for _ in 0..self.blocks.len() {
            for [value, key] in page.entries {
                if entries.len() == limit {
                    return Err(IconError::Entries { limit });
                }
                let key = self.block(u32::from_be_bytes(*key))?;
                entries.push(TreeEntry { key, value: self.block(u32::from_be_bytes(*value))? });
            }
            if page.next == 0 {
                return Ok(entries);
            }
            page = Page::read(self.block(page.next)?)?;
        }
        Err(IconError::Malformed("tree pages in a loop"))
    }

    fn first_leaf(&self, root: u32) -> Result<Page<'a>, IconError> {
        let mut page = Page::read(self.block(root)?)?;
        for _ in 0..TREE_DEPTH {
            let child = match (page.kind, page.entries.first()) {
                (PageKind::Leaf, _) | (PageKind::Branch, None) => return Ok(page),
                (PageKind::Branch, Some([child, _])) => u32::from_be_bytes(*child),
            };
            page = Page::read(self.block(child)?)?;
        }
        Err(IconError::Malformed("a tree too deep"))
    }
}

#[derive(Clone, Copy)]
enum PageKind {
    Branch,
    Leaf,
}

struct Page<'a> {
    kind: PageKind,
    /// Block number of the next page; 0 for none.
    next: u32,
    /// Block numbers: of the value (or child page), then of the key.
    entries: &'a [[[u8; 4]; 2]],
}

impl<'a> Page<'a> {
    fn read(block: &'a [u8]) -> Result<Self, IconError> {
        const TRUNCATED: IconError = IconError::Malformed("a truncated tree page");
        let (header, entries) = block.split_first_chunk::<12>().ok_or(TRUNCATED)?;
        let count = usize::from(u16::from_be_bytes([header[2], header[3]]));
        let kind = if header[..2] == [0, 0] { PageKind::Branch } else { PageKind::Leaf };
        let next = number(header, 4).ok_or(TRUNCATED)?;
        let (numbers, _) = entries.as_chunks::<4>();
        let (pairs, _) = numbers.as_chunks::<2>();
        Ok(Self { kind, next, entries: pairs.get(..count).ok_or(TRUNCATED)? })
    }
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|four| u32::from_be_bytes(*four))
}
