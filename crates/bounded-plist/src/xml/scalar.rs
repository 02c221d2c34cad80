use time::{Date, Month, Time, UtcDateTime};

use crate::Integer;

/// An integer as Apple's reader takes it: an optional sign, then decimal or `0x` hexadecimal digits.
pub(super) fn integer(text: &str) -> Option<Integer> {
    let text = trim(text);
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let (radix, digits) = match digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")) {
        Some(digits) => (16, digits),
        None => (10, digits),
    };
    // `from_str_radix` would take a second sign.
    if !digits.starts_with(|first: char| first.is_digit(radix)) {
        return None;
    }
    let magnitude = u128::from_str_radix(digits, radix).ok()?;
    let number = if negative { 0_i128.checked_sub_unsigned(magnitude) } else { magnitude.try_into().ok() };
    number.map(Integer::from)
}

/// A real number; `nan`, `inf` and `infinity` in any case, with or without sign.
pub(super) fn real(text: &str) -> Option<f64> {
    trim(text).parse().ok()
}

/// A moment of the form `2001-01-01T00:00:00Z`; a minus before the year for those before year 0.
pub(super) fn date(text: &str) -> Option<UtcDateTime> {
    let text = trim(text);
    let (before_zero, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let bytes: &[u8; 20] = text.as_bytes().try_into().ok()?;
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
    if separators.iter().any(|(at, separator)| bytes[*at] != *separator) {
        return None;
    }
    let number = |from: usize, to: usize| {
        bytes[from..to].iter().try_fold(0_u16, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + u16::from(digit - b'0'))
        })
    };
    let small = |from: usize| number(from, from + 2).and_then(|number| u8::try_from(number).ok());
    let year = i32::from(number(0, 4)?);
    let year = if before_zero { -year } else { year };
    let day = Date::from_calendar_date(year, Month::try_from(small(5)?).ok()?, small(8)?).ok()?;
    let time = Time::from_hms(small(11)?, small(14)?, small(17)?).ok()?;
    Some(UtcDateTime::new(day, time))
}

/// `text` without XML's white space around it.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t', '\n', '\r'])
}
