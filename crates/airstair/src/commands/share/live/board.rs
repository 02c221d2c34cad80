use std::collections::HashSet;
use std::time::Duration;

use anstyle::Style;
use catalog::{Attempt, AttemptDevice, AttemptId, TicketId};
use textwrap::core::display_width;
use tokio::time::Instant;

use super::device_label::device_label;
use super::pace::Pace;
use super::phase::Phase;
use super::refusal::refusal;
use super::row::{self, Download};
use crate::terminal::{BAD, GOOD};

/// After so much silence a device has left.
const LEFT_AFTER: Duration = Duration::from_mins(10);

/// The devices that fetch, a row each.
pub(super) struct Board {
    size_bytes: u64,
    devices: Vec<Fetching>,
    /// Attempts that nothing more is said of.
    ended: HashSet<AttemptId>,
}

/// What stays to be read of a device that has lost its row.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct LastWord {
    pub(super) label: String,
    pub(super) words: String,
    pub(super) style: Style,
}

/// A device that fetches.
struct Fetching {
    attempt: AttemptId,
    ticket: TicketId,
    device: AttemptDevice,
    label: String,
    phase: Phase,
    sent_bytes: u64,
    pace: Pace,
    seen_at: Instant,
}

impl Board {
    pub(super) fn new(size_bytes: u64) -> Self {
        Self { size_bytes, devices: Vec::new(), ended: HashSet::new() }
    }

    /// Takes in how an attempt stands now.
    pub(super) fn show(&mut self, attempt: &Attempt, now: Instant) -> Vec<LastWord> {
        let Some(phase) = Phase::of(attempt, self.size_bytes) else { return Vec::new() };
        if self.ended.contains(&attempt.id) {
            return Vec::new();
        }
        let sent_bytes = attempt.progress.blocks.sent_bytes(self.size_bytes);
        let mut last_words = Vec::new();
        let known = self.devices.iter().position(|device| device.attempt == attempt.id);
        let place = known.unwrap_or_else(|| {
            last_words.extend(self.end_earlier(attempt));
            let device = Fetching::begin(attempt, phase, sent_bytes, now);
            let said = |words| LastWord { label: device.label.clone(), words, style: BAD };
            last_words.extend(attempt.findings.iter().map(refusal).map(said));
            self.devices.push(device);
            self.devices.len() - 1
        });
        if phase == Phase::AllSent {
            self.ended.insert(attempt.id);
            let label = self.devices.remove(place).label;
            let words = phase.sentence(sent_bytes, self.size_bytes);
            last_words.push(LastWord { label, words, style: GOOD });
            return last_words;
        }
        let device = &mut self.devices[place];
        device.phase = phase;
        device.sent_bytes = sent_bytes;
        device.pace.note(now, sent_bytes);
        device.seen_at = now;
        last_words
    }

    /// Lets go of devices that have left.
    pub(super) fn let_go(&mut self, now: Instant) -> Vec<LastWord> {
        let has_left = |device: &mut Fetching| now - device.seen_at >= LEFT_AFTER;
        let left: Vec<_> = self.devices.extract_if(.., has_left).collect();
        let end = format!("nothing for {}", row::rough(LEFT_AFTER));
        left.iter().map(|device| device.last_word(self.size_bytes, &end)).collect()
    }

    /// The rows, in the order in which the devices came.
    pub(super) fn rows(&self, now: Instant, width: usize) -> Vec<String> {
        let longest = self.devices.iter().map(|device| display_width(&device.label)).max();
        let columns = row::label_columns(longest.unwrap_or_default(), width);
        let row = |device: &Fetching| {
            if device.phase == Phase::ManifestFetched {
                return row::of_words(&device.label, columns, &device.phase.sentence(0, 0), width);
            }
            let download = Download {
                sent_bytes: device.sent_bytes,
                size_bytes: self.size_bytes,
                motion: device.pace.motion(now),
            };
            row::of_download(&device.label, columns, download, width)
        };
        self.devices.iter().map(row).collect()
    }

    /// How far each device had come when the server stopped.
    pub(super) fn end(self) -> Vec<LastWord> {
        self.devices.iter().map(|device| device.last_word(self.size_bytes, "the server stopped")).collect()
    }

    /// Ends what the same device tried before with the same link.
    fn end_earlier(&mut self, attempt: &Attempt) -> Option<LastWord> {
        let is_earlier =
            |device: &Fetching| device.ticket == attempt.ticket && device.device == attempt.device;
        let place = self.devices.iter().position(is_earlier)?;
        let earlier = self.devices.remove(place);
        self.ended.insert(earlier.attempt);
        Some(earlier.last_word(self.size_bytes, "it began anew"))
    }
}

impl Fetching {
    fn begin(attempt: &Attempt, phase: Phase, sent_bytes: u64, now: Instant) -> Self {
        Self {
            attempt: attempt.id,
            ticket: attempt.ticket,
            device: attempt.device.clone(),
            label: device_label(&attempt.device),
            phase,
            sent_bytes,
            pace: Pace::begin(now, sent_bytes),
            seen_at: now,
        }
    }

    fn last_word(&self, size_bytes: u64, end: &str) -> LastWord {
        let so_far = match self.phase {
            Phase::ManifestFetched => "fetched the manifest".to_owned(),
            _ => Phase::Sending(0).sentence(self.sent_bytes, size_bytes),
        };
        LastWord { label: self.label.clone(), words: format!("{so_far}, then {end}"), style: Style::new() }
    }
}

#[cfg(test)]
mod tests {
    use catalog::{BuildId, ChannelId, Progress, Timestamp};
    use doctor::{Demands, Device, Facts};
    use ipa::{BundleKind, Fact, OsVersion};

    use super::*;

    const MIB: u64 = 1 << 20;
    const SIZE: u64 = 10 * MIB;

    fn attempt(number: u8, model: &str) -> Attempt {
        let at = Timestamp::from_millis(1_800_000_000_000).unwrap();
        Attempt {
            id: AttemptId::new(at, [number; 10]),
            ticket: TicketId::new([7; 16]),
            channel: ChannelId::new(at, [1; 10]),
            build: BuildId::new(at, [1; 10]),
            device: AttemptDevice {
                model: model.to_owned(),
                os_version: "18.0".to_owned(),
                os_build: "22A3354".to_owned(),
            },
            started_at: at,
            served_until: at,
            progress: Progress { manifest_at: Some(at), ..Progress::seen(at) },
            findings: Vec::new(),
        }
    }

    fn sent(mut attempt: Attempt, bytes: std::ops::Range<u64>) -> Attempt {
        let at = attempt.started_at;
        attempt.progress.package_first_at = Some(at);
        attempt.progress.blocks.send(bytes, SIZE);
        if attempt.progress.blocks.is_complete(SIZE) {
            attempt.progress.all_sent_at = Some(at);
        }
        attempt
    }

    fn rows(board: &Board, now: Instant) -> Vec<String> {
        let strip = |row: &String| anstream::adapter::strip_str(row).to_string();
        board.rows(now, 80).iter().map(strip).collect()
    }

    fn words(last_words: &[LastWord]) -> Vec<String> {
        last_words.iter().map(|last| format!("{}: {}", last.label, last.words)).collect()
    }

    #[test]
    fn each_device_has_a_row_until_all_is_sent() {
        let (mut board, now) = (Board::new(SIZE), Instant::now());
        board.show(&attempt(1, "iPhone15,2"), now);
        board.show(&sent(attempt(2, "iPad13,1"), 0..5 * MIB), now);
        assert_eq!(
            rows(&board, now),
            [
                "iPhone15,2 iOS 18.0  fetched the manifest; the phone now asks its owner",
                "iPad13,1 iOS 18.0    ━━━━━━━━━━━━━━━───────────────   5.2 of 10.5 MB",
            ]
        );
        let last = board.show(&sent(attempt(2, "iPad13,1"), 0..SIZE), now);
        assert_eq!(
            words(&last),
            ["iPad13,1 iOS 18.0: all 10.5 MB sent; the phone now checks and installs it"]
        );
        assert_eq!(rows(&board, now).len(), 1);
        let more = board.show(&sent(attempt(2, "iPad13,1"), 0..SIZE), now);
        assert_eq!((words(&more), rows(&board, now).len()), (vec![], 1), "nothing more is said of it");
    }

    #[test]
    fn a_device_that_can_not_install_is_told_of_once_and_keeps_its_row() {
        let (mut board, now) = (Board::new(SIZE), Instant::now());
        let demands = Demands {
            bundle: None,
            kind: BundleKind::App,
            minimum_os: Fact::Known(OsVersion { major: 19, minor: 0, patch: 0 }),
            device_families: Fact::Absent,
            supported_devices: Fact::Absent,
            capabilities: Fact::Absent,
            profile_expires_at: Fact::Absent,
        };
        let mut refused = attempt(1, "iPhone15,2");
        let os = refused.device.os_version.parse().ok();
        let facts = Facts::of_demands(refused.started_at.into(), demands, Device { os, ..Device::default() });
        refused.findings = doctor::judge(&facts).findings;
        let last = board.show(&refused, now);
        assert_eq!(words(&last), ["iPhone15,2 iOS 18.0: fails: it needs iOS 19.0, and the device has 18.0"]);
        assert_eq!(board.show(&sent(refused, 0..MIB), now), []);
        assert_eq!(rows(&board, now).len(), 1, "it may have it all the same");
    }

    #[test]
    fn a_download_that_breaks_goes_on_in_its_row() {
        let (mut board, now) = (Board::new(SIZE), Instant::now());
        let broken = sent(attempt(1, "iPhone15,2"), 0..4 * MIB);
        board.show(&broken, now);
        let later = now + Duration::from_mins(5);
        assert_eq!(words(&board.let_go(later)), Vec::<String>::new());
        assert!(
            rows(&board, later)[0].ends_with(" 4.1 of 10.5 MB  silent 5 min"),
            "{:?}",
            rows(&board, later)
        );
        board.show(&sent(broken, 4 * MIB..8 * MIB), later);
        assert!(rows(&board, later)[0].ends_with(" 8.3 of 10.5 MB"), "{:?}", rows(&board, later));
        assert_eq!(rows(&board, later).len(), 1);
    }

    #[test]
    fn a_second_attempt_takes_the_row_of_the_first() {
        let (mut board, now) = (Board::new(SIZE), Instant::now());
        let first = sent(attempt(1, "iPhone15,2"), 0..4 * MIB);
        board.show(&first, now);
        let last = board.show(&attempt(2, "iPhone15,2"), now);
        assert_eq!(words(&last), ["iPhone15,2 iOS 18.0: 4.2 MB of 10.5 MB sent, then it began anew"]);
        assert_eq!(rows(&board, now).len(), 1);
        // A connection of the first that ends late says nothing new.
        assert_eq!(board.show(&sent(first, 4 * MIB..5 * MIB), now), []);
        assert_eq!(rows(&board, now).len(), 1);
    }

    #[test]
    fn who_stays_away_is_let_go_and_may_come_back() {
        let (mut board, now) = (Board::new(SIZE), Instant::now());
        let asked = attempt(1, "iPhone15,2");
        board.show(&asked, now);
        let later = now + LEFT_AFTER;
        assert_eq!(
            words(&board.let_go(later)),
            ["iPhone15,2 iOS 18.0: fetched the manifest, then nothing for 10 min"]
        );
        assert_eq!(rows(&board, later), Vec::<String>::new());
        board.show(&sent(asked, 0..MIB), later);
        assert_eq!(rows(&board, later).len(), 1);
        assert_eq!(
            words(&board.end()),
            ["iPhone15,2 iOS 18.0: 1.0 MB of 10.5 MB sent, then the server stopped"]
        );
    }
}
