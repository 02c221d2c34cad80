use image::imageops::{self, FilterType};
use image::{ImageBuffer, Rgba};

/// An image in memory: eight bits a channel, straight (not premultiplied) alpha, sRGB assumed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Raster {
    width: u32,
    height: u32,
    rgba: Vec<u8>,
}

impl Raster {
    /// Wraps `rgba`, row after row from the top; `None` when its length is not `width * height * 4`
    /// or a side is zero.
    pub(crate) fn from_rgba(width: u32, height: u32, rgba: Vec<u8>) -> Option<Self> {
        let expected = u64::from(width) * u64::from(height) * 4;
        let fits = expected > 0 && u64::try_from(rgba.len()) == Ok(expected);
        fits.then_some(Self { width, height, rgba })
    }

    /// Width in pixels, never zero.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Height in pixels, never zero.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// The pixels, four bytes each, row after row from the top.
    #[must_use]
    pub fn rgba(&self) -> &[u8] {
        &self.rgba
    }

    /// Whether both sides are equal.
    #[must_use]
    pub fn is_square(&self) -> bool {
        self.width == self.height
    }

    /// The part whose upper left corner is (`left`, `top`); `None` when it sticks out.
    pub(crate) fn cropped(&self, left: u32, top: u32, width: u32, height: u32) -> Option<Self> {
        let inside = left.checked_add(width)? <= self.width && top.checked_add(height)? <= self.height;
        if !inside || width == 0 {
            return None;
        }
        let from = left as usize * 4;
        let bytes = width as usize * 4;
        let rows = self.rgba.chunks_exact(self.width as usize * 4).skip(top as usize).take(height as usize);
        let rgba = rows.flat_map(|row| row[from..from + bytes].iter().copied()).collect();
        Self::from_rgba(width, height, rgba)
    }

    /// The image at another size, by Lanczos3. Colours are weighed by their alpha, so that what lies
    /// under transparent pixels does not bleed into the edges.
    #[must_use]
    pub(crate) fn resized(&self, width: u32, height: u32) -> Self {
        if (width, height) == (self.width, self.height) {
            return self.clone();
        }
        let mut pixels = self.rgba.clone();
        premultiply(&mut pixels);
        let source = ImageBuffer::<Rgba<u8>, _>::from_raw(self.width, self.height, pixels)
            .expect("a raster holds width * height * 4 bytes");
        let mut rgba =
            imageops::resize(&source, width.max(1), height.max(1), FilterType::Lanczos3).into_raw();
        unpremultiply(&mut rgba);
        Self { width: width.max(1), height: height.max(1), rgba }
    }

    /// An ordinary PNG of the image, with `IHDR`, `IDAT` and `IEND` alone: RGB when every pixel is opaque,
    /// RGBA otherwise. The same pixels give the same bytes.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "a raster has pixels, and writing to memory cannot fail")]
    pub fn to_png(&self) -> Vec<u8> {
        let opaque = self.rgba.chunks_exact(4).all(|pixel| pixel[3] == 255);
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.set_compression(png::Compression::Balanced);
        let color = if opaque { png::ColorType::Rgb } else { png::ColorType::Rgba };
        encoder.set_color(color);
        let mut writer = encoder.write_header().expect("a raster has no empty side");
        let written = if opaque {
            let rgb: Vec<u8> = self.rgba.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect();
            writer.write_image_data(&rgb)
        } else {
            writer.write_image_data(&self.rgba)
        };
        written.and_then(|()| writer.finish()).expect("writing to memory cannot fail");
        bytes
    }
}

fn premultiply(rgba: &mut [u8]) {
    for pixel in rgba.chunks_exact_mut(4) {
        let alpha = u32::from(pixel[3]);
        for channel in &mut pixel[..3] {
            *channel = byte((u32::from(*channel) * alpha + 127) / 255);
        }
    }
}

/// Divides the colours by their alpha, rounding to nearest; transparent pixels become transparent black.
pub(super) fn unpremultiply(rgba: &mut [u8]) {
    for pixel in rgba.chunks_exact_mut(4) {
        match u32::from(pixel[3]) {
            255 => {}
            0 => pixel.fill(0),
            alpha => {
                for channel in &mut pixel[..3] {
                    *channel = byte((u32::from(*channel) * 255 + alpha / 2) / alpha);
                }
            }
        }
    }
}

fn byte(value: u32) -> u8 {
    u8::try_from(value).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raster(width: u32, height: u32, pixel: impl Fn(u32, u32) -> [u8; 4]) -> Raster {
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        Raster::from_rgba(width, height, pixels.flat_map(|(x, y)| pixel(x, y)).collect()).unwrap()
    }

    #[test]
    fn a_raster_needs_exactly_its_bytes() {
        for (width, height, bytes, fits) in
            [(1, 1, 4, true), (1, 1, 3, false), (2, 1, 4, false), (0, 0, 0, false), (0, 1, 0, false)]
        {
            let found = Raster::from_rgba(width, height, vec![0; bytes]);
            assert_eq!(found.is_some(), fits, "{width}x{height} from {bytes} bytes");
        }
    }

    #[test]
    fn cropping_takes_the_named_part_and_refuses_what_sticks_out() {
        let whole = raster(4, 3, |x, y| [u8::try_from(x).unwrap(), u8::try_from(y).unwrap(), 0, 255]);
        let part = whole.cropped(1, 2, 2, 1).unwrap();
        assert_eq!(part.rgba(), [1, 2, 0, 255, 2, 2, 0, 255]);
        for (left, top, width, height) in
            [(3, 0, 2, 1), (0, 3, 1, 1), (u32::MAX, 0, 1, 1), (0, 0, 0, 1), (0, 0, 1, 0)]
        {
            assert!(whole.cropped(left, top, width, height).is_none(), "{left},{top} {width}x{height}");
        }
    }

    #[test]
    fn resizing_keeps_colours_clean_beside_transparent_pixels() {
        let half = raster(8, 8, |x, _| if x < 4 { [200, 10, 10, 255] } else { [0, 255, 0, 0] });
        for pixel in half.resized(4, 4).rgba().chunks_exact(4).filter(|pixel| pixel[3] > 8) {
            assert!(pixel[0] > 190 && pixel[1] < 20, "the hidden green bled in: {pixel:?}");
        }
    }

    #[test]
    fn opaque_images_are_written_without_alpha() {
        for (alpha, color) in [(255, png::ColorType::Rgb), (254, png::ColorType::Rgba)] {
            let bytes = raster(3, 2, |_, _| [9, 8, 7, alpha]).to_png();
            let reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
            assert_eq!(reader.info().color_type, color, "alpha {alpha}");
        }
    }
}
