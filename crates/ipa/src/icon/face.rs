//! The strokes of the letters and digits that a drawn icon may show.
//!
//! Twelve units tall, as wide as each needs, y downwards; drawn with a round pen.

use Stroke::{Across as H, Down as V, Line as L, Move as M};

/// One movement of the pen, to an absolute place.
#[derive(Clone, Copy, Debug)]
pub(super) enum Stroke {
    /// Lifts the pen.
    Move(i8, i8),
    /// Draws a straight line.
    Line(i8, i8),
    /// Draws a quarter of an ellipse that leaves horizontally and arrives vertically.
    Across(i8, i8),
    /// Draws a quarter of an ellipse that leaves vertically and arrives horizontally.
    Down(i8, i8),
}

/// Four tiles: for names of other scripts.
pub(super) const TILES: &[Stroke] = &[
    M(0, 0),
    L(4, 0),
    L(4, 4),
    L(0, 4),
    L(0, 0), //
    M(8, 0),
    L(12, 0),
    L(12, 4),
    L(8, 4),
    L(8, 0), //
    M(0, 8),
    L(4, 8),
    L(4, 12),
    L(0, 12),
    L(0, 8), //
    M(8, 8),
    L(12, 8),
    L(12, 12),
    L(8, 12),
    L(8, 8),
];

/// The strokes of an ASCII capital or digit; [`TILES`] for anything else.
pub(super) fn strokes(letter: char) -> &'static [Stroke] {
    match letter {
        'A' => &[M(0, 12), L(4, 0), L(8, 12), M(2, 8), L(6, 8)],
        'B' => &[M(4, 6), L(0, 6), M(0, 0), L(4, 0), H(7, 3), V(4, 6), H(8, 9), V(4, 12), L(0, 12), L(0, 0)],
        'C' => &[M(9, 3), V(5, 0), H(0, 6), V(5, 12), H(9, 9)],
        'D' => &[M(0, 0), L(4, 0), H(9, 6), V(4, 12), L(0, 12), L(0, 0)],
        'E' => &[M(7, 0), L(0, 0), L(0, 12), L(7, 12), M(0, 6), L(6, 6)],
        'F' => &[M(7, 0), L(0, 0), L(0, 12), M(0, 6), L(6, 6)],
        'G' => &[M(9, 3), V(5, 0), H(0, 6), V(5, 12), H(10, 7), L(6, 7)],
        'H' => &[M(0, 0), L(0, 12), M(8, 0), L(8, 12), M(0, 6), L(8, 6)],
        'I' => &[M(0, 0), L(0, 12)],
        'J' => &[M(6, 0), L(6, 9), V(3, 12), H(0, 9)],
        'K' => &[M(0, 0), L(0, 12), M(8, 0), L(0, 7), M(3, 5), L(8, 12)],
        'L' => &[M(0, 0), L(0, 12), L(7, 12)],
        'M' => &[M(0, 12), L(0, 0), L(5, 8), L(10, 0), L(10, 12)],
        'N' => &[M(0, 12), L(0, 0), L(8, 12), L(8, 0)],
        'O' => &[M(5, 0), H(10, 6), V(5, 12), H(0, 6), V(5, 0)],
        'P' => &[M(0, 12), L(0, 0), L(4, 0), H(8, 3), V(4, 6), L(0, 6)],
        'Q' => &[M(5, 0), H(10, 6), V(5, 12), H(0, 6), V(5, 0), M(6, 8), L(10, 12)],
        'R' => &[M(0, 12), L(0, 0), L(4, 0), H(8, 3), V(4, 6), L(0, 6), M(4, 6), L(8, 12)],
        'S' => &[M(8, 3), V(4, 0), H(0, 3), V(4, 6), H(8, 9), V(4, 12), H(0, 9)],
        'T' => &[M(0, 0), L(8, 0), M(4, 0), L(4, 12)],
        'U' => &[M(0, 0), L(0, 8), V(4, 12), H(8, 8), L(8, 0)],
        'V' => &[M(0, 0), L(4, 12), L(8, 0)],
        'W' => &[M(0, 0), L(3, 12), L(6, 2), L(9, 12), L(12, 0)],
        'X' => &[M(0, 0), L(8, 12), M(8, 0), L(0, 12)],
        'Y' => &[M(0, 0), L(4, 6), L(8, 0), M(4, 6), L(4, 12)],
        'Z' => &[M(0, 0), L(8, 0), L(0, 12), L(8, 12)],
        '0' => &[M(4, 0), H(8, 6), V(4, 12), H(0, 6), V(4, 0)],
        '1' => &[M(0, 3), L(3, 0), L(3, 12)],
        '2' => &[M(0, 4), V(4, 0), H(8, 4), L(0, 12), L(8, 12)],
        '3' => &[M(0, 0), L(8, 0), L(4, 5), H(8, 8), V(4, 12), H(0, 9)],
        '4' => &[M(6, 12), L(6, 0), L(0, 8), L(8, 8)],
        '5' => &[M(7, 0), L(1, 0), L(1, 5), L(4, 5), H(8, 8), V(4, 12), H(0, 10)],
        '6' => &[M(6, 0), H(0, 8), V(4, 12), H(8, 8), V(4, 5), H(0, 8)],
        '7' => &[M(0, 0), L(8, 0), L(3, 12)],
        '8' => &[M(4, 0), H(7, 3), V(4, 6), H(1, 3), V(4, 0), M(4, 6), H(8, 9), V(4, 12), H(0, 9), V(4, 6)],
        '9' => &[M(2, 12), H(8, 4), V(4, 0), H(0, 4), V(4, 7), H(8, 4)],
        _ => TILES,
    }
}
