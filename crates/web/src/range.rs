use std::ops::Range;

use http::HeaderMap;
use http::header::{IF_RANGE, RANGE};

/// Which bytes of a file a request asks for (RFC 9110, section 14).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Wish {
    /// All of it.
    Whole,
    /// These, at least one.
    Part(Range<u64>),
    /// None that can be given: past the end, or several ranges, which no installer asks for.
    Unsatisfiable,
}

/// Reads `Range` and `If-Range`. What is malformed, or made for another version of the file, asks for all of it.
pub(crate) fn wish(headers: &HeaderMap, etag: &str, len: u64) -> Wish {
    let Some(range) = headers.get(RANGE).and_then(|value| value.to_str().ok()) else { return Wish::Whole };
    // A date can't tell whether it is the same file; only the strong entity tag can.
    if headers.get(IF_RANGE).is_some_and(|validator| validator.as_bytes() != etag.as_bytes()) {
        return Wish::Whole;
    }
    let Some(ranges) = strip_unit(range) else { return Wish::Whole };
    if ranges.contains(',') {
        return Wish::Unsatisfiable;
    }
    match parse(ranges.trim(), len) {
        None => Wish::Whole,
        Some(part) if part.is_empty() => Wish::Unsatisfiable,
        Some(part) => Wish::Part(part),
    }
}

fn strip_unit(range: &str) -> Option<&str> {
    let (unit, ranges) = range.split_once('=')?;
    unit.trim().eq_ignore_ascii_case("bytes").then_some(ranges)
}

/// `first-last`, `first-` or `-suffix`; an empty range when it can't be satisfied, `None` when it is malformed.
fn parse(range: &str, len: u64) -> Option<Range<u64>> {
    let (first, last) = range.split_once('-')?;
    if first.is_empty() {
        let suffix = number(last)?;
        return Some(len.saturating_sub(suffix)..len);
    }
    let first = number(first)?;
    let last = if last.is_empty() { u64::MAX } else { number(last)? };
    if last < first {
        return None;
    }
    Some(first.min(len)..last.saturating_add(1).min(len))
}

/// Digits alone; a number beyond 64 bits is as good as the largest.
fn number(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn ranges_are_read_as_the_standard_says() {
        for (range, len, expected, why) in [
            (None, 10, Wish::Whole, "no range"),
            (Some("bytes=0-0"), 10, Wish::Part(0..1), "the first byte"),
            (Some("bytes=0-9"), 10, Wish::Part(0..10), "all by range"),
            (Some("bytes=9-9"), 10, Wish::Part(9..10), "the last byte"),
            (Some("bytes=4-"), 10, Wish::Part(4..10), "an open end"),
            (Some("bytes=4-99"), 10, Wish::Part(4..10), "an end past the end"),
            (Some("bytes=-3"), 10, Wish::Part(7..10), "a suffix"),
            (Some("bytes=-99"), 10, Wish::Part(0..10), "a suffix longer than the file"),
            (Some("bytes=-0"), 10, Wish::Unsatisfiable, "an empty suffix"),
            (Some("bytes=10-"), 10, Wish::Unsatisfiable, "from the end on"),
            (Some("bytes=10-20"), 10, Wish::Unsatisfiable, "past the end"),
            (Some("bytes=0-0"), 0, Wish::Unsatisfiable, "nothing to give"),
            (Some("bytes=0-0,2-3"), 10, Wish::Unsatisfiable, "several ranges"),
            (Some("bytes=5-4"), 10, Wish::Whole, "turned around"),
            (Some("bytes=a-b"), 10, Wish::Whole, "no numbers"),
            (Some("bytes=+1-2"), 10, Wish::Whole, "a sign"),
            (Some("bytes=-"), 10, Wish::Whole, "neither end"),
            (Some("bytes"), 10, Wish::Whole, "no ranges"),
            (Some("lines=1-2"), 10, Wish::Whole, "another unit"),
            (Some("BYTES = 1-2 "), 10, Wish::Part(1..3), "a unit in capitals, and spaces"),
            (Some("bytes=99999999999999999999-"), 10, Wish::Unsatisfiable, "beyond 64 bits"),
            (Some("bytes=0-99999999999999999999"), 10, Wish::Part(0..10), "an end beyond 64 bits"),
        ] {
            let mut headers = HeaderMap::new();
            headers.extend(range.map(|range| (RANGE, HeaderValue::from_static(range))));
            assert_eq!(wish(&headers, "\"a\"", len), expected, "{why}");
        }
    }

    #[test]
    fn a_range_of_another_version_asks_for_the_whole_file() {
        for (validator, expected) in [
            ("\"a\"", Wish::Part(1..3)),
            ("\"b\"", Wish::Whole),
            ("W/\"a\"", Wish::Whole),
            ("Sat, 21 Nov 2026 09:59:25 GMT", Wish::Whole),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RANGE, HeaderValue::from_static("bytes=1-2"));
            headers.insert(IF_RANGE, HeaderValue::from_static(validator));
            assert_eq!(wish(&headers, "\"a\"", 10), expected, "{validator}");
        }
    }
}
