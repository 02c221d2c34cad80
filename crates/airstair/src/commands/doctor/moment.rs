use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, UtcDateTime};

/// A day, which stands for its beginning in UTC, or a moment as RFC 3339 writes it.
pub(super) fn parse(text: &str) -> Result<UtcDateTime, String> {
    if let Ok(day) = Date::parse(text, format_description!("[year]-[month]-[day]")) {
        return Ok(UtcDateTime::new(day, time::Time::MIDNIGHT));
    }
    OffsetDateTime::parse(text, &Rfc3339)
        .map(OffsetDateTime::to_utc)
        .map_err(|_| "a day is written like 2027-01-01, a moment like 2027-01-01T12:00:00Z".to_owned())
}

#[cfg(test)]
mod tests {
    use time::macros::utc_datetime;

    use super::parse;

    #[test]
    fn days_and_moments_are_told_from_other_text() {
        for (text, expected) in [
            ("2027-01-01", Some(utc_datetime!(2027-01-01 0:00))),
            ("2027-01-01T12:30:00Z", Some(utc_datetime!(2027-01-01 12:30))),
            ("2027-01-01T12:30:00+02:00", Some(utc_datetime!(2027-01-01 10:30))),
            ("2027-02-30", None),
            ("tomorrow", None),
            ("", None),
        ] {
            assert_eq!(parse(text).ok(), expected, "{text}");
        }
    }
}
