//! The app icon in a compiled asset catalogue (`Assets.car`).

mod bom;
mod deepmap2;
mod expand;
#[cfg(test)]
pub(super) mod made;
mod rendition;

use std::cmp::Reverse;
use std::collections::HashMap;

use bom::{Store, TreeEntry};
use rendition::{Reference, Rendition};

use super::raster::Raster;
use super::{IconError, check_pixels};
use crate::Limits;

/// Attributes of a rendition key, by the numbers catalogues use.
const APPEARANCE: u16 = 7;
const IDENTIFIER: u16 = 17;

/// The most names, and the most renditions, that are looked through.
const ENTRIES: usize = 100_000;

/// The most attributes of a key: real ones have a score.
const KEY_ATTRIBUTES: usize = 64;

/// The longest name, in bytes; longer ones are no icon's.
const NAME_BYTES: usize = 1024;

/// An atlas may be this large even where icons must be smaller: it holds several.
const ATLAS_PIXELS: u64 = 1 << 18;

/// How many renditions are decoded before giving up: real catalogues need one.
const ATTEMPTS: usize = 4;

/// An icon found in a catalogue.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CatalogIcon {
    /// The name it goes by in the catalogue.
    pub name: String,
    /// Its pixels, always square.
    pub raster: Raster,
}

/// Finds the largest square icon that goes by one of `names`, the first name that has one.
///
/// The icon for the light appearance is preferred. Reads what Xcode 7 to 14 wrote: bitmaps plain or
/// compressed by gzip, LZVN, LZFSE or deepmap 2, alone or as part of an atlas, and JPEG. Run-length, palette
/// (before deepmap), HEIF and vector renditions are passed over. Names of one catalogue are compared exactly.
///
/// # Errors
///
/// [`IconError`]: not a catalogue, malformed, beyond a limit, or without a readable icon of these names.
pub fn find<N: AsRef<str>>(bytes: &[u8], names: &[N], limits: &Limits) -> Result<CatalogIcon, IconError> {
    if bytes.len() as u64 > limits.asset_catalog_bytes {
        return Err(IconError::FileBytes { seen: bytes.len() as u64, limit: limits.asset_catalog_bytes });
    }
    let catalog = Catalog::read(bytes)?;
    let mut first_error = None;
    for name in names.iter().map(AsRef::as_ref) {
        match catalog.icon(name, limits) {
            Ok(raster) => return Ok(CatalogIcon { name: name.to_owned(), raster }),
            Err(error) => first_error = first_error.or(Some(error)),
        }
    }
    Err(first_error.unwrap_or(IconError::NoIcon))
}

struct Catalog<'a> {
    /// Which attribute each position of a rendition key holds.
    attributes: Vec<u16>,
    identifiers: HashMap<&'a [u8], u16>,
    renditions: Vec<TreeEntry<'a>>,
}

impl<'a> Catalog<'a> {
    fn read(bytes: &'a [u8]) -> Result<Self, IconError> {
        let store = Store::read(bytes)?;
        let facets = store.tree("FACETKEYS", ENTRIES)?;
        Ok(Self {
            attributes: attributes(store.named("KEYFORMAT")?)?,
            identifiers: facets
                .iter()
                .filter_map(|facet| Some((name(facet.key), identifier(facet.value)?)))
                .collect(),
            renditions: store.tree("RENDITIONS", ENTRIES)?,
        })
    }

    fn icon(&self, name: &str, limits: &Limits) -> Result<Raster, IconError> {
        let identifier = *self.identifiers.get(name.as_bytes()).ok_or(IconError::NoIcon)?;
        let mut candidates: Vec<(u16, Rendition<'_>)> = self
            .renditions
            .iter()
            .filter(|entry| self.attribute(entry.key, IDENTIFIER) == Some(identifier))
            .filter_map(|entry| {
                let appearance = self.attribute(entry.key, APPEARANCE).unwrap_or_default();
                Some((appearance, Rendition::read(entry.value).ok()?))
            })
            .filter(|(_, rendition)| rendition.width == rendition.height && rendition.width > 0)
            .filter(|(_, rendition)| check_pixels(rendition.width, rendition.height, limits).is_ok())
            .collect();
        candidates.sort_by_key(|(appearance, rendition)| (*appearance, Reverse(rendition.width)));
        let mut first_error = None;
        for (_, rendition) in candidates.iter().take(ATTEMPTS) {
            match self.decode(rendition, limits) {
                Ok(raster) if raster.is_square() => return Ok(raster),
                Ok(_) => {}
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        Err(first_error.unwrap_or(IconError::NoIcon))
    }

    fn decode(&self, rendition: &Rendition<'_>, limits: &Limits) -> Result<Raster, IconError> {
        let Some(reference) = rendition.reference else {
            return rendition.decode(limits);
        };
        let atlas = self.atlas(&reference).ok_or(IconError::Malformed("an icon that refers to nothing"))?;
        // An atlas that is itself a reference has no pixels of its own and is refused there.
        let room = Limits { icon_pixels: limits.icon_pixels.max(ATLAS_PIXELS), ..limits.clone() };
        let atlas = Rendition::read(atlas)?.decode(&room)?;
        reference.cut(&atlas).ok_or(IconError::Malformed("an icon outside its atlas"))
    }

    /// The rendition with exactly the key `reference` gives; attributes it leaves out are zero.
    fn atlas(&self, reference: &Reference<'_>) -> Option<&'a [u8]> {
        let mut wanted = vec![0; self.attributes.len()];
        for &[a0, a1, v0, v1] in reference.key {
            let (attribute, value) = (u16::from_le_bytes([a0, a1]), u16::from_le_bytes([v0, v1]));
            if (attribute, value) == (0, 0) {
                break;
            }
            let position = self.attributes.iter().position(|known| *known == attribute)?;
            wanted[position] = value;
        }
        self.renditions
            .iter()
            .find(|entry| key_values(entry.key).eq(wanted.iter().copied()))
            .map(|entry| entry.value)
    }

    fn attribute(&self, key: &[u8], attribute: u16) -> Option<u16> {
        let position = self.attributes.iter().position(|known| *known == attribute)?;
        key_values(key).nth(position)
    }
}

fn attributes(format: &[u8]) -> Result<Vec<u16>, IconError> {
    const MALFORMED: IconError = IconError::Malformed("a key format without its mark");
    let numbers = format.strip_prefix(b"tmfk").ok_or(MALFORMED)?;
    let (numbers, _) = numbers.as_chunks::<4>();
    let [_version, count, numbers @ ..] = numbers else { return Err(MALFORMED) };
    let count = u32::from_le_bytes(*count) as usize;
    Ok(numbers
        .iter()
        .take(count.min(KEY_ATTRIBUTES))
        .map(|&[low, high, ..]| u16::from_le_bytes([low, high]))
        .collect())
}

fn key_values(key: &[u8]) -> impl Iterator<Item = u16> + '_ {
    key.as_chunks::<2>().0.iter().map(|two| u16::from_le_bytes(*two))
}

/// A facet's name, which ends at the first zero byte.
fn name(key: &[u8]) -> &[u8] {
    let key = &key[..key.len().min(NAME_BYTES)];
    key.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn identifier(facet: &[u8]) -> Option<u16> {
    let (pairs, _) = facet.get(6..)?.as_chunks::<4>();
    let pair = pairs
        .iter()
        .take(KEY_ATTRIBUTES)
        .find(|[a0, a1, ..]| u16::from_le_bytes([*a0, *a1]) == IDENTIFIER)?;
    Some(u16::from_le_bytes([pair[2], pair[3]]))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::made::{
        MadeStore, bgra, bitmap, bitmap_in_parts, catalog, gzip, key, lzfse, page, property, reference,
        rendition,
    };
    use super::*;

    const BGRA: [u8; 4] = *b"BGRA";

    fn icon(catalog: &[u8]) -> Result<Raster, IconError> {
        find(catalog, &["AppIcon"], &Limits::default()).map(|icon| icon.raster)
    }

    /// What [`bgra`] draws, as it should come out.
    fn rgba(width: u8, height: u8) -> Vec<u8> {
        (0..height).flat_map(|y| (0..width).flat_map(move |x| [7, y, x, 255])).collect()
    }

    #[test]
    fn bitmaps_of_every_compression_are_read() {
        let pixels = bgra(40, 40);
        let halves = pixels.split_at(25 * 160);
        let padded: Vec<u8> = pixels.chunks(160).flat_map(|row| [row, &[0xee; 32]].concat()).collect();
        for (what, properties, payload) in [
            ("plain", vec![], bitmap(0, &pixels)),
            ("gzip", vec![], bitmap(2, &gzip(&pixels))),
            ("LZFSE", vec![], bitmap(4, &lzfse(&pixels))),
            ("LZFSE in parts", vec![], bitmap_in_parts(4, &[(25, lzfse(halves.0)), (15, lzfse(halves.1))])),
            ("rows with padding", property(1007, &192_u32.to_le_bytes()), bitmap(4, &lzfse(&padded))),
        ] {
            let bytes = catalog(&[(key(0, 2, 500), rendition(40, 40, BGRA, &properties, &payload))]);
            let raster = icon(&bytes);
            assert_eq!(raster.as_ref().map(Raster::rgba), Ok(&rgba(40, 40)[..]), "{what}");
        }
    }

    #[test]
    fn grey_and_transparent_pixels_are_read() {
        for (what, encoding, pixel, expected) in [
            ("grey with alpha, multiplied", *b" 8AG", vec![50, 100], [128, 128, 128, 100]),
            ("grey", *b"YARG", vec![50], [50, 50, 50, 255]),
            ("colour with alpha, multiplied", BGRA, vec![10, 20, 30, 51], [150, 100, 50, 51]),
            ("fully transparent", BGRA, vec![0, 0, 0, 0], [0, 0, 0, 0]),
        ] {
            let bytes = catalog(&[(key(0, 1, 500), rendition(1, 1, encoding, &[], &bitmap(0, &pixel)))]);
            assert_eq!(icon(&bytes).as_ref().map(Raster::rgba), Ok(&expected[..]), "{what}");
        }
    }

    #[test]
    fn an_icon_is_cut_out_of_its_atlas() {
        // Twelve wide, ten high; the part starts 2 from the left and 1 from below, so at row 10 - 1 - 6 from above.
        let atlas = rendition(12, 10, BGRA, &[], &bitmap(4, &lzfse(&bgra(12, 10))));
        let part = rendition(6, 6, BGRA, &reference(2, 1, 6, 6, 3, 900), &[]);
        let bytes = catalog(&[(key(0, 3, 500), part), (key(0, 3, 900), atlas)]);
        let raster = icon(&bytes).unwrap();
        assert_eq!((raster.width(), raster.height()), (6, 6));
        assert_eq!(raster.rgba()[..4], [7, 3, 2, 255]);
    }

    #[test]
    fn the_largest_square_light_rendition_wins() {
        let square = |side: u8| rendition(side.into(), side.into(), BGRA, &[], &bitmap(0, &bgra(side, side)));
        let wide = rendition(90, 60, BGRA, &[], &bitmap(0, &bgra(90, 60)));
        let unreadable = rendition(80, 80, BGRA, &[], &bitmap(9, &[]));
        let bytes = catalog(&[
            (key(0, 1, 500), square(20)),
            (key(0, 2, 500), square(40)),
            (key(0, 3, 500), wide),
            (key(0, 4, 500), unreadable),
            (key(1, 3, 500), square(60)),
            (key(0, 3, 501), square(100)),
        ]);
        assert_eq!(icon(&bytes).map(|raster| raster.width()), Ok(40));
        let limits = Limits { icon_pixels: 40 * 40 - 1, ..Limits::default() };
        assert_eq!(find(&bytes, &["AppIcon"], &limits).map(|icon| icon.raster.width()), Ok(20));
    }

    #[test]
    fn names_are_tried_in_turn() {
        let bytes = catalog(&[(key(0, 1, 500), rendition(1, 1, BGRA, &[], &bitmap(0, &[1, 2, 3, 255])))]);
        assert_eq!(find(&bytes, &["Other", "AppIcon"], &Limits::default()).unwrap().name, "AppIcon");
        for names in [&["Other"][..], &["appicon"], &[]] {
            assert_eq!(find(&bytes, names, &Limits::default()), Err(IconError::NoIcon), "{names:?}");
        }
    }

    #[test]
    fn trees_that_never_end_are_refused() {
        let mut leaf_loop = MadeStore::default();
        let own = leaf_loop.block(Vec::new()) + 1;
        leaf_loop.block(page(1, own, &[]));
        leaf_loop.tree("FACETKEYS", own);
        let mut branch_loop = MadeStore::default();
        let own = branch_loop.block(Vec::new()) + 1;
        branch_loop.block(page(0, 0, &[[own, 0]]));
        branch_loop.tree("FACETKEYS", own);
        for (what, store, expected) in [
            ("a leaf that follows itself", leaf_loop, "tree pages in a loop"),
            ("a branch within itself", branch_loop, "a tree too deep"),
        ] {
            assert_eq!(icon(&store.build()), Err(IconError::Malformed(expected)), "{what}");
        }
    }

    #[test]
    fn lies_are_refused() {
        let referring = |properties: &[u8]| rendition(6, 6, BGRA, properties, &[]);
        let atlas = rendition(8, 8, BGRA, &[], &bitmap(0, &bgra(8, 8)));
        for (what, rendition) in [
            ("a bitmap that ends early", rendition(8, 8, BGRA, &[], &bitmap(0, &bgra(8, 7)))),
            ("LZFSE that ends early", rendition(8, 8, BGRA, &[], &bitmap(4, &lzfse(&bgra(8, 7))))),
            ("parts with too few rows", rendition(8, 8, BGRA, &[], &bitmap_in_parts(0, &[(7, bgra(8, 7))]))),
            ("a part of no rows", rendition(8, 8, BGRA, &[], &bitmap_in_parts(0, &[(0, bgra(8, 8))]))),
            ("rows shorter than the pixels", {
                rendition(8, 8, BGRA, &property(1007, &31_u32.to_le_bytes()), &bitmap(0, &bgra(8, 8)))
            }),
            ("rows of 4 GiB", {
                rendition(8, 8, BGRA, &property(1007, &u32::MAX.to_le_bytes()), &bitmap(0, &bgra(8, 8)))
            }),
            ("more pixels than the limit", rendition(65_535, 65_535, BGRA, &[], &bitmap(0, &[]))),
            ("a reference to nothing", referring(&reference(0, 0, 6, 6, 9, 9))),
            ("a reference to itself", referring(&reference(0, 0, 6, 6, 3, 500))),
            ("a part to the right of its atlas", referring(&reference(3, 0, 6, 6, 3, 900))),
            ("a part below its atlas", referring(&reference(0, 3, 6, 6, 3, 900))),
            ("a part far outside its atlas", referring(&reference(u32::MAX, u32::MAX, 6, 6, 3, 900))),
            ("a header cut short", b"ISTC".to_vec()),
        ] {
            let bytes = catalog(&[(key(0, 3, 500), rendition), (key(0, 3, 900), atlas.clone())]);
            assert!(icon(&bytes).is_err(), "{what}");
        }
    }

    #[test]
    fn what_is_no_catalogue_is_refused() {
        assert_eq!(icon(b""), Err(IconError::NotCatalog));
        assert_eq!(icon(b"BOMStore"), Err(IconError::Malformed("a truncated catalogue header")));
        assert_eq!(icon(&MadeStore::default().build()), Err(IconError::Missing("FACETKEYS")));
        let limits = Limits { asset_catalog_bytes: 3, ..Limits::default() };
        assert_eq!(find(b"BOMS", &["AppIcon"], &limits), Err(IconError::FileBytes { seen: 4, limit: 3 }));
    }

    proptest! {
        #[test]
        fn no_damage_makes_it_panic(
            damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
            cut in any::<prop::sample::Index>(),
        ) {
            let atlas = rendition(12, 10, BGRA, &[], &bitmap_in_parts(4, &[(10, lzfse(&bgra(12, 10)))]));
            let part = rendition(6, 6, BGRA, &reference(2, 1, 6, 6, 3, 900), &[]);
            let mut bytes = catalog(&[(key(0, 3, 500), part), (key(0, 3, 900), atlas)]);
            for (at, byte) in damage {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes.truncate(cut.index(bytes.len() * 4));
            let _ = find(&bytes, &["AppIcon"], &Limits { icon_pixels: 1 << 12, ..Limits::default() });
        }
    }
}
