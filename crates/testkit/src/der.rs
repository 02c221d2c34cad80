//! Just enough DER (ITU-T X.690) to write certificates and signed messages, right or wrong.
//!
//! Written here rather than taken from a library: the readers under test use the libraries, and no library writes
//! what they must refuse.

use time::UtcDateTime;
use time::macros::utc_datetime;

/// How the length of a constructed value is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Length {
    Definite,
    /// `80 … 00 00`, allowed in BER only.
    Indefinite,
}

/// One value: tag, length, content.
pub(crate) fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = head(tag, content.len());
    out.extend(content);
    out
}

/// The tag and the length before so many bytes of content.
pub(crate) fn head(tag: u8, length: usize) -> Vec<u8> {
    let bytes = length.to_be_bytes();
    let bytes = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    if length < 0x80 {
        return vec![tag, bytes.first().copied().unwrap_or(0)];
    }
    let count = u8::try_from(bytes.len()).expect("a usize has at most eight bytes");
    [&[tag, 0x80 | count], bytes].concat()
}

/// A constructed value whose length is written as asked for.
pub(crate) fn constructed(tag: u8, parts: &[&[u8]], length: Length) -> Vec<u8> {
    let content = parts.concat();
    match length {
        Length::Definite => tlv(tag, &content),
        Length::Indefinite => [&[tag, 0x80], &content[..], &[0, 0]].concat(),
    }
}

pub(crate) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &parts.concat())
}

/// `SET OF`: DER sorts the parts by their bytes.
pub(crate) fn set_of(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut parts = parts.to_vec();
    parts.sort();
    tlv(0x31, &parts.concat())
}

/// `[number]`, constructed.
pub(crate) fn context(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0xa0 | number, content)
}

/// A number that is not negative, from its big-endian bytes.
pub(crate) fn unsigned(bytes: &[u8]) -> Vec<u8> {
    let bytes = &bytes[bytes.iter().take_while(|byte| **byte == 0).count()..];
    let sign: &[u8] = if bytes.first().is_none_or(|byte| *byte >= 0x80) { &[0] } else { &[] };
    tlv(0x02, &[sign, bytes].concat())
}

pub(crate) fn boolean_true() -> Vec<u8> {
    tlv(0x01, &[0xff])
}

pub(crate) fn null() -> Vec<u8> {
    tlv(0x05, &[])
}

pub(crate) fn octets(bytes: &[u8]) -> Vec<u8> {
    tlv(0x04, bytes)
}

/// A bit string of whole bytes.
pub(crate) fn bits(bytes: &[u8]) -> Vec<u8> {
    tlv(0x03, &[&[0], bytes].concat())
}

pub(crate) fn utf8(text: &str) -> Vec<u8> {
    tlv(0x0c, text.as_bytes())
}

/// An object identifier from its dotted form.
pub(crate) fn oid(dotted: &str) -> Vec<u8> {
    let mut arcs = dotted.split('.').map(|arc| arc.parse::<u64>().expect("the identifiers here are numbers"));
    let (first, second) = (arcs.next().unwrap_or(0), arcs.next().unwrap_or(0));
    let mut content = base128(first * 40 + second);
    content.extend(arcs.flat_map(base128));
    tlv(0x06, &content)
}

fn base128(arc: u64) -> Vec<u8> {
    let digits = (64 - arc.leading_zeros()).div_ceil(7).max(1);
    (0..digits)
        .rev()
        .map(|digit| {
            let more = if digit == 0 { 0 } else { 0x80 };
            more | u8::try_from(arc >> (digit * 7) & 0x7f).expect("seven bits fit")
        })
        .collect()
}

/// A time as RFC 5280 4.1.2.5 wants it: two-digit years until 2049.
pub(crate) fn time(at: UtcDateTime) -> Vec<u8> {
    if (utc_datetime!(1950-01-01 0:00)..utc_datetime!(2050-01-01 0:00)).contains(&at) {
        tlv(0x17, format!("{:02}{}", at.year() % 100, within_year(at)).as_bytes())
    } else {
        generalized_time(at)
    }
}

/// A time with four digits of year, whatever year it is.
pub(crate) fn generalized_time(at: UtcDateTime) -> Vec<u8> {
    tlv(0x18, format!("{:04}{}", at.year(), within_year(at)).as_bytes())
}

fn within_year(at: UtcDateTime) -> String {
    let (month, day, (hour, minute, second)) = (u8::from(at.month()), at.day(), at.as_hms());
    format!("{month:02}{day:02}{hour:02}{minute:02}{second:02}Z")
}

/// The values inside a sequence, each whole: for reading what this crate wrote or carries.
pub(crate) fn values(mut content: &[u8]) -> Vec<&[u8]> {
    let mut found = Vec::new();
    while let Some((header, length)) = lengths(content) {
        let (value, rest) = content.split_at(header + length);
        found.push(value);
        content = rest;
    }
    found
}

/// The content of one value.
pub(crate) fn content(value: &[u8]) -> &[u8] {
    lengths(value).map_or(&[], |(header, length)| &value[header..header + length])
}

/// How many bytes tag and length take, and how many the content.
fn lengths(value: &[u8]) -> Option<(usize, usize)> {
    let first = usize::from(*value.get(1)?);
    if first < 0x80 {
        return Some((2, first));
    }
    let header = 2 + (first & 0x7f);
    Some((header, value.get(2..header)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_written_as_x690_shows_them() {
        for (written, expected, why) in [
            (tlv(0x04, &[7; 127]).len(), 129, "127 is a short length"),
            (tlv(0x04, &[7; 128]).len(), 131, "128 takes one more byte"),
            (tlv(0x04, &[7; 256]).len(), 260, "256 takes two"),
        ] {
            assert_eq!(written, expected, "{why}");
        }
        for (written, expected, why) in [
            (unsigned(&[0, 0]), vec![2, 1, 0], "zero has one byte"),
            (unsigned(&[0, 0x7f]), vec![2, 1, 0x7f], "leading zeros go"),
            (unsigned(&[0x80]), vec![2, 2, 0, 0x80], "a high bit gets a zero before it"),
            (oid("1.2.840.113549"), vec![6, 6, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d], "the example of X.690"),
            (oid("2.5.29.15"), vec![6, 3, 0x55, 29, 15], "short arcs"),
            (
                time(utc_datetime!(2049-12-31 23:59:59)),
                b"\x17\x0d491231235959Z".to_vec(),
                "the last two-digit year",
            ),
            (
                time(utc_datetime!(2050-01-01 0:00:00)),
                b"\x18\x0f20500101000000Z".to_vec(),
                "the first four-digit one",
            ),
        ] {
            assert_eq!(written, expected, "{why}");
        }
    }

    #[test]
    fn what_was_written_is_found_again() {
        let long = octets(&[1; 300]);
        let whole = sequence(&[&unsigned(&[5]), &long, &null()]);
        assert_eq!(values(content(&whole)), [&[2, 1, 5][..], &long, &[5, 0]]);
        assert_eq!(content(&long), [1; 300]);
    }
}
