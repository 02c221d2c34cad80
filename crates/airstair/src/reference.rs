//! The written reference, made from what it describes; `cargo xtask generate` writes it, and these tests compare.

mod commands;
mod findings;
mod settings;

use std::fs;
use std::path::Path;

use crate::environment::variable;

/// Where every page says that it was not written by hand.
const MADE: &str = "<!-- Made by `cargo xtask generate`. -->\n";

/// Compares a page with the file that is kept in `docs`, such as `reference/commands.md`, or writes that file where that
/// is asked for.
fn compare(file: &str, page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs").join(file);
    if variable("AIRSTAIR_WRITE_REFERENCE").is_some() {
        fs::write(&path, page).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    assert!(kept == page, "docs/{file} is out of date: run `cargo xtask generate`");
}

/// `text` as a sentence, and without what clap adds in brackets at its end: `[default: 24]`.
fn split_note(text: &str) -> (String, Option<&str>) {
    match text.strip_suffix(']').and_then(|text| text.rsplit_once(" [")) {
        Some((text, note)) => (pages::sentence(text), Some(note)),
        None => (pages::sentence(text), None),
    }
}
