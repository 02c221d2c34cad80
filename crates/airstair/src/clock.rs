use time::UtcDateTime;

/// The moment a command judges at. Commands ask once and pass it on.
#[expect(clippy::disallowed_methods, reason = "the one place that asks the clock")]
pub(crate) fn now() -> UtcDateTime {
    UtcDateTime::now()
}
