//! One device's line, as wide as the terminal allows.

use std::time::Duration;

use textwrap::core::display_width;

use super::pace::Motion;
use crate::terminal::{FAINT, GOOD, STRONG, WARNING};

/// Between two columns.
const GAP: usize = 2;

const BAR_CELLS: std::ops::RangeInclusive<usize> = 6..=30;

/// Room for `999.9 MB/s` and `59 min left`, so that what stands beside them keeps its place.
const RATE_COLUMNS: usize = 10;
const LEFT_COLUMNS: usize = 11;

/// What of a package has gone out, and how fast.
#[derive(Clone, Copy, Debug)]
pub(super) struct Download {
    pub(super) sent_bytes: u64,
    pub(super) size_bytes: u64,
    pub(super) motion: Motion,
}

/// The room that devices' names take on a terminal so wide, when the longest takes `wanted`.
pub(super) fn label_columns(wanted: usize, width: usize) -> usize {
    wanted.min((width * 2 / 5).max(12))
}

/// A device's name and a sentence, cut where the terminal ends.
pub(super) fn of_words(label: &str, label_columns: usize, words: &str, width: usize) -> String {
    let room = width.saturating_sub(label_columns + GAP);
    format!("{}  {}", shown_label(label, label_columns), cut(words, room))
}

/// A device's name, a bar, and what was sent; with rate and time left where there is room.
pub(super) fn of_download(label: &str, label_columns: usize, download: Download, width: usize) -> String {
    let Download { sent_bytes, size_bytes, motion } = download;
    let amount = amount(sent_bytes, size_bytes);
    let mut room = width.saturating_sub(label_columns + GAP + display_width(&amount));
    let mut has_room = |columns: usize| {
        let fits = room >= columns + GAP;
        room -= if fits { columns + GAP } else { 0 };
        fits
    };
    let silence = match motion {
        Motion::Silent(silent_for) => Some(format!("silent {}", rough(silent_for))),
        _ => None,
    };
    let silence = silence.filter(|words| has_room(words.len()));
    let has_bar = has_room(*BAR_CELLS.start());
    let (left, rate) = match motion {
        Motion::Moving(rate) => {
            let seconds = size_bytes.saturating_sub(sent_bytes).div_ceil(rate.max(1));
            let left = format!("{} left", rough(Duration::from_secs(seconds)));
            (
                has_room(LEFT_COLUMNS).then(|| format!("{FAINT}{left:>LEFT_COLUMNS$}{FAINT:#}")),
                has_room(RATE_COLUMNS)
                    .then(|| format!("{:>RATE_COLUMNS$}", format!("{}/s", pages::size(rate)))),
            )
        }
        _ => (None, None),
    };
    let mut columns = vec![shown_label(label, label_columns)];
    if has_bar {
        columns.push(bar(sent_bytes, size_bytes, room));
    }
    columns.push(amount);
    columns.extend(rate.into_iter().chain(left));
    columns.extend(silence.map(|words| format!("{WARNING}{words}{WARNING:#}")));
    columns.join("  ")
}

fn shown_label(label: &str, columns: usize) -> String {
    let label = cut(label, columns);
    let padding = columns.saturating_sub(display_width(&label));
    format!("{STRONG}{label}{STRONG:#}{:padding$}", "")
}

/// ` 9.8 of 48.2 MB`: both in one unit, as wide at the beginning as at the end.
fn amount(sent_bytes: u64, size_bytes: u64) -> String {
    let size = pages::size(size_bytes);
    let (number, unit) = size.split_once(' ').unwrap_or((&size, ""));
    let unit_bytes = match unit {
        "GB" => 1_000_000_000,
        "MB" => 1_000_000,
        "kB" => 1_000,
        _ => return format!("{sent_bytes:>columns$} of {size}", columns = number.len()),
    };
    let tenths = sent_bytes / (unit_bytes / 10);
    format!("{:>columns$} of {size}", format!("{}.{}", tenths / 10, tenths % 10), columns = number.len())
}

/// A bar of the smallest size and what of `spare` it can use.
fn bar(sent_bytes: u64, size_bytes: u64, spare: usize) -> String {
    let cells = (BAR_CELLS.start() + spare).min(*BAR_CELLS.end());
    let done = u128::from(sent_bytes) * cells as u128 / u128::from(size_bytes.max(1));
    let done = usize::try_from(done).unwrap_or(cells).min(cells);
    format!("{GOOD}{}{GOOD:#}{FAINT}{}{FAINT:#}", "━".repeat(done), "─".repeat(cells - done))
}

/// A length of time in one unit.
pub(super) fn rough(time: Duration) -> String {
    match time.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        seconds @ 60..3_600 => format!("{} min", seconds.div_ceil(60)),
        seconds => format!("{} h", seconds.div_ceil(3_600)),
    }
}

/// What of `text` fits, with a sign that there is more.
fn cut(text: &str, columns: usize) -> String {
    if display_width(text) <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if display_width(&kept) + 1 > columns {
            kept.pop();
            break;
        }
    }
    kept + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1_000_000;

    fn shown(label: &str, motion: Motion, width: usize) -> String {
        let columns = label_columns(display_width(label), width);
        let download = Download { sent_bytes: 20 * MB, size_bytes: 48 * MB, motion };
        let row = of_download(label, columns, download, width);
        anstream::adapter::strip_str(&row).to_string()
    }

    #[test]
    fn what_matters_less_gives_way_on_narrow_terminals() {
        let moving = Motion::Moving(5 * MB);
        for (width, expected) in [
            (
                100,
                "iPhone15,2 iOS 18.0  ━━━━━━━━━━━━──────────────────  20.0 of 48.0 MB    5.0 MB/s     6 s left",
            ),
            (80, "iPhone15,2 iOS 18.0  ━━━━━━━──────────  20.0 of 48.0 MB    5.0 MB/s     6 s left"),
            (60, "iPhone15,2 iOS 18.0  ━━━──────  20.0 of 48.0 MB     6 s left"),
            (50, "iPhone15,2 iOS 18.0  ━━━━━───────  20.0 of 48.0 MB"),
            (40, "iPhone15,2 iOS …  20.0 of 48.0 MB"),
        ] {
            assert_eq!(shown("iPhone15,2 iOS 18.0", moving, width), expected, "{width}");
        }
    }

    #[test]
    fn no_row_is_wider_than_the_terminal() {
        let long = "iPhone1234567890,1234567890 iOS 123.456.789";
        let day = Duration::from_hours(24);
        for width in 34..200 {
            for label in ["a", "iPhone15,2 iOS 18.0", long] {
                let fast = Motion::Moving(999_900 * MB);
                for motion in [Motion::Begun, Motion::Moving(1), fast, Motion::Silent(day)] {
                    let row = shown(label, motion, width);
                    assert!(display_width(&row) <= width, "{width}: {row:?}");
                }
                let words =
                    of_words(label, label_columns(label.len(), width), "all sent, and more to say", width);
                let words = anstream::adapter::strip_str(&words).to_string();
                assert!(display_width(&words) <= width, "{width}: {words:?}");
            }
        }
    }

    #[test]
    fn a_row_does_not_move_while_it_fills() {
        let widths = [0, 1, 9_999, 999_949, MB, 9 * MB, 48 * MB].map(|sent| amount(sent, 48 * MB).len());
        assert_eq!(widths, [15; 7]);
        assert_eq!(amount(9_870_000, 48_200_000), " 9.8 of 48.2 MB");
        assert_eq!(amount(7, 123), "  7 of 123 bytes");
    }

    #[test]
    fn silence_is_told() {
        let silent = Motion::Silent(Duration::from_secs(40));
        assert_eq!(
            shown("iPhone15,2 iOS 18.0", silent, 79),
            "iPhone15,2 iOS 18.0  ━━━━━━━━━━━─────────────────  20.0 of 48.0 MB  silent 40 s"
        );
    }
}
