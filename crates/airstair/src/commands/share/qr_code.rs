use anstyle::{AnsiColor, Style};
use fast_qr::QRBuilder;

/// Dark on light whatever the terminal's colours: cameras expect that.
const INK: Style = Style::new()
    .fg_color(Some(anstyle::Color::Ansi(AnsiColor::Black)))
    .bg_color(Some(anstyle::Color::Ansi(AnsiColor::BrightWhite)));

/// Light modules around the code, so that cameras find it.
const QUIET_ZONE: usize = 2;

/// A QR code as lines of a terminal, two modules in a character's height; none when the text is too long for one.
pub(super) fn rows(text: &str) -> Vec<String> {
    let Ok(code) = QRBuilder::new(text).build() else { return Vec::new() };
    let dark = |row: usize, column: usize| {
        let (row, column) = (row.checked_sub(QUIET_ZONE), column.checked_sub(QUIET_ZONE));
        match (row, column) {
            (Some(row), Some(column)) if row < code.size && column < code.size => code[row][column].value(),
            _ => false,
        }
    };
    let side = code.size + 2 * QUIET_ZONE;
    let line = |row: usize| {
        let blocks = (0..side).map(|column| match (dark(row, column), dark(row + 1, column)) {
            (false, false) => ' ',
            (true, false) => '▀',
            (false, true) => '▄',
            (true, true) => '█',
        });
        format!("  {INK}{}{INK:#}", blocks.collect::<String>())
    };
    (0..side).step_by(2).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::rows;

    #[test]
    fn a_code_is_square_with_light_around_it() {
        let rows = rows("https://apps.example.com/i/notes");
        let plain: Vec<String> =
            rows.iter().map(|row| anstream::adapter::strip_str(row).to_string()).collect();
        assert!(plain.iter().all(|row| row.chars().count() == plain[0].chars().count()));
        assert_eq!(plain.len(), (plain[0].chars().count() - 2).div_ceil(2));
        assert!(plain[0].trim().is_empty(), "the quiet zone");
    }
}
