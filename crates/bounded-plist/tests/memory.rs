//! The budget of memory holds, measured at the allocator.

use bounded_plist::{Dictionary, Fault, Format, Limits, Value, read, write_binary, write_xml};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// What reading takes besides values, inputs of another encoding than UTF-8 aside: the stack of open values, the
/// tokenizer's, and an error.
const WORKING_BYTES: usize = 16 << 10;

struct Measured {
    outcome: Result<Value, Fault>,
    /// The most that was allocated at any moment while reading.
    peak: usize,
    /// What the value still holds after reading.
    kept: usize,
}

fn measure(bytes: &[u8], total_bytes: usize) -> Measured {
    let limits = Limits { total_bytes, objects: usize::MAX, ..Limits::default() };
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let outcome = read(bytes, &limits).map_err(|error| error.fault);
    Measured { outcome, peak: ALLOCATOR.peak_usage() - before, kept: ALLOCATOR.current_usage() - before }
}

/// Values whose weight lies in different places.
fn values() -> Vec<(&'static str, Value)> {
    let keys =
        |count: usize| (0..count).map(|number| (format!("key {number}"), true)).collect::<Dictionary>();
    vec![
        ("booleans", (0..5_000).map(|number| number % 2 == 0).collect()),
        ("short texts", (0..2_000).map(|number| format!("{number}")).collect()),
        ("texts beyond ASCII", (0..1_000).map(|number| format!("应用 🚀 <&> {number}")).collect()),
        ("one long text", Value::from("<é>".repeat(30_000))),
        ("one long data", Value::from(vec![7_u8; 100_000])),
        ("one large dictionary", Value::from(keys(2_000))),
        ("small dictionaries", (0..1_000).map(|_| keys(3)).collect()),
        ("empty arrays", (0..3_000).map(|_| Value::Array(Vec::new())).collect()),
        ("small arrays", (0..1_000).map(|_| Value::from([1.into()])).collect()),
        ("nested arrays", (0..100).fold(Value::from(1), |inner, _| Value::from([inner, "text".into()]))),
    ]
}

// One test alone, because what others allocate at the same time would be measured too.
#[test]
fn reading_never_holds_more_than_its_budget_and_needs_little_more_than_the_value() {
    for (name, value) in values() {
        for bytes in [write_xml(&value), write_binary(&value)] {
            let format = Format::of(&bytes).unwrap();
            let objects = if format == Format::Binary { bytes.len() } else { 0 };
            let allowed = |total_bytes: usize| total_bytes.saturating_add(objects + WORKING_BYTES);
            let passes = |total_bytes: usize| {
                let measured = measure(&bytes, total_bytes);
                assert!(
                    measured.peak <= allowed(total_bytes),
                    "{name}, {format:?}: {} bytes with a budget of {total_bytes}",
                    measured.peak,
                );
                match measured.outcome {
                    Ok(read) => {
                        assert!(size_of::<Value>() + measured.kept <= total_bytes, "{name}, {format:?}");
                        assert_eq!(read, value, "{name}, {format:?}");
                        true
                    }
                    Err(fault) => {
                        assert_eq!(fault, Fault::TotalBytes { limit: total_bytes }, "{name}, {format:?}");
                        false
                    }
                }
            };

            assert!(passes(usize::MAX >> 1), "{name}, {format:?}");
            let held = size_of::<Value>() + measure(&bytes, usize::MAX >> 1).kept;
            assert!(!passes(held - 1), "{name}, {format:?}");
            match format {
                // Counts are known beforehand.
                Format::Binary => assert!(passes(held), "{name}"),
                // Lists and texts of unknown length grow, then are cut to their size.
                Format::Xml => assert!(passes(4 * held), "{name}"),
            }
            for budget in (0..8).map(|part| held / 2 * part) {
                passes(budget);
            }
        }
    }
}
