use std::collections::VecDeque;
use std::time::Duration;

use tokio::time::Instant;

/// How far back the rate looks.
const WINDOW: Duration = Duration::from_secs(10);

/// How long nothing may come before that is worth a word; a slow link's blocks are longer apart.
const SILENCE: Duration = Duration::from_secs(15);

/// How far apart the blocks of a link may be whose speed is not known yet.
const UNKNOWN_INTERVAL: Duration = Duration::from_secs(20);

/// How fast a package goes out.
///
/// Bytes are counted in blocks, so a rate is measured from block to block and not up to the present moment.
#[derive(Debug)]
pub(super) struct Pace {
    seen: VecDeque<(Instant, u64)>,
}

/// What can be said of a download that goes on.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Motion {
    /// It has only begun.
    Begun,
    /// So many bytes in a second.
    Moving(u64),
    /// Nothing for so long.
    Silent(Duration),
}

impl Pace {
    /// So many bytes were sent by now, perhaps in an earlier connection.
    pub(super) fn begin(now: Instant, sent_bytes: u64) -> Self {
        Self { seen: VecDeque::from([(now, sent_bytes)]) }
    }

    /// So many bytes are sent by now.
    pub(super) fn note(&mut self, now: Instant, sent_bytes: u64) {
        if self.latest().1 == sent_bytes {
            return;
        }
        if let Motion::Silent(_) = self.motion(now) {
            // It goes on after a rest: what came before it says nothing of its rate.
            *self = Self::begin(now, sent_bytes);
            return;
        }
        self.seen.push_back((now, sent_bytes));
        // One is left from before the window, so that slow blocks have a rate too.
        while self.seen.get(1).is_some_and(|(at, _)| now - *at >= WINDOW) {
            self.seen.pop_front();
        }
    }

    pub(super) fn motion(&self, now: Instant) -> Motion {
        let (&(first_at, first_bytes), (last_at, last_bytes)) = (&self.seen[0], self.latest());
        let between = last_at - first_at;
        let blocks = u32::try_from(self.seen.len() - 1).unwrap_or(u32::MAX);
        let usual = between.checked_div(blocks).unwrap_or(UNKNOWN_INTERVAL);
        let silent_for = now - last_at;
        if silent_for > SILENCE.max(usual * 3) {
            return Motion::Silent(silent_for);
        }
        let bytes = u128::from(last_bytes.saturating_sub(first_bytes)) * 1_000_000;
        match bytes.checked_div(between.as_micros()) {
            Some(rate) if rate > 0 => Motion::Moving(u64::try_from(rate).unwrap_or(u64::MAX)),
            _ => Motion::Begun,
        }
    }

    fn latest(&self) -> (Instant, u64) {
        *self.seen.back().expect("there is always one")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn paced(steps: &[(u64, u64)]) -> (Instant, Pace) {
        let begin = Instant::now();
        let mut pace = Pace::begin(begin, 0);
        for (millis, bytes) in steps {
            pace.note(begin + Duration::from_millis(*millis), *bytes);
        }
        (begin, pace)
    }

    #[test]
    fn the_rate_is_that_of_the_last_seconds() {
        let (begin, pace) = paced(&[(1_000, MIB), (2_000, 2 * MIB)]);
        assert_eq!(pace.motion(begin + Duration::from_secs(2)), Motion::Moving(MIB));
        let slow_then_fast: Vec<_> =
            (1..=20).map(|n| (n * 1_000, n)).chain((1..=20).map(|n| (20_000 + n * 1_000, n * MIB))).collect();
        let (begin, pace) = paced(&slow_then_fast);
        assert_eq!(pace.motion(begin + Duration::from_secs(40)), Motion::Moving(MIB));
    }

    #[test]
    fn a_rate_stays_between_blocks_and_ends_in_silence() {
        let (begin, pace) = paced(&[(500, MIB), (1_000, 2 * MIB)]);
        let at = |seconds| begin + Duration::from_secs(seconds);
        assert_eq!(pace.motion(at(16)), Motion::Moving(2 * MIB));
        assert_eq!(pace.motion(at(17)), Motion::Silent(Duration::from_secs(16)));
    }

    #[test]
    fn slow_blocks_are_not_silence() {
        let (begin, pace) = paced(&[(20_000, MIB), (40_000, 2 * MIB)]);
        let at = |seconds| begin + Duration::from_secs(seconds);
        assert_eq!(pace.motion(at(99)), Motion::Moving(MIB / 20));
        assert_eq!(pace.motion(at(101)), Motion::Silent(Duration::from_secs(61)));
    }

    #[test]
    fn a_rest_does_not_spoil_the_rate_that_follows() {
        let (begin, mut pace) = paced(&[(500, MIB), (1_000, 2 * MIB)]);
        pace.note(begin + Duration::from_mins(1), 3 * MIB);
        assert_eq!(pace.motion(begin + Duration::from_mins(1)), Motion::Begun);
        pace.note(begin + Duration::from_secs(61), 4 * MIB);
        assert_eq!(pace.motion(begin + Duration::from_secs(61)), Motion::Moving(MIB));
    }
}
