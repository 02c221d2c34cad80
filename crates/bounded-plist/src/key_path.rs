use std::fmt::Write;

use crate::error::excerpt;

/// One step from a value to a value inside it.
pub(crate) enum Step<'a> {
    Index(usize),
    Key(&'a str),
}

/// Beyond this many bytes a path is cut short.
const LONGEST: usize = 240;

/// The path that `steps` make from the outermost value, such as `items[0].metadata.title`.
pub(crate) fn key_path<'a>(steps: impl IntoIterator<Item = Step<'a>>) -> String {
    let mut path = String::new();
    for step in steps {
        if path.len() > LONGEST {
            path.push('…');
            break;
        }
        let written = match step {
            Step::Index(index) => write!(path, "[{index}]"),
            Step::Key(key) if !is_plain(key) => write!(path, "[\"{}\"]", excerpt(key)),
            Step::Key(key) if path.is_empty() => path.write_str(key),
            Step::Key(key) => write!(path, ".{key}"),
        };
        written.expect("writing to a string cannot fail");
    }
    path
}

fn is_plain(key: &str) -> bool {
    (1..=48).contains(&key.len())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'~'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_read_like_code() {
        use Step::{Index, Key};
        for (steps, expected) in [
            (vec![], ""),
            (vec![Key("items"), Index(0), Key("metadata"), Key("title")], "items[0].metadata.title"),
            (vec![Index(3), Key("CFBundleIcons~ipad")], "[3].CFBundleIcons~ipad"),
            (vec![Key("Entitlements"), Key("com.apple.x")], "Entitlements[\"com.apple.x\"]"),
            (vec![Key(""), Key("a\"\n\u{1b}")], "[\"\"][\"a\\\"\\n\\u{1b}\"]"),
        ] {
            assert_eq!(key_path(steps), expected);
        }
    }

    #[test]
    fn long_paths_are_cut_short() {
        let key = "k".repeat(100_000);
        let path = key_path((0..10_000).map(|_| Step::Key(&key)));
        assert!(path.len() < 500, "{} bytes", path.len());
        assert!(path.ends_with('…'));
    }
}
