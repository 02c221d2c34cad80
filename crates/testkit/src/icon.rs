//! Icons: PNG, and PNG as Xcode crushes it (`CgBI`), drawn here; and pictures that hurt.
//!
//! A crushed PNG holds raw deflate without zlib's header and sum, blue before red, colours multiplied by alpha, and a
//! `CgBI` chunk before `IHDR`; larger ones announce their second `IDAT` in `iDOT`. Observed on packages of Xcode 7 to 14.
//!
//! ```
//! use testkit::icon::Icon;
//!
//! let plain = Icon::new(120).png();
//! let crushed = Icon::new(120).crushed();
//! assert_eq!(&crushed[12..16], b"CgBI");
//! assert_eq!(&plain[12..16], b"IHDR");
//! ```

pub mod hostile;

use std::io::Write;

use flate2::write::{DeflateEncoder, ZlibEncoder};
use flate2::{Compress, Compression, FlushCompress};

/// A square picture: a gradient from the top left to the bottom right, opaque or fading out to the right.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Icon {
    pixels: u32,
    alpha: Alpha,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Alpha {
    Opaque,
    Fading,
}

impl Icon {
    /// An opaque icon of `pixels` by `pixels`.
    pub fn new(pixels: u32) -> Self {
        Self { pixels, alpha: Alpha::Opaque }
    }

    /// Fades to nothing on the right edge.
    pub fn fading(mut self) -> Self {
        self.alpha = Alpha::Fading;
        self
    }

    /// The pixels row by row: red, green, blue, alpha, not multiplied.
    #[must_use]
    pub fn rgba(self) -> Vec<u8> {
        let scale = |at: u32| scaled(at, self.pixels);
        let rows = 0..self.pixels;
        rows.flat_map(|y| {
            (0..self.pixels).flat_map(move |x| {
                let alpha = if self.alpha == Alpha::Fading { 255 - scale(x) } else { 255 };
                [scale(x), scale(y), 0x80, alpha]
            })
        })
        .collect()
    }

    /// An ordinary PNG.
    #[must_use]
    pub fn png(self) -> Vec<u8> {
        let data = zlib(&self.rows(&self.rgba()));
        assemble(&[header(self.pixels, self.pixels, 6), chunk(*b"sRGB", &[0]), chunk(*b"IDAT", &data)])
    }

    /// The PNG as Xcode crushes it, in one `IDAT`.
    #[must_use]
    pub fn crushed(self) -> Vec<u8> {
        let data = raw_deflate(&self.rows(&self.crushed_pixels()));
        assemble(&[apple_mark(), header(self.pixels, self.pixels, 6), chunk(*b"IDAT", &data)])
    }

    /// The PNG as Xcode crushes larger ones: the upper and the lower half each whole deflate blocks in an `IDAT` of
    /// their own, which `iDOT` announces. Needs at least two rows.
    #[must_use]
    pub fn crushed_in_two(self) -> Vec<u8> {
        let rows = self.rows(&self.crushed_pixels());
        let upper_rows = self.pixels / 2;
        let split = upper_rows as usize * (1 + self.pixels as usize * 4);
        let [first, second] = deflated_in_two(&rows[..split], &rows[split..]);
        let upper = chunk(*b"IDAT", &first);
        let numbers = [2, 0, upper_rows, 40, upper_rows, self.pixels - upper_rows, 40 + length(&upper)];
        let announced: Vec<u8> = numbers.iter().flat_map(|number| number.to_be_bytes()).collect();
        assemble(&[
            apple_mark(),
            header(self.pixels, self.pixels, 6),
            chunk(*b"iDOT", &announced),
            upper,
            chunk(*b"IDAT", &second),
        ])
    }

    /// Blue, green, red, alpha; colours multiplied by alpha.
    fn crushed_pixels(self) -> Vec<u8> {
        let multiplied = |colour: u8, alpha: u8| {
            u8::try_from((u16::from(colour) * u16::from(alpha) + 127) / 255)
                .expect("a product of fractions is one")
        };
        let rgba = self.rgba();
        let pixels = rgba.chunks_exact(4);
        pixels
            .flat_map(|p| [multiplied(p[2], p[3]), multiplied(p[1], p[3]), multiplied(p[0], p[3]), p[3]])
            .collect()
    }

    /// Each row after a filter byte of zero: no filter.
    fn rows(self, pixels: &[u8]) -> Vec<u8> {
        pixels.chunks(self.pixels as usize * 4).flat_map(|row| [&[0], row].concat()).collect()
    }
}

/// Where `at` lies between the first pixel (0) and the last (255).
fn scaled(at: u32, pixels: u32) -> u8 {
    u8::try_from(at * 255 / pixels.saturating_sub(1).max(1)).expect("at most the last, so at most 255")
}

/// One stream of raw deflate in two pieces, each of which can be inflated without the other.
fn deflated_in_two(first: &[u8], second: &[u8]) -> [Vec<u8>; 2] {
    let mut compress = Compress::new(Compression::best(), false);
    let mut piece = |bytes: &[u8], flush: FlushCompress| {
        // Room for data that do not shrink and for the end of the blocks.
        let mut out = Vec::with_capacity(bytes.len() + bytes.len() / 8 + 64);
        compress.compress_vec(bytes, &mut out, flush).expect("a fresh stream takes all data");
        out
    };
    // A full flush ends on a byte and forgets what came before.
    [piece(first, FlushCompress::Full), piece(second, FlushCompress::Finish)]
}

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";

fn assemble(chunks: &[Vec<u8>]) -> Vec<u8> {
    [SIGNATURE, &chunks.concat(), &chunk(*b"IEND", &[])].concat()
}

/// Flags Apple's decoder reads: 8 bits a channel, alpha first, little-endian, multiplied.
fn apple_mark() -> Vec<u8> {
    chunk(*b"CgBI", &[0x50, 0x00, 0x20, 0x02])
}

fn header(width: u32, height: u32, colour_type: u8) -> Vec<u8> {
    chunk(*b"IHDR", &[&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, colour_type, 0, 0, 0]].concat())
}

fn chunk(kind: [u8; 4], data: &[u8]) -> Vec<u8> {
    let mut sum = crc32fast::Hasher::new();
    sum.update(&kind);
    sum.update(data);
    [&length(data).to_be_bytes()[..], &kind, data, &sum.finalize().to_be_bytes()].concat()
}

fn length(data: &[u8]) -> u32 {
    u32::try_from(data.len()).expect("test pictures stay below 4 GiB")
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("writing to memory does not fail")
}

fn raw_deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("writing to memory does not fail")
}
