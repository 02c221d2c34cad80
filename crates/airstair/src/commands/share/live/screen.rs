use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use textwrap::core::display_width;

use super::board::LastWord;
use super::quiet_keys::QuietKeys;
use crate::terminal::{self, STRONG};

/// A terminal: rows at its foot that change in place, and above them what stays.
pub(super) struct Screen {
    rows: MultiProgress,
    shown: Vec<ProgressBar>,
    _quiet: Option<QuietKeys>,
}

impl Screen {
    pub(super) fn new() -> Self {
        Self { rows: terminal::live_lines(), shown: Vec::new(), _quiet: QuietKeys::begin() }
    }

    /// Shows these rows in place of those before.
    pub(super) fn draw(&mut self, rows: Vec<String>) {
        while self.shown.len() > rows.len() {
            self.shown.pop().iter().for_each(|row| self.rows.remove(row));
        }
        while self.shown.len() < rows.len() {
            let style = ProgressStyle::with_template("{msg}").expect("the template is well-formed");
            self.shown.push(self.rows.add(ProgressBar::new_spinner().with_style(style)));
        }
        for (row, text) in self.shown.iter().zip(rows) {
            row.set_message(text);
        }
    }

    /// Leaves a word above the rows: beside the device's name where there is room, else below it.
    pub(super) fn leave(last: &LastWord) {
        let LastWord { label, words, style } = last;
        if display_width(label) + 2 + display_width(words) <= terminal::width() {
            return terminal::line(format_args!("{STRONG}{label}{STRONG:#}  {style}{words}{style:#}"));
        }
        terminal::line(format_args!("{STRONG}{label}{STRONG:#}"));
        terminal::hanging(2, "", words, *style).for_each(terminal::line);
    }
}
