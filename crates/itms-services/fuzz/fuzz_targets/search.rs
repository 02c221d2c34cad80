//! Whatever the text, links are found in it within their limits, or there are none.
#![no_main]

use itms_services::{SearchLimits, find_links};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let limits = SearchLimits { links: 8, link_bytes: 256, mail_parts: 4, ..SearchLimits::default() };
    let Ok(found) = find_links(bytes, &limits) else { return };
    assert!(!found.links.is_empty() && found.links.len() <= limits.links);
    for link in &found.links {
        assert!(link.line >= 1);
    }
});
