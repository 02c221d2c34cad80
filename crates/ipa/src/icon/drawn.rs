//! A stand-in for an app without a readable icon: its initial on a colour of its own.

use unicode_normalization::UnicodeNormalization;

use super::face::{self, Stroke};
use super::raster::Raster;

/// Width and height of a drawn icon, in pixels.
pub const SIDE: u16 = 512;

/// Height of a letter, in pixels.
const LETTER: f32 = 252.0;

/// Units of the face a letter is tall.
const FACE_HEIGHT: f32 = 12.0;

/// Half the width of the pen, in units of the face.
const PEN: f32 = 0.95;

/// How many straight pieces a quarter of an ellipse is drawn with.
const PIECES: u8 = 12;

/// White is readable on each of them.
const COLORS: [[u8; 3]; 12] = [
    [0x2f, 0x6f, 0xde],
    [0x1f, 0x86, 0x8f],
    [0x2e, 0x86, 0x4c],
    [0x6c, 0x7f, 0x1f],
    [0xb3, 0x6b, 0x12],
    [0xc6, 0x4f, 0x2c],
    [0xc5, 0x3a, 0x4b],
    [0xc0, 0x3a, 0x84],
    [0x8f, 0x45, 0xb5],
    [0x65, 0x51, 0xc9],
    [0x4a, 0x60, 0x82],
    [0x71, 0x60, 0x52],
];

/// Draws an opaque square of [`SIDE`] pixels: the initial of `name` in white, on a colour that `bundle_id` chooses.
///
/// The initial is the first letter or digit, without accents. Latin letters and digits are drawn, and those Greek
/// and Cyrillic capitals that look the same; names of other scripts get a neutral mark. Corners are not rounded:
/// iOS masks icons itself. The same texts give the same pixels on every machine.
///
/// ```
/// let icon = ipa::icon::drawn::draw("Émile", "com.example.emile");
/// assert_eq!((icon.width(), icon.height()), (512, 512));
/// assert_eq!(icon, ipa::icon::drawn::draw("Elsa", "com.example.emile"));
/// ```
#[must_use]
#[expect(clippy::missing_panics_doc, reason = "every row has its pixels")]
pub fn draw(name: &str, bundle_id: &str) -> Raster {
    let color = color(bundle_id);
    let lines = lines(initial(name).map_or(face::TILES, face::strokes));
    let rgba = (0..SIDE).flat_map(|y| row(color, &lines, y)).collect();
    Raster::from_rgba(SIDE.into(), SIDE.into(), rgba).expect("every row has its pixels")
}

fn row(color: [u8; 3], lines: &[Line], y: u16) -> Vec<u8> {
    const RADIUS: f32 = PEN * LETTER / FACE_HEIGHT;
    // A light from above: a tenth lighter at the top, a tenth darker at the bottom.
    let [red, green, blue] = color.map(|channel| shaded(channel, y));
    let mut rgba = [red, green, blue, 255].repeat(SIDE.into());
    let near: Vec<Line> =
        lines.iter().filter(|line| line.spans(f32::from(y), RADIUS + 1.0)).copied().collect();
    let ends = || near.iter().flat_map(|line| [line.from.x, line.to.x]);
    let (first, last) = (ends().fold(f32::MAX, f32::min), ends().fold(f32::MIN, f32::max));
    for (x, pixel) in (0..SIDE).zip(rgba.chunks_exact_mut(4)) {
        let at = Point { x: f32::from(x) + 0.5, y: f32::from(y) + 0.5 };
        if at.x < first - RADIUS - 1.0 || at.x > last + RADIUS + 1.0 {
            continue;
        }
        let distance = near.iter().map(|line| line.distance(at)).fold(f32::MAX, f32::min);
        for channel in &mut pixel[..3] {
            *channel = mixed(*channel, RADIUS - distance + 0.5);
        }
    }
    rgba
}

fn color(bundle_id: &str) -> [u8; 3] {
    COLORS[usize::from(hash(bundle_id)) % COLORS.len()]
}

/// The letter to draw: an ASCII capital or digit, or whatever else the name starts with.
fn initial(name: &str) -> Option<char> {
    let first = name.chars().find(|c| c.is_alphanumeric())?;
    let plain = std::iter::once(first).nfkd().next()?;
    let capital = plain.to_uppercase().next()?;
    Some(look_alike(capital))
}

/// The Latin capital that a Greek or Cyrillic one looks like.
fn look_alike(capital: char) -> char {
    match capital {
        'Α' | 'А' => 'A',
        'Β' | 'В' => 'B',
        'С' => 'C',
        'Ε' | 'Е' => 'E',
        'Η' | 'Н' => 'H',
        'Ι' | 'І' => 'I',
        'Ј' => 'J',
        'Κ' | 'К' => 'K',
        'Μ' | 'М' => 'M',
        'Ν' => 'N',
        'Ο' | 'О' => 'O',
        'Ρ' | 'Р' => 'P',
        'Ѕ' => 'S',
        'Τ' | 'Т' => 'T',
        'Υ' => 'Y',
        'Χ' | 'Х' => 'X',
        'Ζ' => 'Z',
        other => other,
    }
}

/// FNV-1a, folded: spreads neighbouring identifiers, and never changes.
fn hash(text: &str) -> u16 {
    let full =
        text.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let [a, b, c, d] = full.to_le_bytes();
    u16::from_le_bytes([a ^ c, b ^ d])
}

fn shaded(channel: u8, y: u16) -> u8 {
    let (channel, y, side) = (i32::from(channel), i32::from(y), i32::from(SIDE));
    let light = 26 - 52 * y / side;
    let target = if light > 0 { 255 } else { 0 };
    let shaded = channel + (target - channel) * light.abs() / 255;
    u8::try_from(shaded).expect("a mix of two channels is a channel")
}

/// `channel` under white of this coverage; beyond 0 and 1 it is cut off.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the mix lies between the channel and 255, and `as` saturates"
)]
fn mixed(channel: u8, coverage: f32) -> u8 {
    let channel = f32::from(channel);
    (channel + (255.0 - channel) * coverage.clamp(0.0, 1.0) + 0.5) as u8
}

#[derive(Clone, Copy)]
struct Point {
    x: f32,
    y: f32,
}

#[derive(Clone, Copy)]
struct Line {
    from: Point,
    to: Point,
}

impl Line {
    /// Whether the row at `y` comes nearer than `margin`.
    fn spans(&self, y: f32, margin: f32) -> bool {
        y + margin >= self.from.y.min(self.to.y) && y - margin <= self.from.y.max(self.to.y)
    }

    /// Uses only operations that IEEE 754 rounds exactly, so that every machine agrees.
    fn distance(&self, point: Point) -> f32 {
        let (dx, dy) = (self.to.x - self.from.x, self.to.y - self.from.y);
        let (px, py) = (point.x - self.from.x, point.y - self.from.y);
        let length = dx * dx + dy * dy;
        let along = if length > 0.0 { ((px * dx + py * dy) / length).clamp(0.0, 1.0) } else { 0.0 };
        let (rx, ry) = (px - along * dx, py - along * dy);
        (rx * rx + ry * ry).sqrt()
    }
}

/// The strokes as straight lines, in pixels, in the middle of the icon.
fn lines(strokes: &[Stroke]) -> Vec<Line> {
    let width = strokes.iter().map(|stroke| stroke.end().x).fold(0.0, f32::max);
    let scale = LETTER / FACE_HEIGHT;
    let left = (f32::from(SIDE) - width * scale) / 2.0;
    let top = (f32::from(SIDE) - LETTER) / 2.0;
    let placed = |point: Point| Point { x: left + point.x * scale, y: top + point.y * scale };

    let mut lines = Vec::new();
    let mut pen = Point { x: 0.0, y: 0.0 };
    for stroke in strokes {
        for next in stroke.path(pen) {
            lines.push(Line { from: placed(pen), to: placed(next) });
            pen = next;
        }
        pen = stroke.end();
    }
    lines
}

impl Stroke {
    fn end(self) -> Point {
        let (Self::Move(x, y) | Self::Line(x, y) | Self::Across(x, y) | Self::Down(x, y)) = self;
        Point { x: f32::from(x), y: f32::from(y) }
    }

    /// The ends of the straight pieces that lead from `pen` to the stroke's end.
    fn path(self, pen: Point) -> Vec<Point> {
        let end = self.end();
        let corner = match self {
            Self::Move(..) => return Vec::new(),
            Self::Line(..) => return vec![end],
            Self::Across(..) => Point { x: end.x, y: pen.y },
            Self::Down(..) => Point { x: pen.x, y: end.y },
        };
        (1..=PIECES).map(|piece| quarter(pen, corner, end, f32::from(piece) / f32::from(PIECES))).collect()
    }
}

/// A place on the quarter of an ellipse from `start` to `end` around `corner`, by the usual cubic curve.
fn quarter(start: Point, corner: Point, end: Point, at: f32) -> Point {
    const REACH: f32 = 0.552_284_8;
    let rest = 1.0 - at;
    let axis = |start: f32, corner: f32, end: f32| {
        let leave = start + (corner - start) * REACH;
        let arrive = end + (corner - end) * REACH;
        rest * rest * rest * start
            + 3.0 * rest * rest * at * leave
            + 3.0 * rest * at * at * arrive
            + at * at * at * end
    };
    Point { x: axis(start.x, corner.x, end.x), y: axis(start.y, corner.y, end.y) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_initial_is_the_first_letter_or_digit_without_accents() {
        for (name, expected) in [
            ("Notes", Some('N')),
            ("notes", Some('N')),
            ("  «été» ", Some('E')),
            ("Ångström", Some('A')),
            ("3D", Some('3')),
            ("ﬁnder", Some('F')),
            ("Ｗide", Some('W')),
            ("Ответ", Some('O')),
            ("Ζευς", Some('Z')),
            ("日本", Some('日')),
            ("ß", Some('S')),
            ("🎈 Party", Some('P')),
            ("🎈", None),
            ("", None),
        ] {
            assert_eq!(initial(name), expected, "{name:?}");
        }
    }

    #[test]
    fn every_capital_and_digit_has_its_own_strokes() {
        let all: Vec<char> = ('A'..='Z').chain('0'..='9').collect();
        for (index, letter) in all.iter().enumerate() {
            let strokes = format!("{:?}", face::strokes(*letter));
            assert_ne!(strokes, format!("{:?}", face::TILES), "{letter} is drawn");
            for other in &all[..index] {
                assert_ne!(strokes, format!("{:?}", face::strokes(*other)), "{letter} and {other}");
            }
        }
    }

    #[test]
    fn a_letter_stays_inside_and_in_the_middle() {
        for letter in ('A'..='Z').chain('0'..='9').chain(['?']) {
            let icon = draw(&letter.to_string(), "com.example.app");
            let white = |x: usize, y: usize| icon.rgba()[(y * 512 + x) * 4..][..3] == [255; 3];
            let columns: Vec<usize> = (0..512).filter(|&x| (0..512).any(|y| white(x, y))).collect();
            let rows: Vec<usize> = (0..512).filter(|&y| (0..512).any(|x| white(x, y))).collect();
            for (line, name) in [(columns, "columns"), (rows, "rows")] {
                let (first, last) = (line[0], line[line.len() - 1]);
                assert!(first >= 90 && last < 512 - 90, "{name} of {letter}: {first} to {last}");
                assert!(
                    (first + last).abs_diff(511) <= 2,
                    "{name} of {letter} are off the middle: {first} to {last}"
                );
            }
        }
    }

    #[test]
    fn white_is_readable_on_every_colour() {
        for color in COLORS {
            let lit = color.map(|channel| shaded(channel, SIDE / 4));
            let linear = lit.map(|channel| (f64::from(channel) / 255.0).powf(2.2));
            let luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
            let contrast = 1.05 / (luminance + 0.05);
            assert!(contrast >= 3.0, "{color:02x?} has a contrast of {contrast:.2}");
        }
    }

    #[test]
    fn other_apps_get_other_colours() {
        let grounds: std::collections::HashSet<[u8; 3]> =
            (0..40).map(|n| color(&format!("com.example.app{n}"))).collect();
        assert_ne!(draw("A", "com.example.app0"), draw("A", "com.example.app1"));
        assert!(grounds.len() >= 8, "forty apps share {} colours", grounds.len());
    }
}
