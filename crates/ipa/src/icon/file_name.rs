/// An icon's file name in its parts: `AppIcon60x60`, `@2x`, `~ipad`, `.png`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct FileName<'a> {
    /// What `Info.plist` calls it.
    pub(super) base: &'a str,
    /// Pixels a point.
    scale: u8,
    /// Whether it ends in `.png`.
    pub(super) is_png: bool,
}

impl<'a> FileName<'a> {
    pub(super) fn read(name: &'a str) -> Self {
        let (stem, is_png) = match name.len().checked_sub(4).and_then(|at| name.split_at_checked(at)) {
            Some((stem, extension)) if extension.eq_ignore_ascii_case(".png") => (stem, true),
            _ => (name, false),
        };
        let devices = ["~ipad", "~iphone", "~ipod", "~universal"];
        let stem = devices.iter().find_map(|device| stem.strip_suffix(device)).unwrap_or(stem);
        let scales = [("@2x", 2), ("@3x", 3)];
        let found = scales.iter().find_map(|(suffix, scale)| Some((stem.strip_suffix(suffix)?, *scale)));
        let (base, scale) = found.unwrap_or((stem, 1));
        Self { base, scale, is_png }
    }

    /// How many pixels wide the image is by its name: the number at its end, in points (57 without one), times the
    /// scale. A guess, good enough to choose which file to open first.
    pub(super) fn guessed_pixels(&self) -> u32 {
        let before = self.base.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        let number = self.base[before.len()..].split('.').next().unwrap_or_default();
        let points = number.parse().ok().filter(|points| (16..=1024).contains(points)).unwrap_or(57_u32);
        points * u32::from(self.scale)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_taken_apart() {
        for (name, base, is_png, pixels) in [
            ("AppIcon60x60@2x.png", "AppIcon60x60", true, 120),
            ("AppIcon60x60@3x~iphone.PNG", "AppIcon60x60", true, 180),
            ("AppIcon83.5x83.5@2x~ipad.png", "AppIcon83.5x83.5", true, 166),
            ("AppIcon76x76~ipad.png", "AppIcon76x76", true, 76),
            ("Icon-72.png", "Icon-72", true, 72),
            ("Icon@2x.png", "Icon", true, 114),
            ("icon", "icon", false, 57),
            ("icon-9999999999999.png", "icon-9999999999999", true, 57),
            (".png", "", true, 57),
            ("é.jpg", "é.jpg", false, 57),
            ("", "", false, 57),
        ] {
            let read = FileName::read(name);
            assert_eq!((read.base, read.is_png, read.guessed_pixels()), (base, is_png, pixels), "{name:?}");
        }
    }
}
