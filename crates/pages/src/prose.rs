use askama::Template;

use crate::words;

/// Sentences about devices and files, in which some words are `code` between back quotes. Plain text otherwise.
#[derive(Clone, Debug, Template)]
#[template(
    ext = "html",
    source = "{% for piece in pieces %}{% match piece %}{% when Piece::Text with (text) %}{{ text }}{% when Piece::Code with (text) %}<code>{{ text }}</code>{% endmatch %}{% endfor %}"
)]
pub(crate) struct Prose {
    pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
enum Piece {
    Text(String),
    Code(String),
}

impl Prose {
    /// The text as a sentence.
    pub(crate) fn sentence(text: &str) -> Self {
        let sentence = words::sentence(text);
        if sentence.matches('`').count() % 2 == 1 {
            return Self { pieces: vec![Piece::Text(sentence)] };
        }
        let piece = |(place, text): (usize, &str)| {
            if place % 2 == 0 { Piece::Text(text.to_owned()) } else { Piece::Code(text.to_owned()) }
        };
        Self { pieces: sentence.split('`').enumerate().map(piece).collect() }
    }
}

impl askama::filters::HtmlSafe for Prose {}

#[cfg(test)]
mod tests {
    use super::Prose;

    #[test]
    fn what_stands_between_back_quotes_is_code_and_all_is_text() {
        for (text, html) in [
            ("pack it with `zip -qry`", "Pack it with <code>zip -qry</code>."),
            ("`a<b` and c<d", "<code>a&#60;b</code> and c&#60;d."),
            ("one ` alone", "One ` alone."),
            ("", ""),
        ] {
            assert_eq!(Prose::sentence(text).to_string(), html);
        }
    }
}
