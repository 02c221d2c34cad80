#![no_main]

use libfuzzer_sys::fuzz_target;

mod check;

// The first byte says how many of the others are offsets of objects, counted from the first object on.
fuzz_target!(|bytes: &[u8]| {
    let Some((count, rest)) = bytes.split_first() else { return };
    let Some((offsets, objects)) = rest.split_at_checked(1 + usize::from(*count)) else { return };
    let mut file = b"bplist00".to_vec();
    file.extend(objects);
    let table = file.len() as u64;
    for offset in offsets {
        file.extend((8 + u16::from(*offset)).to_be_bytes());
    }
    file.extend([0, 0, 0, 0, 0, 0, 2, 1]);
    for field in [offsets.len() as u64, 0, table] {
        file.extend(field.to_be_bytes());
    }
    check::check(&file);
});
