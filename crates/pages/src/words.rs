use ipa::{DeviceFamily, SigningKind};
use time::UtcDateTime;
use time::macros::format_description;

/// A day for people: `21 November 2026`.
///
/// # Panics
///
/// Never: a moment has a day, a month and a year.
#[must_use]
pub fn day(moment: UtcDateTime) -> String {
    moment
        .format(format_description!("[day padding:none] [month repr:long] [year]"))
        .expect("a date has a day, a month and a year")
}

/// A moment for machines: `2026-11-21T09:59:25Z`.
pub(crate) fn machine(moment: UtcDateTime) -> String {
    moment
        .format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z"))
        .expect("a moment has a date and a time")
}

/// A size for people, in decimal units as phones show them: `12.3 MB`.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 3] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")];
    // A value that would round up to 1000.0 of a unit belongs to the next one.
    for (unit, name) in UNITS {
        if bytes >= unit - unit / 20_000 {
            let tenths = (u128::from(bytes) * 10 + u128::from(unit) / 2) / u128::from(unit);
            return format!("{}.{} {name}", tenths / 10, tenths % 10);
        }
    }
    format!("{bytes} bytes")
}

/// How an app is signed: `ad hoc`.
#[must_use]
pub fn signing(kind: SigningKind) -> &'static str {
    match kind {
        SigningKind::Development => "development",
        SigningKind::AdHoc => "ad hoc",
        SigningKind::InHouse => "in-house",
        SigningKind::AppStore => "App Store",
    }
}

/// Kinds of device: `iPhone and iPad`; `None` for none.
#[must_use]
pub fn families(families: &[DeviceFamily]) -> Option<String> {
    let names: Vec<_> = families.iter().map(ToString::to_string).collect();
    match names.split_last()? {
        (last, []) => Some(last.clone()),
        (last, rest) => Some(format!("{} and {last}", rest.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes_read_as_on_a_phone() {
        for (bytes, words) in [
            (0, "0 bytes"),
            (999, "999 bytes"),
            (1_000, "1.0 kB"),
            (12_345_678, "12.3 MB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (4_294_967_296, "4.3 GB"),
            (u64::MAX, "18446744073.7 GB"),
        ] {
            assert_eq!(size(bytes), words);
        }
    }
}
