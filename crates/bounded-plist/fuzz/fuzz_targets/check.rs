use bounded_plist::{Limits, read, write_binary, write_xml};

/// Small budgets, so that what exceeds them stands out against `-malloc_limit_mb`.
const LIMITS: Limits =
    Limits { input_bytes: 1 << 20, objects: 20_000, depth: 64, string_bytes: 1 << 16, total_bytes: 1 << 20 };

/// Reads `bytes`; what can be read has to survive both formats.
pub fn check(bytes: &[u8]) {
    match read(bytes, &LIMITS) {
        Err(error) => {
            let message = error.to_string();
            assert!(message.len() < 4096, "{message}");
            assert!(error.offset <= bytes.len(), "{message}");
        }
        Ok(value) => {
            let unbound = Limits { total_bytes: usize::MAX, ..Limits::default() };
            let binary = write_binary(&value);
            let again = read(&binary, &unbound).expect("what was written is read");
            // Compared as bytes: not-a-number equals nothing, not even itself.
            assert!(write_binary(&again) == binary, "{value:?}\n{again:?}");
            // The first XML may say less than the value (control characters, fractions of a second); the second may not.
            let first = read(&write_xml(&value), &unbound).expect("what was written is read");
            let xml = write_xml(&first);
            let second = read(&xml, &unbound).expect("what was written is read");
            assert!(write_xml(&second) == xml, "{first:?}\n{second:?}");
        }
    }
}
