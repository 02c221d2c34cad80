//! Makes asset catalogues for tests.

use std::io::Write;

/// A store under construction.
#[derive(Default)]
pub(super) struct MadeStore {
    blocks: Vec<Vec<u8>>,
    names: Vec<(&'static str, u32)>,
}

impl MadeStore {
    /// Adds a block and gives its number; block 0 is empty, as in real stores.
    pub(super) fn block(&mut self, bytes: Vec<u8>) -> u32 {
        if self.blocks.is_empty() {
            self.blocks.push(Vec::new());
        }
        self.blocks.push(bytes);
        u32::try_from(self.blocks.len()).unwrap() - 1
    }

    pub(super) fn named(&mut self, name: &'static str, bytes: Vec<u8>) {
        let block = self.block(bytes);
        self.names.push((name, block));
    }

    pub(super) fn tree(&mut self, name: &'static str, root: u32) {
        let header = [b"tree".as_slice(), &1_u32.to_be_bytes(), &root.to_be_bytes(), &[0; 9]].concat();
        self.named(name, header);
    }

    /// Adds a leaf page with these entries and the number of the next.
    pub(super) fn leaf(&mut self, entries: &[(Vec<u8>, Vec<u8>)], next: u32) -> u32 {
        let numbers: Vec<[u32; 2]> =
            entries.iter().map(|(key, value)| [self.block(value.clone()), self.block(key.clone())]).collect();
        self.block(page(1, next, &numbers))
    }

    pub(super) fn build(&self) -> Vec<u8> {
        let mut bytes = b"BOMStore".to_vec();
        bytes.resize(512, 0);
        let mut table = u32::try_from(self.blocks.len()).unwrap().to_be_bytes().to_vec();
        for block in &self.blocks {
            table.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
            table.extend(u32::try_from(block.len()).unwrap().to_be_bytes());
            bytes.extend_from_slice(block);
        }
        let mut names = u32::try_from(self.names.len()).unwrap().to_be_bytes().to_vec();
        for (name, block) in &self.names {
            names.extend(block.to_be_bytes());
            names.push(u8::try_from(name.len()).unwrap());
            names.extend(name.bytes());
        }
        for (place, part) in [(16, table), (24, names)] {
            let at = u32::try_from(bytes.len()).unwrap();
            bytes[place..place + 4].copy_from_slice(&at.to_be_bytes());
            bytes.extend(part);
        }
        bytes
    }
}

/// A tree page: `kind` 0 for a branch, 1 for a leaf; block numbers of value (or child) and key.
pub(super) fn page(kind: u16, next: u32, numbers: &[[u32; 2]]) -> Vec<u8> {
    let mut page = [kind, u16::try_from(numbers.len()).unwrap()].map(u16::to_be_bytes).concat();
    page.extend(next.to_be_bytes());
    page.extend([0; 4]);
    page.extend(numbers.as_flattened().iter().flat_map(|number| number.to_be_bytes()));
    page
}

/// Attributes of the keys that [`key`] makes: appearance, scale, identifier.
const KEY: [u32; 3] = [7, 12, 17];

pub(super) fn key(appearance: u16, scale: u16, identifier: u16) -> Vec<u8> {
    [appearance, scale, identifier].map(u16::to_le_bytes).concat()
}

/// A catalogue of one facet, `AppIcon` with the identifier 500, and these renditions.
pub(super) fn catalog(renditions: &[(Vec<u8>, Vec<u8>)]) -> Vec<u8> {
    let mut store = MadeStore::default();
    let format = [1, 3, KEY[0], KEY[1], KEY[2]].map(u32::to_le_bytes).concat();
    store.named("KEYFORMAT", [b"tmfk".as_slice(), &format].concat());
    let facet = [0, 0, 1, 17, 500].map(u16::to_le_bytes).concat();
    let facets = store.leaf(&[(b"AppIcon\0".to_vec(), facet)], 0);
    store.tree("FACETKEYS", facets);
    // Two pages under a branch, so that both sorts of page and the list are walked.
    let (first, second) = renditions.split_at(renditions.len() / 2);
    let last = store.leaf(second, 0);
    let leaf = store.leaf(first, last);
    let root = store.block(page(0, 0, &[[leaf, 0], [last, 0]]));
    store.tree("RENDITIONS", root);
    store.build()
}

/// A rendition of `width` by `height` with these properties and this payload.
pub(super) fn rendition(
    width: u32,
    height: u32,
    encoding: [u8; 4],
    properties: &[u8],
    payload: &[u8],
) -> Vec<u8> {
    let mut bytes = b"ISTC".to_vec();
    bytes.resize(184, 0);
    bytes[12..16].copy_from_slice(&width.to_le_bytes());
    bytes[16..20].copy_from_slice(&height.to_le_bytes());
    bytes[24..28].copy_from_slice(&encoding);
    bytes[168..172].copy_from_slice(&u32::try_from(properties.len()).unwrap().to_le_bytes());
    bytes[180..184].copy_from_slice(&u32::try_from(payload.len()).unwrap().to_le_bytes());
    [bytes.as_slice(), properties, payload].concat()
}

pub(super) fn property(kind: u32, value: &[u8]) -> Vec<u8> {
    let length = u32::try_from(value.len()).unwrap();
    [kind.to_le_bytes().as_slice(), &length.to_le_bytes(), value].concat()
}

/// A bitmap in one stream.
pub(super) fn bitmap(compression: u32, data: &[u8]) -> Vec<u8> {
    let numbers = [0, compression, u32::try_from(data.len()).unwrap()].map(u32::to_le_bytes).concat();
    [b"MLEC".as_slice(), &numbers, data].concat()
}

/// A bitmap in parts, each with the rows it holds.
pub(super) fn bitmap_in_parts(compression: u32, parts: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let numbers = [3, compression, u32::try_from(parts.len()).unwrap()].map(u32::to_le_bytes).concat();
    let mut payload = [b"MLEC".as_slice(), &numbers].concat();
    for (rows, data) in parts {
        payload.extend_from_slice(b"KCBC");
        payload.extend([0, 0, *rows, u32::try_from(data.len()).unwrap()].map(u32::to_le_bytes).concat());
        payload.extend_from_slice(data);
    }
    payload
}

/// "The part of the rendition with this scale and identifier, counted from the lower left corner."
pub(super) fn reference(
    left: u32,
    bottom: u32,
    width: u32,
    height: u32,
    scale: u16,
    identifier: u16,
) -> Vec<u8> {
    let mut value = b"KLNI".to_vec();
    value.extend([0, left, bottom, width, height].map(u32::to_le_bytes).concat());
    value.extend(12_u16.to_le_bytes());
    value.extend(12_u32.to_le_bytes());
    value.extend([12, scale, 17, identifier, 0, 0].map(u16::to_le_bytes).concat());
    property(1010, &value)
}

/// `width` by `height` opaque pixels, blue first, which tell their column (blue) and row (green).
pub(super) fn bgra(width: u8, height: u8) -> Vec<u8> {
    (0..height).flat_map(|y| (0..width).flat_map(move |x| [x, y, 7, 255])).collect()
}

pub(super) fn lzfse(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    lzfse_rust::encode_bytes(bytes, &mut encoded).unwrap();
    encoded
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A catalogue of one opaque icon.
pub(crate) fn one_icon(side: u8) -> Vec<u8> {
    let payload = bitmap(4, &lzfse(&bgra(side, side)));
    catalog(&[(key(0, 2, 500), rendition(side.into(), side.into(), *b"BGRA", &[], &payload))])
}
