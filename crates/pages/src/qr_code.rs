use std::fmt;

use fast_qr::QRBuilder;
use fast_qr::convert::{Builder, Shape, svg::SvgBuilder};

/// A QR code of a page's address, as an inline SVG.
///
/// It is always dark on light, with its quiet zone, because cameras expect that in dark rooms too.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct QrCode(String);

impl QrCode {
    /// Draws `text`; `None` when it is longer than a QR code holds (about 2,900 bytes).
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let code = QRBuilder::new(text).build().ok()?;
        Some(Self(SvgBuilder::default().shape(Shape::Square).margin(3).to_str(&code)))
    }
}

impl fmt::Display for QrCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl askama::filters::HtmlSafe for QrCode {}

#[cfg(test)]
mod tests {
    use super::QrCode;

    #[test]
    fn an_address_becomes_an_inline_picture_without_styles_or_scripts() {
        let svg = QrCode::of("https://apps.example.com/i/notes").unwrap().to_string();
        assert!(svg.starts_with("<svg "), "{svg}");
        assert!(!svg.contains("style="), "a strict policy would refuse inline styles");
        assert!(QrCode::of(&"x".repeat(3_000)).is_none());
    }
}
