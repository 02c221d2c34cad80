use std::fmt::{self, Write as _};

use fast_qr::{QRBuilder, QRCode};

/// Light modules around the code, so that cameras find it.
const QUIET_ZONE: usize = 3;

/// A QR code of a page's address, as an inline SVG.
///
/// It is always dark on light, with its quiet zone, because cameras expect that in dark rooms too.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct QrCode(String);

impl QrCode {
    /// Draws `text`; `None` when it is longer than a QR code holds (about 2,900 bytes).
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        Some(Self(drawn(&QRBuilder::new(text).build().ok()?)))
    }
}

/// Draws one path of horizontal bars, as long as dark modules stand beside each other: a third of the bytes that a square
/// for each would be, on every page.
fn drawn(code: &QRCode) -> String {
    let side = code.size + 2 * QUIET_ZONE;
    let mut bars = String::with_capacity(code.size * code.size * 4);
    for row in 0..code.size {
        let mut column = 0;
        for run in code[row].chunk_by(|one, next| one.value() == next.value()) {
            if run[0].value() {
                let (x, y, length) = (column + QUIET_ZONE, row + QUIET_ZONE, run.len());
                let _ = write!(bars, "M{x} {y}h{length}v1h-{length}z");
            }
            column += run.len();
        }
    }
    format!(
        r##"<svg viewBox="0 0 {side} {side}" xmlns="http://www.w3.org/2000/svg"><rect width="{side}" height="{side}" fill="#fff"/><path d="{bars}" shape-rendering="crispEdges"/></svg>"##
    )
}

impl fmt::Display for QrCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for QrCode {}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{QRBuilder, QUIET_ZONE, QrCode};

    #[test]
    fn the_bars_cover_the_dark_modules_and_nothing_else() {
        let text = "https://apps.example.com/i/notes";
        let svg = QrCode::of(text).unwrap().to_string();
        let path = svg.split("<path d=\"").nth(1).unwrap().split('"').next().unwrap();
        let mut drawn = BTreeSet::new();
        for bar in path.split_terminator('z') {
            let (corner, length) = bar.strip_prefix('M').unwrap().split_once('h').unwrap();
            let (x, y) = corner.split_once(' ').unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            let (length, back) = length.split_once("v1h-").unwrap();
            assert_eq!(length, back);
            drawn.extend((0..length.parse().unwrap()).map(|more| (y, x + more)));
        }
        let code = QRBuilder::new(text).build().unwrap();
        let places = (0..code.size).flat_map(|row| (0..code.size).map(move |column| (row, column)));
        let dark = places.filter(|(row, column)| code[*row][*column].value());
        let expected = dark.map(|(row, column)| (row + QUIET_ZONE, column + QUIET_ZONE));
        assert_eq!(drawn, expected.collect());
    }

    #[test]
    fn an_address_becomes_an_inline_picture_without_styles_or_scripts() {
        let svg = QrCode::of("https://apps.example.com/i/notes").unwrap().to_string();
        assert!(svg.starts_with("<svg "), "{svg}");
        assert!(!svg.contains("style="), "a strict policy would refuse inline styles");
        assert!(QrCode::of(&"x".repeat(3_000)).is_none());
    }
}
