//! Names of files and folders that every server and every URL takes as they are.

use std::collections::HashSet;

use unicode_normalization::UnicodeNormalization;

/// The most characters of a name, its ending aside.
const CHARACTERS: usize = 60;

/// `text` in letters, digits, `-`, `_` and `.` of ASCII: `Notes – Démo 🚀` is `Notes-Demo`. Never empty, never hidden.
pub(super) fn ascii(text: &str) -> String {
    let mut name = String::new();
    // Letters lose their accents; whatever else is foreign parts words.
    for c in text.nfkd().filter(|c| !unicode_normalization::char::is_combining_mark(*c)) {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '.') {
            name.push(c);
        } else if !name.ends_with('-') {
            name.push('-');
        }
        if name.len() == CHARACTERS {
            break;
        }
    }
    let name = name.trim_matches(['-', '.', '_']);
    if name.is_empty() { "app".to_owned() } else { name.to_owned() }
}

/// Names given so far, so that none is given twice.
#[derive(Default)]
pub(super) struct Names(HashSet<String>);

impl Names {
    /// A lower-case name for `text` that no other text has.
    pub(super) fn unique(&mut self, text: &str) -> String {
        let name = ascii(text).to_ascii_lowercase();
        // What lies in the folder's root already.
        let is_free =
            |names: &HashSet<String>, name: &str| !names.contains(name) && name != "server-settings";
        let numbered = (2..).map(|number: u32| format!("{name}-{number}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|name| is_free(&self.0, name));
        let free = free.unwrap_or(name);
        self.0.insert(free.clone());
        free
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_ascii() {
        for (text, expected) in [
            ("Notes", "Notes"),
            ("My App.v2", "My-App.v2"),
            ("Notes – Démo 🚀", "Notes-Demo"),
            ("R&D <β> \"应用\"", "R-D"),
            ("../../etc/passwd", "etc-passwd"),
            (".hidden", "hidden"),
            ("应用", "app"),
            ("", "app"),
            ("a\u{202e}b\nc", "a-b-c"),
            (&"x".repeat(300), &"x".repeat(CHARACTERS)),
        ] {
            assert_eq!(ascii(text), expected, "{text:?}");
        }
    }

    #[test]
    fn no_name_is_given_twice() {
        let mut names = Names::default();
        let given: Vec<_> = ["Notes", "notes", "NOTES!", "Server-Settings"]
            .into_iter()
            .map(|text| names.unique(text))
            .collect();
        assert_eq!(given, ["notes", "notes-2", "notes-3", "server-settings-2"]);
    }
}
