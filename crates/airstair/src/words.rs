//! Facts in the words of people.

use ipa::{DeviceFamily, SigningKind};
use time::UtcDateTime;

/// How an app is signed: `ad hoc`.
pub(crate) fn signing(kind: SigningKind) -> &'static str {
    match kind {
        SigningKind::Development => "development",
        SigningKind::AdHoc => "ad hoc",
        SigningKind::InHouse => "in-house",
        SigningKind::AppStore => "App Store",
    }
}

/// What the person must do after installing, in the words of the device's own menus.
pub(crate) fn steps(kind: SigningKind) -> Vec<&'static str> {
    match kind {
        SigningKind::InHouse => vec![
            "Open Settings › General › VPN & Device Management, choose the developer and tap Trust.",
            "On iOS 18 and later choose Allow & Restart, and enter the passcode after the restart.",
        ],
        SigningKind::Development => {
            vec!["Open Settings › Privacy & Security › Developer Mode, switch it on and restart when asked."]
        }
        SigningKind::AdHoc | SigningKind::AppStore => vec![],
    }
}

/// Kinds of device: `iPhone and iPad`; `None` for none.
pub(crate) fn families(families: &[DeviceFamily]) -> Option<String> {
    let names: Vec<_> = families.iter().map(ToString::to_string).collect();
    match names.split_last()? {
        (last, []) => Some(last.clone()),
        (last, rest) => Some(format!("{} and {last}", rest.join(", "))),
    }
}

/// `1 device`, `12 devices`.
pub(crate) fn count(count: usize, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

/// How far away a moment is, in whole days, beyond two years in whole years: `in 12 days`, `3 days ago`.
pub(crate) fn distance(moment: UtcDateTime, now: UtcDateTime) -> String {
    let days = (moment - now).whole_days();
    let apart = usize::try_from(days.unsigned_abs()).unwrap_or(usize::MAX);
    let apart = if apart < 731 { count(apart, "day") } else { count(apart * 100 / 36_525, "year") };
    match days {
        0 if moment < now => "within the last day".to_owned(),
        0 => "within a day".to_owned(),
        1.. => format!("in {apart}"),
        _ => format!("{apart} ago"),
    }
}

/// `text` with a capital and a full stop.
pub(crate) fn sentence(text: &str) -> String {
    let mut characters = text.chars();
    let Some(first) = characters.next() else { return String::new() };
    let stop = if text.ends_with(['.', '!', '?', '…']) { "" } else { "." };
    format!("{}{}{stop}", first.to_uppercase(), characters.as_str())
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::utc_datetime;

    use super::*;

    #[test]
    fn distances_are_told_in_whole_days() {
        let now = utc_datetime!(2026-11-21 12:00);
        for (distance_to, expected) in [
            (Duration::days(365), "in 365 days"),
            (Duration::hours(25), "in 1 day"),
            (Duration::hours(23), "within a day"),
            (Duration::hours(-1), "within the last day"),
            (Duration::hours(-25), "1 day ago"),
            (Duration::days(-730), "730 days ago"),
            (Duration::days(731), "in 2 years"),
            (Duration::days(-3651), "9 years ago"),
        ] {
            assert_eq!(distance(now + distance_to, now), expected);
        }
    }

    #[test]
    fn families_read_as_a_sentence_does() {
        use DeviceFamily::{Pad, Phone, Vision};
        for (list, expected) in [
            (&[][..], None),
            (&[Phone], Some("iPhone")),
            (&[Phone, Pad], Some("iPhone and iPad")),
            (&[Phone, Pad, Vision], Some("iPhone, iPad and Apple Vision")),
        ] {
            assert_eq!(families(list).as_deref(), expected);
        }
    }
}
