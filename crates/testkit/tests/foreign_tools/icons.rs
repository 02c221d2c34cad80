//! Python's `zlib` on icons.

use testkit::icon::Icon;

use crate::tools::python;

#[test]
fn python_inflates_icons_to_their_pixels() {
    let script = "
p, idat, names = 8, [], []
while p < len(b):
    n, = struct.unpack('>I', b[p:p+4]); k = b[p+4:p+8]; names.append(k.decode())
    assert zlib.crc32(b[p+4:p+8+n]) == struct.unpack('>I', b[p+8+n:p+12+n])[0], k
    if k == b'IDAT': idat.append(b[p+8:p+8+n])
    if k == b'iDOT': lower = struct.unpack('>7I', b[p+8:p+8+n])
    p += 12 + n
raw = zlib.decompress(b''.join(idat), -15 if names[0] == 'CgBI' else 15)
if len(idat) == 2:
    # Both halves inflate by themselves: that is what iDOT is for.
    upper = zlib.decompressobj(-15).decompress(idat[0])
    assert upper + zlib.decompressobj(-15).decompress(idat[1]) == raw
    assert len(upper) == lower[2] * 81 and len(raw) == (lower[4] + lower[5]) * 81, lower
print(' '.join(names), len(raw), list(raw[:9]))
";
    let bytes = 20 * (1 + 20 * 4);
    let icon = Icon::new(20).fading();
    let Some(answers) = python(script, &[icon.png(), icon.crushed(), icon.crushed_in_two()]) else { return };
    // The second pixel is (13, 0, 128) with alpha 242; crushed, blue comes first and colours are multiplied.
    let plain = "[0, 0, 0, 128, 255, 13, 0, 128, 242]";
    let crushed = "[0, 128, 0, 0, 255, 121, 0, 12, 242]";
    assert_eq!(
        answers,
        [
            format!("IHDR sRGB IDAT IEND {bytes} {plain}"),
            format!("CgBI IHDR IDAT IEND {bytes} {crushed}"),
            format!("CgBI IHDR iDOT IDAT IDAT IEND {bytes} {crushed}"),
        ]
    );
}
