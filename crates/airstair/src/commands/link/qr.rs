use fast_qr::QRBuilder;

use crate::failure::Failure;
use crate::terminal;

/// Empty modules around the code, without which cameras do not find it (ISO/IEC 18004 asks for 4).
const QUIET: usize = 4;

/// Prints `text` as a QR code, two modules in each character.
///
/// Where there are colours it is black on white, on any terminal; without them the blocks are what is white, which is
/// right on a dark ground.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let code = QRBuilder::new(text).build().map_err(|_| {
        Failure::not_done(format_args!("a QR code does not hold a link of {} bytes", text.len()))
            .help("shorten the manifest's address")
    })?;
    let size = code.size + 2 * QUIET;
    let is_dark = |row: usize, column: usize| {
        let (row, column) = (row.wrapping_sub(QUIET), column.wrapping_sub(QUIET));
        row < code.size && column < code.size && code[row][column].value()
    };
    let white = anstyle::Style::new()
        .fg_color(Some(anstyle::RgbColor(255, 255, 255).into()))
        .bg_color(Some(anstyle::RgbColor(0, 0, 0).into()));
    for row in (0..size).step_by(2) {
        let line: String = (0..size)
            .map(|column| match (is_dark(row, column), row + 1 >= size || is_dark(row + 1, column)) {
                (false, false) => '█',
                (false, true) => '▀',
                (true, false) => '▄',
                (true, true) => ' ',
            })
            .collect();
        terminal::line(format_args!("{white}{line}{white:#}"));
    }
    Ok(())
}
