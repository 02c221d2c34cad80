use catalog::Timestamp;
use distribution::Clock;
use time::UtcDateTime;

/// The moment a command judges at. Commands ask once and pass it on.
#[expect(clippy::disallowed_methods, reason = "the one place that asks the clock")]
pub(crate) fn now() -> UtcDateTime {
    UtcDateTime::now()
}

/// The same clock, for a server.
pub(crate) struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        now().into()
    }
}
