//! The one place that prints. Standard output carries answers, standard error everything else.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use indicatif::{MultiProgress, ProgressDrawTarget};
use serde::Serialize;

use crate::cli::Format;
use crate::failure::Failure;

/// Headings and names.
pub(crate) const STRONG: Style = Style::new().bold();
/// What can be read over.
pub(crate) const FAINT: Style = Style::new().dimmed();
/// Fine.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default().bold();
/// Fails for some, or soon.
pub(crate) const WARNING: Style = AnsiColor::Yellow.on_default().bold();
/// Bad.
pub(crate) const BAD: Style = AnsiColor::Red.on_default().bold();

/// Prints one line of an answer. Colours vanish when standard output is no terminal or `NO_COLOR` is set.
pub(crate) fn line(text: impl Display) {
    note(aside(|| writeln!(anstream::stdout(), "{text}")));
}

/// Prints a heading with an empty line before it.
pub(crate) fn heading(text: impl Display) {
    line("");
    line(format_args!("{STRONG}{text}{STRONG:#}"));
}

/// Prints a value beside its label, wrapped.
pub(crate) fn field(label: &str, value: &str) {
    styled_field(label, value, Style::new());
}

/// Prints a value in `style` beside its label, wrapped.
pub(crate) fn styled_field(label: &str, value: &str, style: Style) {
    let label = format!("{label:<width$}", width = FIELD_COLUMN - 2);
    hanging(2, &label, value, style).for_each(line);
}

/// Prints a sentence, indented by `columns` and wrapped.
pub(crate) fn paragraph(columns: usize, text: &str) {
    hanging(columns, "", text, Style::new()).for_each(line);
}

/// The same for what can be read over.
pub(crate) fn faint_paragraph(columns: usize, text: &str) {
    hanging(columns, "", text, FAINT).for_each(line);
}

/// Prints a sentence behind a word in `style`: on a terminal wrapped, its further lines indented and addresses whole;
/// elsewhere in one line.
pub(crate) fn labelled(label: &str, style: Style, text: &str) {
    let width = if io::stdout().is_terminal() { width().clamp(40, 100) } else { usize::MAX };
    let options = textwrap::Options::new(width)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .break_words(false)
        .subsequent_indent("  ");
    let text = format!("{label} {}", plain(text));
    for (place, part) in textwrap::wrap(&text, options).into_iter().enumerate() {
        match part.strip_prefix(label).filter(|_| place == 0) {
            Some(rest) => line(format_args!("{style}{label}{style:#}{rest}")),
            None => line(part),
        }
    }
}

/// A stranger's `text` as lines: indented by `columns`, behind a faint `label`, wrapped, further lines under the first.
pub(crate) fn hanging(columns: usize, label: &str, text: &str, style: Style) -> impl Iterator<Item = String> {
    let width = textwrap::core::display_width(label);
    let lines = wrapped(&plain(text), columns + width).into_iter().enumerate();
    lines.map(move |(place, part)| {
        let label = if place == 0 { label } else { "" };
        format!("{:columns$}{FAINT}{label:<width$}{FAINT:#}{style}{part}{style:#}", "")
    })
}

/// Where values stand.
const FIELD_COLUMN: usize = 16;

/// `text` in lines that leave `indent` columns free: as wide as the terminal, 100 at most, 80 where there is none.
fn wrapped(text: &str, indent: usize) -> Vec<String> {
    let width = width().clamp(40, 100) - indent;
    let lines = textwrap::wrap(
        text,
        // An address that is broken can't be copied.
        textwrap::Options::new(width)
            .word_splitter(textwrap::WordSplitter::NoHyphenation)
            .word_separator(textwrap::WordSeparator::AsciiSpace)
            .break_words(false),
    );
    lines.into_iter().map(Cow::into_owned).collect()
}

/// Prints an answer that is a file of its own: a script, a manual page, a manifest.
pub(crate) fn bytes(answer: &[u8]) {
    note(io::stdout().write_all(answer));
}

/// Prints an answer for machines.
pub(crate) fn json(answer: &impl Serialize) {
    let text = serde_json::to_string_pretty(answer).expect("answers are maps with text keys");
    note(writeln!(io::stdout(), "{text}"));
}

/// Prints one line beside the answer: progress, advice, warnings. There is nobody to tell when that fails.
pub(crate) fn remark(text: impl Display) {
    let _ = aside(|| writeln!(anstream::stderr(), "{text}"));
}

/// Prints what is odd and yet no failure, and what the person can do about it.
pub(crate) fn warning(message: &str, help: Option<&str>) {
    remark(format_args!("{WARNING}warning:{WARNING:#} {}", plain(message)));
    if let Some(help) = help {
        remark(format_args!("{GOOD}help:{GOOD:#} {}", plain(help)));
    }
}

/// Prints why a command could not end well; for machines as an answer too, so that there always is one.
pub(crate) fn failure(failure: &Failure, format: Format) {
    remark(format_args!("{BAD}error:{BAD:#} {}", plain(failure.message())));
    for cause in failure.causes() {
        remark(format_args!("  {FAINT}because{FAINT:#} {}", plain(cause)));
    }
    if let Some(advice) = failure.advice() {
        remark(format_args!("{GOOD}help:{GOOD:#} {}", plain(advice)));
    }
    if format == Format::Json {
        json(&serde_json::json!({ "error": failure }));
    }
}

/// Whether standard output is a terminal that may show colours and lines that change.
pub(crate) fn is_lively() -> bool {
    let stdout = io::stdout();
    stdout.is_terminal() && AutoStream::choice(&stdout) != ColorChoice::Never
}

/// How many columns the terminal has, 80 where there is none.
pub(crate) fn width() -> usize {
    textwrap::termwidth()
}

/// The lines at the terminal's foot that change in place, once there may be any.
static LIVE_LINES: OnceLock<MultiProgress> = OnceLock::new();

/// Where lines are added that change in place. What is printed from then on goes above them.
pub(crate) fn live_lines() -> MultiProgress {
    LIVE_LINES.get_or_init(|| MultiProgress::with_draw_target(ProgressDrawTarget::stdout())).clone()
}

/// Writes with the lines that change in place out of the way.
fn aside<T>(write: impl FnOnce() -> T) -> T {
    match LIVE_LINES.get() {
        None => write(),
        Some(lines) => lines.suspend(write),
    }
}

/// Standard error, for the log.
pub(crate) struct LogWriter;

impl Write for LogWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        aside(|| io::stderr().write(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// The first failure to write to standard output.
static WRITE_ERROR: OnceLock<io::Error> = OnceLock::new();

/// Remembers a failure to write. A reader that has seen enough (`| head`) is no failure.
fn note(written: io::Result<()>) {
    if let Err(error) = written
        && error.kind() != io::ErrorKind::BrokenPipe
    {
        let _ = WRITE_ERROR.set(error);
    }
}

/// Whether everything that was printed has arrived.
pub(crate) fn finish() -> Result<(), Failure> {
    note(io::stdout().flush());
    match WRITE_ERROR.get() {
        None => Ok(()),
        Some(error) => Err(Failure::not_done("the answer could not be written").because(error)),
    }
}

/// Text of a stranger's making, safe to print: control characters and those that turn the direction of writing are
/// shown as `\u{…}`, so that nothing can recolour, overwrite or reorder what the terminal shows.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_treacherous) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if is_treacherous(c) {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

fn is_treacherous(c: char) -> bool {
    let turns_direction =
        matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns_direction || matches!(c, '\u{2028}' | '\u{2029}')
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_strangers_text_cannot_steer_the_terminal() {
        for (text, expected) in [
            ("R&D <β> \"应用\" 🚀", "R&D <β> \"应用\" 🚀"),
            ("\u{1b}[31mred", "\\u{1b}[31mred"),
            ("a\u{9b}31mb", "a\\u{9b}31mb"),
            ("line\nbreak", "line\\u{a}break"),
            ("abc\u{202e}fdp", "abc\\u{202e}fdp"),
            ("", ""),
        ] {
            assert_eq!(plain(text), expected, "{text:?}");
        }
    }
}
