use std::fmt;
use std::time::Duration;

use time::UtcDateTime;
use time::format_description::well_known::Rfc3339;

use crate::ParseError;

/// A moment in milliseconds since 1970-01-01T00:00:00 UTC, leap seconds not counted.
///
/// Always one that [`UtcDateTime`] can hold: the years -9999 to 9999.
///
/// ```
/// use catalog::Timestamp;
/// use time::macros::utc_datetime;
///
/// let moment = Timestamp::from(utc_datetime!(2026-11-21 09:30));
/// assert_eq!(moment.as_millis(), 1_795_253_400_000);
/// assert_eq!(moment.to_string(), "2026-11-21T09:30:00Z");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp(i64);

const MILLION: i128 = 1_000_000;

impl Timestamp {
    /// The moment so many milliseconds after the beginning of 1970 UTC.
    ///
    /// # Errors
    ///
    /// [`ParseError::Range`] outside the years -9999 to 9999.
    pub fn from_millis(millis: i64) -> Result<Self, ParseError> {
        let refuse = |_| ParseError::Range { what: "moment between the years -9999 and 9999", seen: millis };
        UtcDateTime::from_unix_timestamp_nanos(i128::from(millis) * MILLION).map_err(refuse)?;
        Ok(Self(millis))
    }

    /// Milliseconds since the beginning of 1970 UTC.
    #[must_use]
    pub fn as_millis(self) -> i64 {
        self.0
    }

    /// This much later, or the last moment there is.
    #[must_use]
    pub fn saturating_add(self, duration: Duration) -> Self {
        let moved = time::Duration::try_from(duration)
            .ok()
            .and_then(|duration| UtcDateTime::from(self).checked_add(duration));
        moved.unwrap_or(UtcDateTime::MAX).into()
    }

    /// This much earlier, or the first moment there is.
    #[must_use]
    pub fn saturating_sub(self, duration: Duration) -> Self {
        let moved = time::Duration::try_from(duration)
            .ok()
            .and_then(|duration| UtcDateTime::from(self).checked_sub(duration));
        moved.unwrap_or(UtcDateTime::MIN).into()
    }

    /// How long it is until `later`; nothing when that is over.
    #[must_use]
    pub fn until(self, later: Self) -> Duration {
        Duration::from_millis(u64::try_from(later.0 - self.0).unwrap_or(0))
    }
}

/// Cuts off what is finer than a millisecond, towards the past.
impl From<UtcDateTime> for Timestamp {
    fn from(moment: UtcDateTime) -> Self {
        let millis = moment.unix_timestamp_nanos().div_euclid(MILLION);
        Self(i64::try_from(millis).expect("20,000 years are less than 2^63 milliseconds"))
    }
}

impl From<Timestamp> for UtcDateTime {
    fn from(moment: Timestamp) -> Self {
        Self::from_unix_timestamp_nanos(i128::from(moment.0) * MILLION).expect("checked when it was made")
    }
}

/// RFC 3339 in UTC, such as `2026-11-21T09:30:00.25Z`; years outside 0 to 9999, which it cannot say, as milliseconds.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match UtcDateTime::from(*self).format(&Rfc3339) {
            Ok(text) => f.write_str(&text),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_range_is_that_of_a_date_and_time() {
        for (millis, fits, why) in [
            (0, true, "1970"),
            (253_402_300_799_999, true, "the last millisecond of 9999"),
            (253_402_300_800_000, false, "10000"),
            (-377_705_116_800_000, true, "the first millisecond of -9999"),
            (-377_705_116_800_001, false, "-10000"),
            (i64::MAX, false, "the greatest number"),
            (i64::MIN, false, "the smallest number"),
        ] {
            assert_eq!(Timestamp::from_millis(millis).is_ok(), fits, "{why}");
        }
    }

    #[test]
    fn adding_stops_at_the_ends_of_time() {
        let now = Timestamp::from_millis(1_000).unwrap();
        assert_eq!(now.saturating_add(Duration::from_millis(5)).as_millis(), 1_005);
        assert_eq!(now.saturating_sub(Duration::from_millis(5)).as_millis(), 995);
        assert_eq!(now.saturating_add(Duration::MAX).as_millis(), 253_402_300_799_999);
        assert_eq!(now.saturating_sub(Duration::MAX).as_millis(), -377_705_116_800_000);
    }

    proptest! {
        #[test]
        fn a_moment_survives_the_way_to_a_date_and_back(millis in -377_705_116_800_000_i64..=253_402_300_799_999) {
            let moment = Timestamp::from_millis(millis).unwrap();
            prop_assert_eq!(Timestamp::from(UtcDateTime::from(moment)), moment);
        }
    }
}
