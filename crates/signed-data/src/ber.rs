//! The walk over hostile BER (ITU-T X.690) that comes before everything else.

use std::borrow::Cow;
use std::ops::Range;

use crate::{Limits, SignedDataError};

const CONSTRUCTED: u8 = 0x20;
const OCTET_STRING: u8 = 0x04;
const CONSTRUCTED_OCTET_STRING: u8 = OCTET_STRING | CONSTRUCTED;

/// The first value of `bytes` with every length definite and minimal and every octet string whole.
///
/// Values that are so already are kept byte for byte; what follows the first value is left out. In the answer every
/// value lies within the one around it, so that it can be read without further care.
pub(crate) fn definite<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Cow<'a, [u8]>, SignedDataError> {
    if bytes.len() > limits.input_bytes {
        return Err(SignedDataError::InputBytes { found: bytes.len(), limit: limits.input_bytes });
    }
    let walk = Walk::over(bytes, limits)?;
    Ok(if walk.rewrite { Cow::Owned(walk.rewritten(bytes)) } else { Cow::Borrowed(&bytes[..walk.end]) })
}

/// Identifier and length of one value.
pub(crate) struct Header {
    /// The first identifier octet: class, form, and the number unless it is above 30.
    pub(crate) tag: u8,
    identifier: Range<usize>,
    /// Where the content begins.
    pub(crate) content: usize,
    /// Length of the content in bytes, `None` if indefinite.
    pub(crate) length: Option<usize>,
    minimal: bool,
}

impl Header {
    /// Reads the header at `at`, of a value that must lie before `end`.
    pub(crate) fn read(bytes: &[u8], at: usize, end: usize) -> Result<Self, SignedDataError> {
        let mut next = at;
        let mut octet = || {
            let found = bytes[..end].get(next).copied().ok_or(SignedDataError::Truncated { at: end });
            next += 1;
            found
        };
        let tag = octet()?;
        let mut identifier = at..at + 1;
        if tag & 0x1f == 0x1f {
            loop {
                identifier.end += 1;
                if identifier.len() > 6 {
                    return Err(SignedDataError::Encoding { reason: "a tag number beyond 32 bits", at });
                }
                if octet()? & 0x80 == 0 {
                    break;
                }
            }
        }
        let first = octet()?;
        let (length, minimal) = match first {
            0..0x80 => (Some(u64::from(first)), true),
            0x80 => (None, false),
            0xff => return Err(SignedDataError::Encoding { reason: "a reserved length", at }),
            _ => {
                let mut length = 0_u64;
                let mut minimal = true;
                for place in 0..first & 0x7f {
                    let digit = octet()?;
                    minimal &= place > 0 || digit > 0;
                    if length >> 56 > 0 {
                        return Err(SignedDataError::Encoding { reason: "a length beyond 64 bits", at });
                    }
                    length = length << 8 | u64::from(digit);
                }
                (Some(length), minimal && length >= 0x80)
            }
        };
        let left = end - next;
        let length = match length {
            None => None,
            Some(length) => Some(
                usize::try_from(length)
                    .ok()
                    .filter(|length| *length <= left)
                    .ok_or(SignedDataError::Length { length, left, at })?,
            ),
        };
        Ok(Self { tag, identifier, content: next, length, minimal })
    }
}

/// What a walk met, in the order in which it met it.
enum Step {
    Primitive { identifier: Range<usize>, content: Range<usize>, piece: bool },
    Open { identifier: Range<usize>, octets: bool, piece: bool },
    Close,
}

/// A constructed value that the walk is in.
struct Open {
    /// Where it ends, unless its length is indefinite.
    end: Option<usize>,
    /// What its values may not pass: the end of the innermost value with a definite length.
    bound: usize,
    /// Whether it is an octet string, whose values are pieces of it.
    octets: bool,
}

struct Walk {
    steps: Vec<Step>,
    /// Where the first value ends.
    end: usize,
    /// Whether anything has to be written in another way.
    rewrite: bool,
}

impl Walk {
    fn over(bytes: &[u8], limits: &Limits) -> Result<Self, SignedDataError> {
        let mut walk = Self { steps: Vec::new(), end: 0, rewrite: false };
        let mut open: Vec<Open> = Vec::new();
        let mut values = 0;
        loop {
            let at = walk.end;
            if let Some(around) = open.last() {
                let ends =
                    around.end.map_or_else(|| bytes[at..around.bound].starts_with(&[0, 0]), |end| end == at);
                if ends {
                    walk.end += if around.end.is_none() { 2 } else { 0 };
                    walk.steps.push(Step::Close);
                    open.pop();
                    if open.is_empty() {
                        return Ok(walk);
                    }
                    continue;
                }
            }
            let (bound, piece) =
                open.last().map_or((bytes.len(), false), |around| (around.bound, around.octets));
            let header = Header::read(bytes, at, bound)?;
            values += 1;
            if values > limits.values {
                return Err(SignedDataError::Values { limit: limits.values });
            }
            if header.tag == 0 {
                return Err(SignedDataError::Encoding { reason: "an end of contents that ends nothing", at });
            }
            if piece && header.tag & !CONSTRUCTED != OCTET_STRING {
                return Err(SignedDataError::Encoding {
                    reason: "a piece of an octet string that is none",
                    at,
                });
            }
            walk.rewrite |= !header.minimal;
            if header.tag & CONSTRUCTED == 0 {
                let Some(length) = header.length else {
                    return Err(SignedDataError::Encoding {
                        reason: "an indefinite length without values",
                        at,
                    });
                };
                walk.end = header.content + length;
                let content = header.content..walk.end;
                walk.steps.push(Step::Primitive { identifier: header.identifier, content, piece });
                if open.is_empty() {
                    return Ok(walk);
                }
            } else {
                if open.len() >= limits.depth {
                    return Err(SignedDataError::Depth { limit: limits.depth, at });
                }
                walk.end = header.content;
                let octets = header.tag == CONSTRUCTED_OCTET_STRING;
                walk.rewrite |= octets;
                let end = header.length.map(|length| header.content + length);
                open.push(Open { end, bound: end.unwrap_or(bound), octets });
                walk.steps.push(Step::Open { identifier: header.identifier, octets, piece });
            }
        }
    }

    /// Writes the values anew, back to front, so that each length is known when its turn comes.
    fn rewritten(&self, bytes: &[u8]) -> Vec<u8> {
        let mut backwards = Vec::with_capacity(self.end);
        let mut closed = Vec::new();
        for step in self.steps.iter().rev() {
            match step {
                Step::Close => closed.push(backwards.len()),
                Step::Primitive { identifier, content, piece } => {
                    backwards.extend(bytes[content.clone()].iter().rev());
                    if !piece {
                        head_backwards(&mut backwards, &bytes[identifier.clone()], content.len());
                    }
                }
                Step::Open { identifier, octets, piece } => {
                    let content = backwards.len() - closed.pop().expect("the walk closed what it opened");
                    if !piece {
                        let identifier = if *octets { &[OCTET_STRING] } else { &bytes[identifier.clone()] };
                        head_backwards(&mut backwards, identifier, content);
                    }
                }
            }
        }
        backwards.reverse();
        backwards
    }
}

fn head_backwards(backwards: &mut Vec<u8>, identifier: &[u8], length: usize) {
    backwards.extend(head(identifier, length).iter().rev());
}

/// An identifier and a definite length.
pub(crate) fn head(identifier: &[u8], length: usize) -> Vec<u8> {
    let mut head = identifier.to_vec();
    if let Ok(short @ 0..0x80) = u8::try_from(length) {
        head.push(short);
    } else {
        let octets = length.to_be_bytes();
        let octets = &octets[octets.iter().take_while(|octet| **octet == 0).count()..];
        head.push(0x80 | u8::try_from(octets.len()).expect("a usize has at most eight octets"));
        head.extend(octets);
    }
    head
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(bytes: &[u8]) -> Result<Vec<u8>, SignedDataError> {
        definite(bytes, &Limits::default()).map(Cow::into_owned)
    }

    #[test]
    fn lengths_become_definite_and_octet_strings_whole() {
        let long = [&[0x30, 0x80, 0x04, 0x81, 0x80][..], &[7; 128], &[0, 0]].concat();
        let long_definite = [&[0x30, 0x81, 0x83, 0x04, 0x81, 0x80][..], &[7; 128]].concat();
        for (bytes, expected, why) in [
            (&[5, 0][..], &[5, 0][..], "a primitive value alone"),
            (&[0x30, 3, 2, 1, 5], &[0x30, 3, 2, 1, 5], "DER stays"),
            (&[0x30, 3, 2, 1, 5, 9, 9], &[0x30, 3, 2, 1, 5], "what follows is left out"),
            (&[0x30, 0x80, 0, 0], &[0x30, 0], "nothing inside"),
            (&[0x30, 0x80, 2, 1, 5, 0, 0, 9], &[0x30, 3, 2, 1, 5], "an indefinite length"),
            (&[0x30, 4, 0xa0, 0x80, 0, 0], &[0x30, 2, 0xa0, 0], "an indefinite length within a definite one"),
            (&[0x30, 0x81, 3, 2, 1, 5], &[0x30, 3, 2, 1, 5], "a length longer than need be"),
            (&[0x30, 3, 2, 0x81, 0], &[0x30, 2, 2, 0], "the same, within"),
            (&[0x30, 0x83, 0, 0, 2, 5, 0], &[0x30, 2, 5, 0], "zeros in front of a length"),
            (&[0x24, 0x80, 4, 1, 1, 4, 2, 2, 3, 0, 0], &[4, 3, 1, 2, 3], "an octet string in pieces"),
            (&[0x24, 8, 0x24, 3, 4, 1, 1, 4, 1, 2], &[4, 2, 1, 2], "pieces of pieces, definite"),
            (&[0x24, 0x80, 0, 0], &[4, 0], "an octet string of no piece"),
            (
                &[0x7f, 0x81, 0x01, 0x80, 5, 0, 0, 0],
                &[0x7f, 0x81, 0x01, 2, 5, 0],
                "a tag number of two octets",
            ),
            (&long, &long_definite, "a length that takes an octet more than before"),
        ] {
            assert_eq!(read(bytes).as_deref(), Ok(expected), "{why}");
        }
    }

    #[test]
    fn lies_and_fragments_are_refused() {
        let encoding = |reason, at| SignedDataError::Encoding { reason, at };
        for (bytes, expected, why) in [
            (&[][..], SignedDataError::Truncated { at: 0 }, "nothing"),
            (&[0x30], SignedDataError::Truncated { at: 1 }, "no length"),
            (&[0x30, 0x82, 1], SignedDataError::Truncated { at: 3 }, "half a length"),
            (&[0x30, 0x80], SignedDataError::Truncated { at: 2 }, "never ended"),
            (&[0x30, 0x80, 0], SignedDataError::Truncated { at: 3 }, "half an end"),
            (&[0x3f, 0x81], SignedDataError::Truncated { at: 2 }, "half a tag"),
            (&[4, 2, 1], SignedDataError::Length { length: 2, left: 1, at: 0 }, "one byte too few"),
            (
                &[0x30, 2, 4, 1, 7],
                SignedDataError::Length { length: 1, left: 0, at: 2 },
                "longer than what is around it",
            ),
            (
                &[0x30, 3, 0xa0, 0x80, 0, 0],
                SignedDataError::Truncated { at: 5 },
                "an end of contents outside of what is around it",
            ),
            (
                &[0x30, 0x84, 0xff, 0xff, 0xff, 0xff],
                SignedDataError::Length { length: 0xffff_ffff, left: 0, at: 0 },
                "four gigabytes",
            ),
            (
                &[4, 0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
                SignedDataError::Length { length: u64::MAX, left: 0, at: 0 },
                "all that can be said in 64 bits",
            ),
            (&[4, 0x89, 1, 0, 0, 0, 0, 0, 0, 0, 0], encoding("a length beyond 64 bits", 0), "more than that"),
            (&[4, 0xff, 1], encoding("a reserved length", 0), "255 octets of length"),
            (
                &[4, 0x80, 1, 0, 0],
                encoding("an indefinite length without values", 0),
                "an indefinite primitive",
            ),
            (&[0, 0], encoding("an end of contents that ends nothing", 0), "an end alone"),
            (
                &[0x30, 2, 0, 0],
                encoding("an end of contents that ends nothing", 2),
                "an end in a definite value",
            ),
            (
                &[0x24, 2, 5, 0],
                encoding("a piece of an octet string that is none", 2),
                "a null in an octet string",
            ),
            (
                &[0x1f, 0x81, 0x80, 0x80, 0x80, 0x80, 0x00, 0],
                encoding("a tag number beyond 32 bits", 0),
                "a tag number of six octets",
            ),
        ] {
            assert_eq!(read(bytes), Err(expected), "{why}");
        }
    }

    #[test]
    fn each_limit_holds_and_the_greatest_amount_passes() {
        let nested = |levels: usize| [[0x30, 0x80].repeat(levels), [0, 0].repeat(levels)].concat();
        let limits = Limits { depth: 3, values: 5, input_bytes: 100, ..Limits::default() };
        let three = [&[0x30, 8][..], &[5, 0].repeat(4)].concat();
        let six = [&[0x30, 10][..], &[5, 0].repeat(5)].concat();
        for (bytes, expected, why) in [
            (nested(3), None, "three levels"),
            (nested(4), Some(SignedDataError::Depth { limit: 3, at: 6 }), "four levels"),
            (three, None, "five values"),
            (six, Some(SignedDataError::Values { limit: 5 }), "six values"),
            ([&[4, 98][..], &[0; 98]].concat(), None, "a hundred bytes"),
            (
                [&[4, 99][..], &[0; 99]].concat(),
                Some(SignedDataError::InputBytes { found: 101, limit: 100 }),
                "a hundred and one",
            ),
        ] {
            assert_eq!(definite(&bytes, &limits).err(), expected, "{why}");
        }
    }

    #[test]
    fn a_hundred_thousand_levels_cost_nothing() {
        let levels = 100_000;
        let indefinite = [0x30, 0x80].repeat(levels);
        let mut definite_lengths = Vec::new();
        for _ in 0..levels {
            definite_lengths.extend(head(&[0x30], definite_lengths.len()).into_iter().rev());
        }
        definite_lengths.reverse();
        let pieces = [0x24, 0x80].repeat(levels);
        for bytes in [indefinite, definite_lengths, pieces] {
            assert!(matches!(read(&bytes), Err(SignedDataError::Depth { limit: 32, .. })));
            let boundless = Limits { depth: usize::MAX, values: usize::MAX, ..Limits::default() };
            let walked = definite(&bytes, &boundless);
            assert!(walked.is_ok() || walked == Err(SignedDataError::Truncated { at: bytes.len() }));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_and_its_answer_is_its_own_answer(
            bytes in proptest::collection::vec(
                prop_oneof![Just(0x30_u8), Just(0x80), Just(0x24), Just(4), Just(0), 0_u8..12, any::<u8>()],
                0..200,
            )
        ) {
            if let Ok(once) = read(&bytes) {
                prop_assert!(matches!(definite(&once, &Limits::default()), Ok(Cow::Borrowed(twice)) if twice == once));
            }
        }
    }
}
