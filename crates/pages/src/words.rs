use doctor::{EvidenceKind, Severity};
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

/// `text` with a full stop and, unless it begins with a name such as `metadata.kind`, with a capital. Behind an address
/// there is no full stop: it would be copied with it.
#[must_use]
pub fn sentence(text: &str) -> String {
    let first_word = text.split(' ').next().unwrap_or_default();
    let is_word = first_word.chars().all(|c| c.is_ascii_lowercase());
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return String::new() };
    let first = if is_word { first.to_ascii_uppercase() } else { first };
    let ends_in_address = text.rsplit(' ').next().is_some_and(|last| last.contains("://"));
    let stop = if ends_in_address || text.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{first}{}{stop}", characters.as_str())
}

/// `text` with a capital, for a heading.
pub(crate) fn heading(text: &str) -> String {
    let mut characters = text.chars();
    characters
        .next()
        .map_or_else(String::new, |first| format!("{}{}", first.to_uppercase(), characters.as_str()))
}

/// What a finding of this weight means.
pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "the device refuses, or does nothing",
        Severity::Warning => "it fails for some devices, or soon, or looks like a mistake",
        Severity::Note => "nothing fails: a step to take, or a thing worth knowing",
    }
}

/// How sure it is of what devices do.
pub(crate) fn evidence(kind: EvidenceKind) -> &'static str {
    match kind {
        EvidenceKind::Documented => "documented by Apple",
        EvidenceKind::Known => "known to everybody who ships apps",
        EvidenceKind::Observed => "observed on devices or in their software",
        EvidenceKind::Assumed => "assumed",
    }
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
    use super::{sentence, size};

    #[test]
    fn sentences_begin_and_end_as_they_should() {
        for (text, expected) in [
            ("its profile expired", "Its profile expired."),
            ("metadata.kind is missing", "metadata.kind is missing."),
            ("\"Payload\" holds nothing", "\"Payload\" holds nothing."),
            ("is it there?", "Is it there?"),
            ("use https://apps.example/a", "Use https://apps.example/a"),
            ("", ""),
        ] {
            assert_eq!(sentence(text), expected);
        }
    }

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
