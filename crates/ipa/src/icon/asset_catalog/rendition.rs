//! One rendition of a catalogue: its header, its properties and its pixels. Numbers are little endian.
//! Source: observed; Apple documents none of it.

use super::deepmap2;
use super::expand::{Compression, expand};
use crate::Limits;
use crate::icon::raster::{self, Raster};
use crate::icon::{IconError, check_pixels};

const HEADER_BYTES: usize = 184;

/// What a row may be longer than its pixels, for alignment.
const ROW_PADDING: usize = 4096;

/// How many properties of a rendition are looked at: real ones have six or so.
const PROPERTIES: usize = 64;

const SLICES: u32 = 1001;
const ROW_BYTES: u32 = 1007;
const REFERENCE: u32 = 1010;

/// A rendition whose pixels are not read yet.
pub(super) struct Rendition<'a> {
    pub(super) width: u32,
    pub(super) height: u32,
    encoding: [u8; 4],
    row_bytes: Option<usize>,
    pub(super) reference: Option<Reference<'a>>,
    payload: &'a [u8],
}

/// "My pixels are a part of that rendition": how small images share an atlas.
#[derive(Clone, Copy)]
pub(super) struct Reference<'a> {
    left: u32,
    /// Distance of the part's lower edge from the atlas's lower edge.
    bottom: u32,
    width: u32,
    height: u32,
    /// Attribute and value of the atlas's key, two bytes each.
    pub(super) key: &'a [[u8; 4]],
}

impl<'a> Rendition<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, IconError> {
        const TRUNCATED: IconError = IconError::Malformed("a truncated rendition");
        let (header, rest) = bytes.split_at_checked(HEADER_BYTES).ok_or(TRUNCATED)?;
        if !header.starts_with(b"ISTC") {
            return Err(IconError::Malformed("a rendition without its mark"));
        }
        let field = |at| number(header, at).ok_or(TRUNCATED);
        let (properties, payload) = rest.split_at_checked(field(168)? as usize).ok_or(TRUNCATED)?;
        let mut rendition = Self {
            width: field(12)?,
            height: field(16)?,
            encoding: field(24)?.to_le_bytes(),
            row_bytes: None,
            reference: None,
            payload,
        };
        rendition.read_properties(properties);
        Ok(rendition)
    }

    fn read_properties(&mut self, mut properties: &'a [u8]) {
        for _ in 0..PROPERTIES {
            let (Some(kind), Some(length)) = (number(properties, 0), number(properties, 4)) else { return };
            let Some((value, rest)) = properties[8..].split_at_checked(length as usize) else { return };
            match kind {
                // Images kept as files say their size only here.
                SLICES if self.width == 0 && self.height == 0 => {
                    self.width = number(value, 12).unwrap_or_default();
                    self.height = number(value, 16).unwrap_or_default();
                }
                ROW_BYTES => self.row_bytes = number(value, 0).map(|bytes| bytes as usize),
                REFERENCE => self.reference = Reference::read(value),
                _ => {}
            }
            properties = rest;
        }
    }

    /// The pixels, when they are the rendition's own.
    pub(super) fn decode(&self, limits: &Limits) -> Result<Raster, IconError> {
        check_pixels(self.width, self.height, limits)?;
        match self.payload.first_chunk() {
            Some(b"DWAR") if self.encoding == *b"GEPJ" => {
                jpeg(self.payload.get(12..).unwrap_or_default(), limits)
            }
            Some(b"MLEC") => self.bitmap(),
            _ => Err(IconError::Unsupported("this kind of rendition")),
        }
    }

    fn bitmap(&self) -> Result<Raster, IconError> {
        let field = |at| number(self.payload, at).ok_or(IconError::Malformed("a truncated bitmap"));
        let (version, compression, count) = (field(4)?, field(8)?, field(12)? as usize);
        let (width, height) = (self.width as usize, self.height as usize);
        let coding = match compression {
            0 => Coding::Plain(Compression::None),
            2 => Coding::Plain(Compression::Gzip),
            3 => Coding::Plain(Compression::Lzvn),
            4 => Coding::Plain(Compression::Lzfse),
            11 => Coding::Deepmap2,
            _ => return Err(IconError::Unsupported("this bitmap compression")),
        };
        let layout = self.layout()?;
        let mut rgba = Vec::with_capacity(width * height * 4);
        let mut rest = &self.payload[16..];
        let mut rows = 0;
        // Odd versions hold several parts of some rows each, even ones a single stream.
        let parts = if version % 2 == 1 { count } else { 1 };
        for _ in 0..parts {
            let part = if version % 2 == 1 {
                Part::split_from(&mut rest).ok_or(IconError::Malformed("a truncated bitmap part"))?
            } else {
                let data = rest.get(..count).ok_or(IconError::Malformed("a truncated bitmap"))?;
                Part { rows: height, data }
            };
            let shown = part.rows.min(height - rows);
            if shown == 0 {
                break;
            }
            match coding {
                Coding::Plain(compression) => {
                    let bytes = expand(compression, part.data, layout.row_bytes * shown)?;
                    for row in bytes.chunks_exact(layout.row_bytes) {
                        layout.append_row(&row[..layout.pixel_bytes * width], &mut rgba);
                    }
                }
                Coding::Deepmap2 => rgba.extend(deepmap2::decode(part.data, width, shown)?),
            }
            rows += shown;
        }
        raster::unpremultiply(&mut rgba);
        Raster::from_rgba(self.width, self.height, rgba)
            .ok_or(IconError::Malformed("fewer rows than the bitmap says"))
    }

    fn layout(&self) -> Result<Layout, IconError> {
        let pixel_bytes = match &self.encoding {
            b"BGRA" => 4,
            b" 8AG" => 2,
            b"YARG" => 1,
            _ => return Err(IconError::Unsupported("this pixel encoding")),
        };
        let least = self.width as usize * pixel_bytes;
        let row_bytes = self.row_bytes.unwrap_or(least);
        if row_bytes < least || row_bytes > least + ROW_PADDING {
            return Err(IconError::Malformed("a row length that does not fit the width"));
        }
        Ok(Layout { pixel_bytes, row_bytes })
    }
}

enum Coding {
    Plain(Compression),
    Deepmap2,
}

/// How pixels lie in plain rows.
struct Layout {
    pixel_bytes: usize,
    row_bytes: usize,
}

impl Layout {
    fn append_row(&self, row: &[u8], rgba: &mut Vec<u8>) {
        for pixel in row.chunks_exact(self.pixel_bytes) {
            rgba.extend_from_slice(&match *pixel {
                [blue, green, red, alpha] => [red, green, blue, alpha],
                [grey, alpha] => [grey, grey, grey, alpha],
                [grey] => [grey, grey, grey, 255],
                _ => [0; 4],
            });
        }
    }
}

struct Part<'a> {
    rows: usize,
    data: &'a [u8],
}

impl<'a> Part<'a> {
    /// Takes the next part off `rest`: twenty bytes of header, then its stream.
    fn split_from(rest: &mut &'a [u8]) -> Option<Self> {
        let rows = number(rest, 12)? as usize;
        let length = number(rest, 16)? as usize;
        let (data, after) = rest.get(20..)?.split_at_checked(length)?;
        *rest = after;
        Some(Self { rows, data })
    }
}

impl<'a> Reference<'a> {
    fn read(value: &'a [u8]) -> Option<Self> {
        if !value.starts_with(b"KLNI") {
            return None;
        }
        let length = number(value, 26)? as usize;
        let (key, _) = value.get(30..)?.get(..length)?.as_chunks();
        Some(Self {
            left: number(value, 8)?,
            bottom: number(value, 12)?,
            width: number(value, 16)?,
            height: number(value, 20)?,
            key,
        })
    }

    /// Cuts the part out of its atlas.
    pub(super) fn cut(&self, atlas: &Raster) -> Option<Raster> {
        let top = atlas.height().checked_sub(self.bottom)?.checked_sub(self.height)?;
        atlas.cropped(self.left, top, self.width, self.height)
    }
}

fn jpeg(bytes: &[u8], limits: &Limits) -> Result<Raster, IconError> {
    let mut reader = image::ImageReader::with_format(std::io::Cursor::new(bytes), image::ImageFormat::Jpeg);
    let mut allowed = image::Limits::default();
    allowed.max_alloc = Some(limits.icon_pixels.saturating_mul(8));
    reader.limits(allowed);
    let decoder = reader.into_decoder().map_err(|error| IconError::Jpeg(error.to_string()))?;
    let (width, height) = image::ImageDecoder::dimensions(&decoder);
    check_pixels(width, height, limits)?;
    let image = image::DynamicImage::from_decoder(decoder)
        .map_err(|error| IconError::Jpeg(error.to_string()))?
        .into_rgba8();
    Raster::from_rgba(width, height, image.into_raw()).ok_or(IconError::Malformed("an empty image"))
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|four| u32::from_le_bytes(*four))
}
