//! How values of the road are written in messages.

use std::fmt::Display;

use super::answer::shown;

/// The most items of a list that are shown.
const ITEMS: usize = 5;

/// Text that came from outside, in quotes and not too long.
pub(super) fn quoted(text: &str) -> String {
    format!("{:?}", shown(text))
}

/// `a, b and 3 more`.
pub(super) fn listed<T: Display>(items: &[T]) -> String {
    let shown: Vec<_> = items.iter().take(ITEMS).map(ToString::to_string).collect();
    match (shown.split_last(), items.len() - shown.len()) {
        (None, _) => String::new(),
        (Some((only, [])), 0) => only.clone(),
        (Some((last, others)), 0) => format!("{} and {last}", others.join(", ")),
        (Some(_), more) => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_and_odd_characters_are_shown_short_and_plain() {
        assert_eq!(quoted("a\n\u{1b}[31m\"b"), r#""a\n\u{1b}[31m\"b""#);
        assert_eq!(quoted(&"ä".repeat(101)), format!("{:?}", "ä".repeat(100) + "…"));
    }

    #[test]
    fn lists_end() {
        for (count, expected) in [(0, ""), (1, "1"), (2, "1 and 2"), (5, "1, 2, 3, 4 and 5")] {
            assert_eq!(listed(&(1..=count).collect::<Vec<_>>()), expected);
        }
        assert_eq!(listed(&(1..=9).collect::<Vec<_>>()), "1, 2, 3, 4, 5 and 4 more");
    }
}
