//! What a phone's camera reads: the one QR code in a picture.

/// Reads a picture, a PNG.
pub(crate) fn read_picture(png: &[u8]) -> String {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().expect("a PNG");
    let mut pixels = vec![0; reader.output_buffer_size().expect("a small picture")];
    let frame = reader.next_frame(&mut pixels).expect("a whole PNG");
    let samples = frame.color_type.samples();
    // Codes are black and white: any of the colours does.
    let grey = |x: usize, y: usize| pixels[y * frame.line_size + x * samples];
    read(frame.width as usize, frame.height as usize, grey)
}

/// Reads lines of a terminal in which a character is two modules, one above the other.
pub(crate) fn read_terminal(lines: &[&str]) -> String {
    // A camera needs a few pixels for each module.
    const SCALE: usize = 4;
    let lines: Vec<Vec<char>> = lines.iter().map(|line| line.chars().collect()).collect();
    let width = lines.iter().map(Vec::len).max().unwrap_or_default();
    let grey = |x: usize, y: usize| {
        let (column, row) = (x / SCALE, y / SCALE);
        let shown = lines[row / 2].get(column).copied().unwrap_or(' ');
        let dark = shown == '█' || shown == ['▀', '▄'][row % 2];
        if dark { 0 } else { 255 }
    };
    read(width * SCALE, lines.len() * 2 * SCALE, grey)
}

fn read(width: usize, height: usize, grey: impl FnMut(usize, usize) -> u8) -> String {
    let mut picture = rqrr::PreparedImage::prepare_from_greyscale(width, height, grey);
    let codes = picture.detect_grids();
    assert_eq!(codes.len(), 1, "a picture of {width} by {height} pixels");
    codes[0].decode().expect("a code that can be read").1
}
