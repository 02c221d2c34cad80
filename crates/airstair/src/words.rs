//! Facts in the words of people.

use time::UtcDateTime;

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
}
