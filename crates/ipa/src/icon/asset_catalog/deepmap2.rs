//! Deepmap 2, the image coding of catalogues since Xcode 11: a palette, plain samples, or samples predicted
//! row by row with luma and two chroma differences, over LZFSE. Numbers are little endian.
//!
//! Source: observed. Palette and predicted grey were seen in real catalogues; predicted colour, plain and
//! losslessly packed samples follow public descriptions and were not.

use super::expand::{Compression, expand, expand_up_to};
use crate::icon::IconError;

/// Below this many bytes plain samples are packed as bare LZVN rather than LZFSE.
const LZVN_BELOW: usize = 0x1000;

/// Reads `rows` rows of `width` pixels: RGBA, multiplied by alpha.
pub(super) fn decode(data: &[u8], width: usize, rows: usize) -> Result<Vec<u8>, IconError> {
    let header = Header::read(data)?;
    if header.width != width || header.rows < rows {
        return Err(IconError::Malformed("a deepmap of another size"));
    }
    let shape = Shape { format: header.format, width, rows };
    let body = header.body;
    let samples = match header.coding {
        1 => expand(Compression::None, body, shape.plain_bytes())?,
        2 => return predicted(body, shape, header.chroma_shift),
        3 => unpack(body, shape.plain_bytes())?,
        4 => return indexed(body, width * rows),
        _ => return Err(IconError::Unsupported("this deepmap coding")),
    };
    Ok(samples.chunks_exact(shape.format.plain_bytes()).flat_map(|pixel| shape.format.rgba(pixel)).collect())
}

#[derive(Clone, Copy)]
enum Format {
    Grey,
    GreyAlpha,
    Bgr,
    Bgra,
}

impl Format {
    fn plain_bytes(self) -> usize {
        match self {
            Self::Grey => 1,
            Self::GreyAlpha => 2,
            Self::Bgr => 3,
            Self::Bgra => 4,
        }
    }

    fn rgba(self, pixel: &[u8]) -> [u8; 4] {
        match (self, pixel) {
            (Self::Grey, &[grey]) => [grey, grey, grey, 255],
            (Self::GreyAlpha, &[grey, alpha]) => [grey, grey, grey, alpha],
            (Self::Bgr, &[blue, green, red]) => [red, green, blue, 255],
            (Self::Bgra, &[blue, green, red, alpha]) => [red, green, blue, alpha],
            _ => [0; 4],
        }
    }

    /// Samples of a predicted pixel: luma, and two chroma differences in colour.
    fn predicted_samples(self) -> usize {
        match self {
            Self::Grey | Self::GreyAlpha => 1,
            Self::Bgr | Self::Bgra => 3,
        }
    }

    fn alpha_bytes(self) -> usize {
        usize::from(matches!(self, Self::GreyAlpha | Self::Bgra))
    }
}

#[derive(Clone, Copy)]
struct Shape {
    format: Format,
    width: usize,
    rows: usize,
}

impl Shape {
    fn plain_bytes(self) -> usize {
        self.width * self.rows * self.format.plain_bytes()
    }

    /// Bytes of a predicted row over all planes: alpha, predictor, high and low halves of the samples.
    fn predicted_row_bytes(self) -> usize {
        self.width * self.format.alpha_bytes() + 1 + self.width * self.format.predicted_samples() * 2
    }
}

struct Header<'a> {
    coding: u8,
    chroma_shift: u32,
    format: Format,
    width: usize,
    rows: usize,
    body: &'a [u8],
}

impl<'a> Header<'a> {
    fn read(data: &'a [u8]) -> Result<Self, IconError> {
        // In a catalogue sixteen bytes repeat version, format and length in front of the mark.
        let bare = data.get(16..).filter(|rest| rest.starts_with(b"dmp2")).unwrap_or(data);
        let Some((&[b'd', b'm', b'p', b'2', coding, scaled, _, format, w0, w1, h0, h1], body)) =
            bare.split_first_chunk::<12>()
        else {
            return Err(IconError::Malformed("a deepmap without its mark"));
        };
        let format = match format {
            1 => Format::Grey,
            2 => Format::GreyAlpha,
            3 => Format::Bgr,
            4 => Format::Bgra,
            _ => return Err(IconError::Unsupported("this deepmap pixel format")),
        };
        let width = usize::from(u16::from_le_bytes([w0, w1]));
        let rows = usize::from(u16::from_le_bytes([h0, h1]));
        Ok(Self { coding, chroma_shift: u32::from(scaled != 0), format, width, rows, body })
    }
}

/// The parts of `body`: one stream, or several with their length in front of each.
fn streams(body: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    let mut rest = body;
    while !rest.is_empty() {
        let part = rest
            .split_first_chunk()
            .and_then(|(length, after)| after.split_at_checked(u32::from_le_bytes(*length) as usize))
            .filter(|(part, _)| !part.is_empty());
        let Some((part, after)) = part else {
            return vec![body];
        };
        found.push(part);
        rest = after;
    }
    found
}

/// Plain bytes that were packed without loss.
fn unpack(body: &[u8], length: usize) -> Result<Vec<u8>, IconError> {
    let mut unpacked = Vec::new();
    for stream in streams(body) {
        let left = length - unpacked.len();
        if left == 0 {
            break;
        }
        let compression = match stream {
            [b'b', b'v', b'x', ..] => Compression::Lzfse,
            _ if length < LZVN_BELOW => Compression::Lzvn,
            _ => return Err(IconError::Malformed("a deepmap stream without its mark")),
        };
        unpacked.extend(expand_up_to(compression, stream, left)?);
    }
    if unpacked.len() < length {
        return Err(IconError::Malformed("a stream that ends early"));
    }
    Ok(unpacked)
}

fn indexed(body: &[u8], pixels: usize) -> Result<Vec<u8>, IconError> {
    const TRUNCATED: IconError = IconError::Malformed("a truncated palette");
    let (&[c0, c1, k0, k1], rest) = body.split_first_chunk().ok_or(TRUNCATED)?;
    let count = usize::from(u16::from_le_bytes([c0, c1]));
    let (colors, indexes) = rest.split_at_checked(count * 4).ok_or(TRUNCATED)?;
    let (colors, _) = colors.as_chunks::<4>();
    let color = |index: u8| colors.get(usize::from(index)).copied().unwrap_or_default();
    match u16::from_le_bytes([k0, k1]) {
        3 => {
            let planes = unpack(indexes, pixels * 2)?;
            let (alphas, indexes) = planes.split_at(pixels);
            let rgba = alphas.iter().zip(indexes).flat_map(|(&alpha, &index)| {
                let [blue, green, red, _] = color(index);
                [red, green, blue, alpha]
            });
            Ok(rgba.collect())
        }
        4 => {
            let indexes = unpack(indexes, pixels)?;
            Ok(indexes.into_iter().flat_map(|index| Format::Bgra.rgba(&color(index))).collect())
        }
        _ => Err(IconError::Unsupported("this deepmap palette")),
    }
}

fn predicted(body: &[u8], shape: Shape, chroma_shift: u32) -> Result<Vec<u8>, IconError> {
    let mut rgba = Vec::new();
    let mut rows = shape.rows;
    let row_bytes = shape.predicted_row_bytes();
    for stream in streams(body) {
        if rows == 0 {
            break;
        }
        // The last of several streams may hold rows below the image's end.
        let planes = expand_up_to(Compression::Lzfse, stream, shape.rows * row_bytes * 2)?;
        let held = planes.len() / row_bytes;
        if held == 0 {
            return Err(IconError::Malformed("a stream that ends early"));
        }
        let shown = held.min(rows);
        rgba.extend(predicted_rows(&planes, Shape { rows: held, ..shape }, shown, chroma_shift));
        rows -= shown;
    }
    if rows > 0 {
        return Err(IconError::Malformed("a stream that ends early"));
    }
    Ok(rgba)
}

/// The first `shown` of the `shape.rows` rows in `planes`, which must hold all of them.
fn predicted_rows(planes: &[u8], shape: Shape, shown: usize, chroma_shift: u32) -> Vec<u8> {
    let Shape { format, width, rows } = shape;
    let group = format.predicted_samples();
    let row_samples = width * group;
    let (alphas, rest) = planes.split_at(width * rows * format.alpha_bytes());
    let (predictors, rest) = rest.split_at(rows);
    let (high, low) = rest.split_at(row_samples * rows);

    let mut rgba = Vec::with_capacity(width * shown * 4);
    let mut above = vec![0_i16; row_samples];
    for (row, predictor) in predictors.iter().enumerate().take(shown) {
        let from = row * row_samples;
        let halves = high[from..from + row_samples].iter().zip(&low[from..from + row_samples]);
        let mut samples: Vec<i16> =
            halves.map(|(&high, &low)| signed(u16::from_be_bytes([high, low]))).collect();
        undo_prediction(*predictor, &mut samples, &above, group);
        for (column, pixel) in samples.chunks_exact(group).enumerate() {
            let [red, green, blue] = color(pixel, chroma_shift);
            let alpha = alphas.get(row * width + column).copied().unwrap_or(255);
            rgba.extend_from_slice(&[red, green, blue, alpha]);
        }
        above = samples;
    }
    rgba
}

/// The sign is kept in the lowest bit.
fn signed(stored: u16) -> i16 {
    let magnitude = i16::try_from(stored >> 1).unwrap_or(i16::MAX);
    if stored & 1 == 0 { magnitude } else { -magnitude }
}

/// Adds to each sample what was predicted from its left and upper neighbours. Sums wrap.
fn undo_prediction(predictor: u8, row: &mut [i16], above: &[i16], group: usize) {
    let first = group.min(row.len());
    if matches!(predictor, 1 | 3 | 4) {
        for (sample, &up) in row[..first].iter_mut().zip(above) {
            *sample = sample.wrapping_add(up);
        }
    }
    for pixel in (first..row.len()).step_by(group) {
        let nearer_is_left = {
            let (left, up, corner) = (row[pixel - group], above[pixel], above[pixel - group]);
            up.abs_diff(corner) <= left.abs_diff(corner) || left == up
        };
        for at in pixel..row.len().min(pixel + group) {
            let (left, up) = (row[at - group], above[at]);
            let predicted = match predictor {
                1 if nearer_is_left => left,
                1 | 3 => up,
                2 => left,
                4 => mean(left, up),
                _ => 0,
            };
            row[at] = row[at].wrapping_add(predicted);
        }
    }
}

fn mean(left: i16, up: i16) -> i16 {
    let mean = (i32::from(left) + i32::from(up) + 1) / 2;
    i16::try_from(mean).expect("a mean lies between its parts")
}

fn color(pixel: &[i16], chroma_shift: u32) -> [u8; 3] {
    let &[luma, orange, green] = pixel else {
        // Grey wraps rather than saturates, as its samples were never turned into luma.
        let [grey, _] = pixel.first().copied().unwrap_or_default().to_le_bytes();
        return [grey; 3];
    };
    let (orange, green) = (i32::from(orange) << chroma_shift, i32::from(green) << chroma_shift);
    let base = i32::from(luma) - green / 2;
    // The transform is named for red first, but what it was fed is blue first.
    [base - orange / 2, base + green, base + orange - orange / 2].map(saturated)
}

fn saturated(value: i32) -> u8 {
    u8::try_from(value.clamp(0, 255)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::made::lzfse;
    use super::*;

    fn deepmap(coding: u8, format: u8, width: u16, rows: u16, body: &[u8]) -> Vec<u8> {
        let header = [b'd', b'm', b'p', b'2', coding, 1, 10, format];
        [&header[..], &width.to_le_bytes(), &rows.to_le_bytes(), body].concat()
    }

    fn in_streams(streams: &[Vec<u8>]) -> Vec<u8> {
        let length = |stream: &Vec<u8>| u32::try_from(stream.len()).unwrap().to_le_bytes();
        streams.iter().flat_map(|stream| [&length(stream)[..], stream].concat()).collect()
    }

    #[test]
    fn plain_and_packed_samples_are_read() {
        let samples = [1, 2, 3, 4, 5, 6, 7, 8];
        let packed = in_streams(&[lzfse(&samples)]);
        for (what, format, width, body, coding, expected) in [
            ("grey", 1, 8, &samples[..], 1, [1, 1, 1, 255, 2]),
            ("grey and alpha", 2, 4, &samples[..], 1, [1, 1, 1, 2, 3]),
            ("colour", 3, 2, &samples[..6], 1, [3, 2, 1, 255, 6]),
            ("colour and alpha", 4, 2, &samples[..], 1, [3, 2, 1, 4, 7]),
            ("packed", 4, 2, &lzfse(&samples)[..], 3, [3, 2, 1, 4, 7]),
            ("packed with its length", 4, 2, &packed[..], 3, [3, 2, 1, 4, 7]),
        ] {
            let decoded = decode(&deepmap(coding, format, width, 1, body), width.into(), 1).unwrap();
            assert_eq!(decoded[..5], expected, "{what}");
            assert_eq!(decoded.len(), usize::from(width) * 4, "{what}");
        }
    }

    #[test]
    fn palettes_are_read() {
        let colors = [[10, 20, 30, 255], [40, 50, 60, 70]].concat();
        for (what, kind, indexes, expected) in [
            ("with alpha in the palette", 4, vec![1, 0], [60, 50, 40, 70, 30, 20, 10, 255]),
            ("with a plane of alpha", 3, vec![9, 8, 1, 0], [60, 50, 40, 9, 30, 20, 10, 8]),
            ("with an index beyond the palette", 4, vec![2, 0], [0, 0, 0, 0, 30, 20, 10, 255]),
        ] {
            let body = [&[2, 0, kind, 0][..], &colors, &lzfse(&indexes)].concat();
            assert_eq!(decode(&deepmap(4, 4, 2, 1, &body), 2, 1).unwrap(), expected, "{what}");
        }
    }

    #[test]
    fn predicted_grey_is_undone_row_by_row() {
        // Two columns, six rows: a row for each predictor, each sample a difference of 3 (stored as 6).
        let predictors = [0, 2, 3, 4, 1, 0];
        let planes = [&predictors[..], &[0; 12], &[6; 12]].concat();
        let decoded = decode(&deepmap(2, 1, 2, 6, &lzfse(&planes)), 2, 6).unwrap();
        let greys: Vec<u8> = decoded.chunks_exact(4).map(|pixel| pixel[0]).collect();
        assert_eq!(greys, [3, 3, 3, 6, 6, 9, 9, 12, 12, 15, 3, 3]);
    }

    #[test]
    fn predicted_colour_is_turned_back() {
        // One pixel: alpha, no prediction, then luma 100, and chroma 10 and -5, doubled by the header's scale.
        let planes = [200, 0, 0, 0, 0, 200, 20, 11];
        let decoded = decode(&deepmap(2, 4, 1, 1, &lzfse(&planes)), 1, 1).unwrap();
        assert_eq!(decoded, [105 - 10, 105 - 10, 105 + 10, 200]);
    }

    #[test]
    fn streams_of_rows_follow_each_other() {
        let stream = |rows: &[u8]| {
            let predictors = vec![0; rows.len()];
            let stored: Vec<u8> = rows.iter().map(|grey| grey * 2).collect();
            lzfse(&[&predictors[..], &vec![0; rows.len()], &stored].concat())
        };
        let body = in_streams(&[stream(&[1, 2]), stream(&[3, 4])]);
        let decoded = decode(&deepmap(2, 1, 1, 3, &body), 1, 3).unwrap();
        assert_eq!(decoded.chunks_exact(4).map(|pixel| pixel[0]).collect::<Vec<_>>(), [1, 2, 3]);
    }

    #[test]
    fn lies_are_refused() {
        for (what, bytes) in [
            ("nothing", vec![]),
            ("another mark", b"dmp3\x01\0\0\x01\x01\0\x01\0\x05".to_vec()),
            ("another width", deepmap(1, 1, 2, 1, &[5, 5])),
            ("too few rows", deepmap(1, 1, 1, 0, &[5])),
            ("too few samples", deepmap(1, 4, 1, 1, &[5])),
            ("an unknown coding", deepmap(9, 1, 1, 1, &[5])),
            ("an unknown format", deepmap(1, 9, 1, 1, &[5])),
            ("a palette of 65,535 colours", deepmap(4, 4, 1, 1, &[255, 255, 4, 0, 0])),
            ("an unknown palette", deepmap(4, 4, 1, 1, &[0, 0, 9, 0])),
            ("no stream", deepmap(2, 1, 1, 1, &[])),
            ("a stream without a row", deepmap(2, 1, 1, 1, &lzfse(&[0]))),
        ] {
            assert!(decode(&bytes, 1, 1).is_err(), "{what}");
        }
    }

    proptest! {
        #[test]
        fn no_samples_make_it_panic(
            coding in 0_u8..6, format in 0_u8..6, planes in proptest::collection::vec(any::<u8>(), 0..200),
        ) {
            let _ = decode(&deepmap(coding, format, 3, 4, &planes), 3, 4);
            let _ = decode(&deepmap(coding, format, 3, 4, &lzfse(&planes)), 3, 4);
        }
    }
}
