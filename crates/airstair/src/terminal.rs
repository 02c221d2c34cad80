//! The one place that prints. Standard output carries answers, standard error everything else.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "printing lives here")]

use std::borrow::Cow;
use std::fmt::Display;

use anstream::{eprintln, println};
use anstyle::{AnsiColor, Style};
use serde::Serialize;

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
    println!("{text}");
}

/// Prints an answer for machines.
pub(crate) fn json(answer: &impl Serialize) {
    let text = serde_json::to_string_pretty(answer).expect("answers are maps with text keys");
    println!("{text}");
}

/// Prints one line beside the answer: progress, advice, warnings.
pub(crate) fn remark(text: impl Display) {
    eprintln!("{text}");
}

/// Prints why a command could not end well.
pub(crate) fn failure(failure: &Failure) {
    remark(format_args!("{BAD}error:{BAD:#} {}", plain(failure.message())));
    for cause in failure.causes() {
        remark(format_args!("  {FAINT}because{FAINT:#} {}", plain(cause)));
    }
    if let Some(advice) = failure.advice() {
        remark(format_args!("{GOOD}help:{GOOD:#} {}", plain(advice)));
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
    let turns_direction = matches!(c, '\u{061c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
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
