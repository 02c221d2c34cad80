//! PNG files as packages hold them: ordinary ones, and those Xcode crushed.
//!
//! A crushed file starts with a `CgBI` chunk before `IHDR`; its `IDAT` is a deflate stream without zlib
//! header and checksum, and its colours are stored blue, green, red, multiplied by their alpha. `iDOT` says
//! where a second half of the stream starts; the stream reads through without it. Source: observed in
//! packages from 2012 to 2023; Apple documents none of it.

use std::io::Cursor;

use super::IconError;
use super::raster::{self, Raster};
use crate::Limits;

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// The most chunks a file may have. Encoders cut a picture into pieces of 8 KiB or more.
const CHUNKS: u32 = 8192;

/// A zlib header for a 32 KiB window: what crushing removed from in front of the stream.
const ZLIB_HEADER: [u8; 2] = [0x78, 0x01];

/// Reads a PNG, ordinary or crushed.
///
/// Only the chunks that make the picture are looked at (`IHDR`, `PLTE`, `tRNS`, `IDAT`), so text, colour
/// profiles and animation of a hostile file are never parsed. Sixteen bits a channel become eight;
/// checksums are not compared, since crushed files have none.
///
/// # Errors
///
/// [`IconError`] says which limit was passed or what was malformed.
pub fn decode(bytes: &[u8], limits: &Limits) -> Result<Raster, IconError> {
    if bytes.len() as u64 > limits.icon_bytes {
        return Err(IconError::FileBytes { seen: bytes.len() as u64, limit: limits.icon_bytes });
    }
    let picture = Picture::read(bytes, limits)?;
    let decoded = picture.decode(limits)?;
    decoded.into_raster(picture.crushing)
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Crushing {
    None,
    Apple,
}

/// The chunks that make the picture, as an ordinary PNG.
struct Picture {
    png: Vec<u8>,
    crushing: Crushing,
}

impl Picture {
    fn read(bytes: &[u8], limits: &Limits) -> Result<Self, IconError> {
        let mut rest = bytes.strip_prefix(SIGNATURE).ok_or(IconError::NotPng)?;
        let mut png = Vec::with_capacity(bytes.len() + ZLIB_HEADER.len());
        png.extend_from_slice(SIGNATURE);
        let mut crushing = Crushing::None;
        let mut headers = 0_u32;
        let mut data_seen = false;
        let mut chunks = 0_u32;
        while let Some(chunk) = Chunk::split_from(&mut rest)? {
            chunks += 1;
            if chunks > CHUNKS {
                return Err(IconError::Chunks { limit: CHUNKS });
            }
            match chunk.name {
                b"CgBI" if headers == 0 => crushing = Crushing::Apple,
                b"IHDR" => {
                    headers += 1;
                    if headers > 1 {
                        return Err(IconError::Malformed("a second IHDR chunk"));
                    }
                    check_size(chunk.data, limits)?;
                    append(&mut png, *b"IHDR", &[chunk.data]);
                }
                b"IDAT" if crushing == Crushing::Apple && !data_seen => {
                    data_seen = true;
                    append(&mut png, *b"IDAT", &[&ZLIB_HEADER, chunk.data]);
                }
                b"IDAT" => append(&mut png, *b"IDAT", &[chunk.data]),
                b"PLTE" => append(&mut png, *b"PLTE", &[chunk.data]),
                b"tRNS" => append(&mut png, *b"tRNS", &[chunk.data]),
                b"IEND" => break,
                _ => {}
            }
        }
        append(&mut png, *b"IEND", &[]);
        Ok(Self { png, crushing })
    }

    fn decode(&self, limits: &Limits) -> Result<Decoded, IconError> {
        // What the decoder may allocate beside the pixels: the widest row, twice, and its window.
        let bytes = usize::try_from(limits.icon_pixels.saturating_mul(8))
            .unwrap_or(usize::MAX)
            .saturating_add(1 << 20);
        let mut decoder = png::Decoder::new_with_limits(Cursor::new(&self.png), png::Limits { bytes });
        decoder.ignore_checksums(true);
        decoder.set_transformations(png::Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().map_err(|error| IconError::Png(error.to_string()))?;
        let info = reader.info();
        let stored = info.color_type;
        let size = reader.output_buffer_size().ok_or(IconError::Malformed("an image too big to address"))?;
        let mut pixels = vec![0; size];
        let frame = reader.next_frame(&mut pixels).map_err(|error| IconError::Png(error.to_string()))?;
        pixels.truncate(frame.buffer_size());
        Ok(Decoded { width: frame.width, height: frame.height, stored, color: frame.color_type, pixels })
    }
}

struct Chunk<'a> {
    name: &'a [u8; 4],
    data: &'a [u8],
}

impl<'a> Chunk<'a> {
    /// Takes the next chunk off `rest`; `None` at its end.
    fn split_from(rest: &mut &'a [u8]) -> Result<Option<Self>, IconError> {
        const TRUNCATED: IconError = IconError::Malformed("a truncated chunk");
        if rest.is_empty() {
            return Ok(None);
        }
        let (length, after) = rest.split_first_chunk::<4>().ok_or(TRUNCATED)?;
        let (name, after) = after.split_first_chunk::<4>().ok_or(TRUNCATED)?;
        let length = u32::from_be_bytes(*length) as usize;
        let (data, after) = after.split_at_checked(length).ok_or(TRUNCATED)?;
        let (_checksum, after) = after.split_first_chunk::<4>().ok_or(TRUNCATED)?;
        *rest = after;
        Ok(Some(Self { name, data }))
    }
}

fn check_size(header: &[u8], limits: &Limits) -> Result<(), IconError> {
    let side = |at: usize| header.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_be_bytes);
    let (Some(width), Some(height)) = (side(0), side(4)) else {
        return Err(IconError::Malformed("a truncated IHDR chunk"));
    };
    super::check_pixels(width, height, limits)
}

/// Writes a chunk with a zero checksum, which the decoder is told to ignore.
fn append(png: &mut Vec<u8>, name: [u8; 4], parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let length = u32::try_from(length).expect("a chunk is at most two bytes longer than the limited file's");
    png.extend_from_slice(&length.to_be_bytes());
    png.extend_from_slice(&name);
    for part in parts {
        png.extend_from_slice(part);
    }
    png.extend_from_slice(&[0; 4]);
}

struct Decoded {
    width: u32,
    height: u32,
    stored: png::ColorType,
    color: png::ColorType,
    pixels: Vec<u8>,
}

impl Decoded {
    fn into_raster(self, crushing: Crushing) -> Result<Raster, IconError> {
        let mut rgba: Vec<u8> = match self.color {
            png::ColorType::Grayscale => self.pixels.iter().flat_map(|&g| [g, g, g, 255]).collect(),
            png::ColorType::GrayscaleAlpha => {
                self.pixels.chunks_exact(2).flat_map(|p| [p[0], p[0], p[0], p[1]]).collect()
            }
            png::ColorType::Rgb => {
                self.pixels.chunks_exact(3).flat_map(|p| [p[0], p[1], p[2], 255]).collect()
            }
            png::ColorType::Rgba => self.pixels,
            png::ColorType::Indexed => return Err(IconError::Malformed("an index without its palette")),
        };
        if crushing == Crushing::Apple {
            // A palette is not reordered by crushing (assumed: no sample was seen), true colour is.
            if matches!(self.stored, png::ColorType::Rgb | png::ColorType::Rgba) {
                for pixel in rgba.chunks_exact_mut(4) {
                    pixel.swap(0, 2);
                }
            }
            raster::unpremultiply(&mut rgba);
        }
        Raster::from_rgba(self.width, self.height, rgba)
            .ok_or(IconError::Malformed("fewer pixels than its header says"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use testkit::icon::Icon;

    use super::*;

    /// The largest difference between two channels of the same place.
    fn difference(found: &[u8], expected: &[u8]) -> u8 {
        assert_eq!(found.len(), expected.len());
        found.iter().zip(expected).map(|(a, b)| a.abs_diff(*b)).max().unwrap_or_default()
    }

    #[test]
    fn plain_and_crushed_files_give_the_same_picture() {
        for icon in [Icon::new(57), Icon::new(120), Icon::new(2)] {
            for (what, bytes) in [
                ("plain", icon.png()),
                ("crushed", icon.crushed()),
                ("crushed in two", icon.crushed_in_two()),
            ] {
                let raster = decode(&bytes, &Limits::default()).unwrap();
                assert_eq!(raster.rgba(), icon.rgba(), "{what}");
                let again = decode(&raster.to_png(), &Limits::default()).unwrap();
                assert_eq!(again, raster, "{what}, written and read again");
            }
        }
    }

    #[test]
    fn crushed_alpha_comes_back_as_near_as_eight_bits_allow() {
        let icon = Icon::new(64).fading();
        let raster = decode(&icon.crushed(), &Limits::default()).unwrap();
        let expected = icon.rgba();
        for (found, expected) in raster.rgba().chunks_exact(4).zip(expected.chunks_exact(4)) {
            // Where alpha is low, multiplying left few steps.
            let allowed = if expected[3] == 0 { 255 } else { 128_u8.div_ceil(expected[3]) + 1 };
            assert_eq!(found[3], expected[3]);
            assert!(difference(&found[..3], &expected[..3]) <= allowed, "{found:?} for {expected:?}");
        }
    }

    #[test]
    fn every_colour_type_depth_and_interlacing_is_read() {
        use png::{BitDepth, ColorType};
        for (color, depth, bits, expected) in [
            (ColorType::Grayscale, BitDepth::One, 1, [255, 255, 255, 255]),
            (ColorType::Grayscale, BitDepth::Eight, 8, [255, 255, 255, 255]),
            (ColorType::Grayscale, BitDepth::Sixteen, 16, [255, 255, 255, 255]),
            (ColorType::GrayscaleAlpha, BitDepth::Eight, 16, [255, 255, 255, 255]),
            (ColorType::Rgb, BitDepth::Eight, 24, [255, 255, 255, 255]),
            (ColorType::Rgb, BitDepth::Sixteen, 48, [255, 255, 255, 255]),
            (ColorType::Rgba, BitDepth::Sixteen, 64, [255, 255, 255, 255]),
            (ColorType::Indexed, BitDepth::Two, 2, [7, 8, 9, 20]),
        ] {
            let mut bytes = Vec::new();
            let mut encoder = png::Encoder::new(&mut bytes, 8, 8);
            encoder.set_color(color);
            encoder.set_depth(depth);
            if color == ColorType::Indexed {
                encoder.set_palette([[0; 3], [0; 3], [0; 3], [7, 8, 9]].concat());
                encoder.set_trns(vec![255, 255, 255, 20]);
            }
            let row = vec![0xff; bits];
            encoder.write_header().unwrap().write_image_data(&row.repeat(8)).unwrap();
            let raster = decode(&bytes, &Limits::default()).unwrap();
            assert_eq!(raster.rgba()[..4], expected, "{color:?} {depth:?}");
        }
    }

    #[test]
    fn only_the_chunks_of_the_picture_are_written_again() {
        let raster = decode(&Icon::new(60).png(), &Limits::default()).unwrap();
        let png = raster.to_png();
        let mut rest = png.strip_prefix(SIGNATURE).unwrap();
        let mut names = Vec::new();
        while let Some(chunk) = Chunk::split_from(&mut rest).unwrap() {
            names.push(std::str::from_utf8(chunk.name).unwrap().to_owned());
        }
        names.dedup();
        assert_eq!(names, ["IHDR", "IDAT", "IEND"]);
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        for case in testkit::icon::hostile::cases() {
            let decoded = decode(&case.bytes, &Limits::default());
            // Data beyond the last pixel are never inflated, so the picture before them is fine.
            let harmless = case.what.contains("16 MiB of data");
            assert_eq!(decoded.is_ok(), harmless, "{}: {:?}", case.what, decoded.err());
        }
    }

    #[test]
    fn limits_hold_on_both_sides() {
        let bytes = Icon::new(16).crushed();
        let length = bytes.len() as u64;
        for (limits, fits) in [
            (Limits { icon_bytes: length, ..Limits::default() }, true),
            (Limits { icon_bytes: length - 1, ..Limits::default() }, false),
            (Limits { icon_pixels: 256, ..Limits::default() }, true),
            (Limits { icon_pixels: 255, ..Limits::default() }, false),
        ] {
            assert_eq!(decode(&bytes, &limits).is_ok(), fits, "{limits:?}");
        }
    }

    #[test]
    fn a_flood_of_chunks_is_refused() {
        let plain = Icon::new(4).png();
        for (extra, fits) in [(CHUNKS - 4, true), (CHUNKS, false)] {
            let mut bytes = plain[..33].to_vec();
            for _ in 0..extra {
                append(&mut bytes, *b"tEXt", &[]);
            }
            bytes.extend_from_slice(&plain[33..]);
            let decoded = decode(&bytes, &Limits::default());
            assert_eq!(decoded.is_ok(), fits, "{extra} more chunks: {:?}", decoded.err());
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = decode(&bytes, &Limits::default());
            let _ = decode(&[SIGNATURE, &bytes[..]].concat(), &Limits::default());
        }

        #[test]
        fn no_damage_makes_it_panic(at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>()) {
            let mut bytes = Icon::new(9).fading().crushed_in_two();
            let at = at.index(bytes.len());
            bytes[at] = byte;
            bytes.truncate(cut.index(bytes.len() * 4));
            let _ = decode(&bytes, &Limits { icon_pixels: 1 << 12, ..Limits::default() });
        }
    }
}
