use super::text::bounded;

/// Where links may start in a text, found in one pass.
///
/// A link starts with a scheme like `itms-services`, followed by what a link goes on with; or it is the word around
/// `action=download-manifest`, whatever its scheme.
pub(super) struct Starts {
    /// The text in lower case, byte for byte as long.
    lower: String,
    /// The next of each mark, not before `from`; `None` once there is none.
    next: [Option<usize>; 2],
    from: usize,
}

/// Where a link starts.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Start {
    pub(super) at: usize,
    /// Whether the link is percent-encoded as a whole: `itms-services%3A%2F%2F`.
    pub(super) is_encoded: bool,
}

const MARKS: [&str; 2] = ["itms", ACTION];
const ACTION: &str = "download-manifest";
/// How far before its action a link may start.
const SCHEME_BYTES: usize = 128;
/// How far behind its action a link names its manifest.
const PARAMETERS_BYTES: usize = 1024;

impl Starts {
    pub(super) fn new(text: &str) -> Self {
        let lower = without_colours(text.to_ascii_lowercase());
        let next = MARKS.map(|mark| lower.find(mark));
        Self { lower, next, from: 0 }
    }

    /// The next start at or after `from`, where the link before it ended.
    pub(super) fn next(&mut self, from: usize) -> Option<Start> {
        self.from = self.from.max(from);
        loop {
            for (next, mark) in self.next.iter_mut().zip(MARKS) {
                if next.is_some_and(|at| at < self.from) {
                    *next =
                        self.lower.get(self.from..).and_then(|rest| rest.find(mark)).map(|at| self.from + at);
                }
            }
            let at = self.next.into_iter().flatten().min()?;
            let start = if self.lower[at..].starts_with(ACTION) { self.around(at) } else { self.scheme(at) };
            self.from = at + 1;
            if let Some(start) = start.filter(|start| start.at >= from) {
                return Some(start);
            }
        }
    }

    /// The link that starts with the scheme at `at`.
    fn scheme(&self, at: usize) -> Option<Start> {
        if self.lower[..at].ends_with(is_scheme) {
            return None;
        }
        let rest = bounded(&self.lower[at..], 4 * SCHEME_BYTES);
        let (name, rest) = rest.split_at(rest.find(|c: char| !is_scheme(c))?);
        if !name.contains("serv") {
            return None;
        }
        let (rest, is_encoded) = match rest.strip_prefix(':') {
            Some(rest) => (rest, false),
            None => (rest.strip_prefix("%3a")?, true),
        };
        let word = rest.split(is_end).next().unwrap_or_default();
        let goes_on = word.starts_with(['/', '?', '\\', '&', '%']) || word.starts_with("action=");
        // Prose names the scheme alone, with a colon and slashes or without.
        let says_something = word.contains(['?', '=', '&']) || word.contains("%3d");
        (goes_on && says_something).then_some(Start { at, is_encoded })
    }

    /// The link around an action.
    fn around(&self, action: usize) -> Option<Start> {
        let before = &self.lower[..action];
        let earliest = before.floor_char_boundary(action.saturating_sub(SCHEME_BYTES));
        let start = before[earliest..].rfind(is_end).map_or(earliest, |end| {
            let end = earliest + end;
            end + before[end..].chars().next().map_or(0, char::len_utf8)
        });
        let word = &before[start..];
        let is_link = word.ends_with("action=") && (word.contains(':') || word.starts_with("?action="));
        let after = bounded(&self.lower[action..], PARAMETERS_BYTES);
        let parameters = after.split(is_end).next().unwrap_or_default();
        (is_link && parameters.contains("url")).then_some(Start { at: start, is_encoded: false })
    }
}

/// `text` with spaces in place of what colours it in a terminal (`ESC [ 36 m`), so that a link right behind starts a word.
fn without_colours(mut text: String) -> String {
    let mut from = 0;
    while let Some(at) = text[from..].find("\x1b[").map(|step| from + step) {
        let rest = &text[at + 2..];
        let parameters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == ';').len();
        let end = at
            + 2
            + parameters
            + usize::from(rest[parameters..].starts_with(|c: char| c.is_ascii_alphabetic()));
        text.replace_range(at..end, &" ".repeat(end - at));
        from = end;
    }
    text
}

/// What the name of a scheme is made of, misspelt ones too.
fn is_scheme(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+' | '\u{2010}'..='\u{2015}')
}

/// What no link holds, well made or not, unless it is quoted.
pub(super) fn is_end(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '"' | '\'' | '`' | '<' | '>' | '(' | '[' | '{' | '|' | ',')
}

/// Whether a text is a link and nothing else, as an argument is, or the value of an attribute.
pub(super) fn is_link(text: &str) -> bool {
    let name_end = text.find(|c: char| !is_scheme(c)).unwrap_or(text.len());
    let (name, rest) = text.split_at(name_end);
    let name = name.to_ascii_lowercase();
    if name.starts_with("itms") && name.contains("serv") && rest.starts_with(':') {
        return true;
    }
    let head = text.split(['=', '<', '"', '\'', ' ']).next().unwrap_or_default();
    let is_word = head.len() < SCHEME_BYTES && (head.ends_with("action"));
    is_word && Starts::new(text).next(0).is_some_and(|start| start.at == 0 && !start.is_encoded)
}
