//! Whatever the bytes, everything is told that can be, and no more is kept than the first of each kind.
#![no_main]

use ipa::{Examined, Limits, Seen};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for base in [Limits::default(), Limits::remote()] {
        let limits = Limits { entry_bytes: 1 << 20, inspected_bytes: 4 << 20, ..base };
        let examined = Examined::of(&bytes, &limits).expect("memory does not fail");
        let walk = match examined.archive {
            Ok(walk) => walk,
            Err(none) => {
                assert!(none.cut.is_none_or(|cut| cut.size_bytes == bytes.len() as u64));
                continue;
            }
        };
        assert!(walk.leading_bytes <= walk.directory_offset);
        assert!(walk.overlaps.first.len() <= Seen::<()>::KEPT);
        let Some(stream) = walk.stream.known() else { continue };
        // Gaps lie apart from each other and before the directory.
        for pair in stream.gaps.first.windows(2) {
            assert!(pair[0].offset + pair[0].size_bytes <= pair[1].offset);
        }
        for gap in &stream.gaps.first {
            assert!(gap.size_bytes > 0 && gap.offset + gap.size_bytes <= walk.directory_offset);
        }
    }
});
