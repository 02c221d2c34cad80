//! What is written is read again, here and by another reader, and the other way round.

use bounded_plist::{Dictionary, Integer, Limits, Value, read, write_binary, write_xml};
use proptest::prelude::*;
use time::UtcDateTime;

use super::translate::{from_plist, to_plist};

/// Text that XML can carry.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~]{0,20}",
        "[\\t\\n -~\u{80}-\u{2ff}\u{3040}-\u{30ff}\u{fffd}\u{1f300}-\u{1f6ff}]{0,20}",
        Just("R&D <β> \"应用\" 🚀".to_owned()),
        Just("]]> &amp; &#65; <![CDATA[x]]> <!-- y -->".to_owned()),
        Just("  leading, trailing \n ".to_owned()),
    ]
}

/// Whole seconds, in the years 1 to 9999.
fn date() -> impl Strategy<Value = Value> {
    (-62_135_596_800_i64..=253_402_300_799)
        .prop_map(|seconds| Value::from(UtcDateTime::from_unix_timestamp(seconds).expect("within its range")))
}

fn real() -> impl Strategy<Value = f64> {
    use prop::num::f64::{INFINITE, NEGATIVE, NORMAL, POSITIVE, SUBNORMAL, ZERO};
    NORMAL | SUBNORMAL | ZERO | INFINITE | POSITIVE | NEGATIVE
}

/// Values that both formats can carry whole, built of `leaf` and the common kinds.
fn value(leaf: impl Strategy<Value = Value> + 'static) -> impl Strategy<Value = Value> {
    let common = prop_oneof![
        any::<bool>().prop_map(Value::from),
        prop_oneof![any::<i64>(), -300_i64..70_000].prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        real().prop_map(Value::from),
        text().prop_map(Value::from),
        date(),
        prop::collection::vec(any::<u8>(), 0..90).prop_map(Value::from),
        leaf,
    ];
    common.prop_recursive(5, 60, 20, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..20).prop_map(Value::from),
            prop::collection::vec((text(), inner), 0..20)
                .prop_map(|pairs| Value::from(pairs.into_iter().collect::<Dictionary>())),
        ]
    })
}

fn again(bytes: &[u8]) -> Value {
    read(bytes, &Limits::default()).expect("what was written can be read")
}

fn keys(value: &Value) -> Vec<Vec<String>> {
    match value {
        Value::Array(values) => values.iter().flat_map(keys).collect(),
        Value::Dictionary(entries) => {
            let own = entries.keys().map(str::to_owned).collect();
            std::iter::once(own).chain(entries.values().flat_map(keys)).collect()
        }
        _ => Vec::new(),
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read_again(
        value in value(prop_oneof![
            any::<u64>().prop_map(Value::Uid),
            any::<i128>().prop_map(Value::from),
        ]),
    ) {
        for bytes in [write_xml(&value), write_binary(&value)] {
            let read = again(&bytes);
            prop_assert_eq!(&read, &value);
            prop_assert_eq!(keys(&read), keys(&value), "the order of keys");
        }
    }

    #[test]
    fn another_reader_reads_what_is_written(value in value(Just(Value::Boolean(true)))) {
        for bytes in [write_xml(&value), write_binary(&value)] {
            let read = plist::Value::from_reader(std::io::Cursor::new(bytes)).unwrap();
            prop_assert_eq!(from_plist(&read), value.clone());
        }
    }

    #[test]
    fn what_another_writer_writes_is_read(value in value(Just(Value::Boolean(true)))) {
        let other = to_plist(&value);
        let mut xml = Vec::new();
        other.to_writer_xml(&mut xml).unwrap();
        prop_assert_eq!(again(&xml), value.clone());
        let mut binary = Vec::new();
        other.to_writer_binary(&mut binary).unwrap();
        prop_assert_eq!(again(&binary), value);
    }

    #[test]
    fn any_text_survives_the_binary_form_and_makes_readable_xml(text in any::<String>()) {
        let value = Value::from(Dictionary::from([(text.clone(), text.clone())]));
        prop_assert_eq!(&again(&write_binary(&value)), &value);
        let xml = write_xml(&value);
        let allowed: String = text
            .chars()
            .map(|found| match found {
                '\t' | '\n' | '\r' => found,
                '\0'..=' ' if found != ' ' => '\u{fffd}',
                '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
                _ => found,
            })
            .collect();
        let expected = Value::from(Dictionary::from([(allowed.clone(), allowed)]));
        prop_assert_eq!(again(&xml), expected);
        prop_assert!(plist::Value::from_reader_xml(&*xml).is_ok());
    }

    #[test]
    fn any_moment_survives_both_formats_as_far_as_they_are_fine(
        seconds in -377_705_116_800_i64..=253_402_300_799,
        milliseconds in 0_u64..1000,
    ) {
        let whole = UtcDateTime::from_unix_timestamp(seconds).unwrap();
        let Some(moment) = whole.checked_add(time::Duration::milliseconds(milliseconds.cast_signed())) else {
            return Ok(());
        };
        prop_assert_eq!(again(&write_xml(&moment.into())), Value::from(whole));
        let read = again(&write_binary(&moment.into())).as_date().unwrap();
        prop_assert!((read - moment).abs() < time::Duration::milliseconds(1), "{} for {}", read, moment);
        // A double is fine to the microsecond for the centuries around 2001.
        if (-6_000_000_000..6_000_000_000).contains(&seconds) {
            prop_assert!((read - moment).abs() < time::Duration::MICROSECOND, "{} for {}", read, moment);
        }
    }

    #[test]
    fn any_number_survives_both_formats(number in any::<i128>(), shift in 0_u32..128, bits in any::<u64>()) {
        let number = Integer::from(number >> shift);
        let real = f64::from_bits(bits);
        for write in [write_xml, write_binary] {
            prop_assert_eq!(again(&write(&number.into())), Value::from(number));
            let read = again(&write(&real.into())).as_real().unwrap();
            prop_assert!(read.to_bits() == real.to_bits() || read.is_nan() && real.is_nan());
        }
    }

    #[test]
    fn no_bytes_make_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes, &Limits::default());
        let _ = read(&[b"<plist>", &*bytes].concat(), &Limits::default());
        let _ = read(&[b"bplist00", &*bytes].concat(), &Limits::default());
    }

    #[test]
    fn no_damage_makes_reading_panic_or_what_is_read_unwritable(
        value in value(Just(Value::Uid(7))),
        damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in any::<prop::sample::Index>(),
    ) {
        for mut bytes in [write_xml(&value), write_binary(&value)] {
            for (at, byte) in &damage {
                let at = at.index(bytes.len());
                bytes[at] = *byte;
            }
            for bytes in [&bytes[..], &bytes[..cut.index(bytes.len())]] {
                if let Ok(read) = read(bytes, &Limits::default()) {
                    again(&write_xml(&read));
                    again(&write_binary(&read));
                }
            }
        }
    }
}
