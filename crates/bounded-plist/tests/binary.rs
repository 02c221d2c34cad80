//! What binary property lists mean, and which are refused.

use bounded_plist::{Dictionary, Fault, Limits, ReadError, Value, read, write_binary};
use time::macros::utc_datetime;

/// A file of these objects, the first of which is the outermost, with references of one byte.
fn file(objects: &[&[u8]]) -> Vec<u8> {
    let mut bytes = b"bplist00".to_vec();
    let mut offsets = Vec::new();
    for object in objects {
        offsets.push(u16::try_from(bytes.len()).expect("a small file"));
        bytes.extend_from_slice(object);
    }
    let table = bytes.len();
    bytes.extend(offsets.iter().flat_map(|offset| offset.to_be_bytes()));
    bytes.extend(trailer(2, 1, objects.len() as u64, 0, table as u64));
    bytes
}

fn trailer(offset_size: u8, reference_size: u8, objects: u64, outermost: u64, table: u64) -> Vec<u8> {
    let mut bytes = vec![0, 0, 0, 0, 0, 0, offset_size, reference_size];
    bytes.extend([objects, outermost, table].iter().flat_map(|field| field.to_be_bytes()));
    bytes
}

fn refused(bytes: &[u8]) -> ReadError {
    read(bytes, &Limits::default()).expect_err("this is no property list")
}

#[test]
fn every_object_is_read() {
    let bytes = |bytes: &[u8]| Value::from(bytes);
    let moment = |seconds: f64| [&[0x33][..], &seconds.to_be_bytes()].concat();
    for (object, expected) in [
        (&[0x08][..], Value::from(false)),
        (&[0x09], Value::from(true)),
        (&[0x10, 0xff], Value::from(255)),
        (&[0x11, 0xff, 0xfe], Value::from(65_534)),
        (&[0x12, 0xff, 0xff, 0xff, 0xff], Value::from(u32::MAX)),
        (&[0x13, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Value::from(-1)),
        (&[0x13, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Value::from(i64::MAX)),
        (
            &[0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
            Value::from(u64::MAX),
        ),
        (&[&[0x14][..], &i128::MIN.to_be_bytes()].concat(), Value::from(i128::MIN)),
        (&[0x22, 0x3f, 0xc0, 0, 0], Value::from(1.5)),
        (&[0x23, 0xbf, 0xf8, 0, 0, 0, 0, 0, 0], Value::from(-1.5)),
        (&[0x23, 0x7f, 0xf0, 0, 0, 0, 0, 0, 0], Value::from(f64::INFINITY)),
        (&moment(0.0), Value::from(utc_datetime!(2001-01-01 00:00))),
        (&moment(-0.25), Value::from(utc_datetime!(2000-12-31 23:59:59.75))),
        (&moment(817_033_799.5), Value::from(utc_datetime!(2026-11-22 09:49:59.5))),
        (&moment(0.999_999_999_999), Value::from(utc_datetime!(2001-01-01 00:00:01))),
        (&moment(252_423_993_599.0), Value::from(utc_datetime!(9999-12-31 23:59:59))),
        (&moment(-378_683_424_000.0), Value::from(utc_datetime!(-9999-01-01 00:00))),
        (&[0x40], bytes(b"")),
        (&[0x43, 1, 2, 3], bytes(&[1, 2, 3])),
        (&[0x4f, 0x10, 2, 8, 9], bytes(&[8, 9])),
        (&[0x4f, 0x13, 0, 0, 0, 0, 0, 0, 0, 1, 7], bytes(&[7])),
        (&[0x50], Value::from("")),
        (b"\x53abc", Value::from("abc")),
        (b"\x5f\x11\x00\x02\x01\x7f", Value::from("\u{1}\u{7f}")),
        (&[0x60], Value::from("")),
        (&[0x64, 0x5e, 0x94, 0x75, 0x28, 0xd8, 0x3d, 0xde, 0x80], Value::from("应用🚀")),
        (&[0x63, 0xd8, 0x3d, 0, b'a', 0xde, 0x80], Value::from("\u{fffd}a\u{fffd}")),
        (&[0x61, 0xdb, 0xff], Value::from("\u{fffd}")),
        (&[0x80, 7], Value::Uid(7)),
        (&[0x82, 1, 0, 0], Value::Uid(65_536)),
        (&[0x87, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Value::Uid(u64::MAX)),
        (&[0xa0], Value::Array(vec![])),
        (&[0xaf, 0x10, 0], Value::Array(vec![])),
        (&[0xd0], Value::from(Dictionary::new())),
        (&[0xa2, 1, 2], Value::from([true.into(), "a".into()])),
        (&[0xaf, 0x10, 3, 1, 1, 2], Value::from([true.into(), true.into(), "a".into()])),
        (&[0xd1, 2, 1], Value::from(Dictionary::from([("a", true)]))),
        (
            &[0xd3, 2, 3, 2, 1, 2, 3],
            Value::from(Dictionary::from([("a", Value::from("β")), ("β", "a".into())])),
        ),
    ] {
        let bytes = file(&[object, &[0x09], b"\x51a", &[0x61, 3, 0xb2]]);
        assert_eq!(read(&bytes, &Limits::default()), Ok(expected), "{object:02x?}");
    }
    let nan = read(&file(&[&[0x22, 0x7f, 0xc0, 0, 0]]), &Limits::default()).unwrap();
    assert!(nan.as_real().is_some_and(f64::is_nan));
}

#[test]
fn what_is_no_object_is_refused() {
    let moment = |seconds: f64| [&[0x33][..], &seconds.to_be_bytes()].concat();
    let marker = |marker| Fault::Marker { marker };
    let no_key = |marker: &str| Fault::Misplaced {
        found: format!("an object marked {marker}"),
        expected: "a key, which is a string,",
    };
    for (object, fault) in [
        (&[0x00][..], marker(0x00)),
        (&[0x07], marker(0x07)),
        (&[0x0f], marker(0x0f)),
        (&[0x15], marker(0x15)),
        (&[0x20, 0], marker(0x20)),
        (&[0x24, 0], marker(0x24)),
        (&[0x32, 0], marker(0x32)),
        (b"\x71a", marker(0x71)),
        (&[0x90], marker(0x90)),
        (&[0xb0], marker(0xb0)),
        (&[0xc1, 1], marker(0xc1)),
        (&[0xe0], marker(0xe0)),
        (&[0xff], marker(0xff)),
        (&[0x5f, 0x14], marker(0x14)),
        (&[0x5f, 0x51], marker(0x51)),
        (&[0x5f], marker(0x09)),
        (&[0xa1, 9], Fault::Reference { index: 9, count: 3 }),
        (&[0xd1, 9, 1], Fault::Reference { index: 9, count: 3 }),
        (&[0xd1, 2, 9], Fault::Reference { index: 9, count: 3 }),
        (&[0xd1, 1, 2], no_key("0x09")),
        (&[0xd1, 0, 2], no_key("0xd1")),
        (&[0xa1, 0], Fault::Cycle { index: 0 }),
        (&[0xd1, 2, 0], Fault::Cycle { index: 0 }),
        (&[0x52, b'a', 0x80], Fault::NotAscii { byte: 0x80 }),
        (&moment(f64::INFINITY), Fault::DateRange { seconds: f64::INFINITY }),
        (&moment(f64::NEG_INFINITY), Fault::DateRange { seconds: f64::NEG_INFINITY }),
        (&moment(252_423_993_600.0), Fault::DateRange { seconds: 252_423_993_600.0 }),
        (&moment(-378_683_424_001.0), Fault::DateRange { seconds: -378_683_424_001.0 }),
        (&moment(1e300), Fault::DateRange { seconds: 1e300 }),
        (&[0x88, 0, 0, 0, 0, 0, 0, 0, 0, 0], Fault::UidRange),
        (&[0x8f, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], Fault::UidRange),
        // Too long for what follows: three bytes of two other objects.
        (&[0x13, 0], Fault::Extent),
        (&[0x44], Fault::Extent),
        (&[0x54], Fault::Extent),
        (&[0x62], Fault::Extent),
        (&[0x83], Fault::Extent),
        (&[0xa4], Fault::Extent),
        (&[0xd2], Fault::Extent),
        (&[0x4f, 0x12, 0xff, 0xff, 0xff, 0xff], Fault::Extent),
        (&[0x5f, 0x13, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Fault::Extent),
        (&[0x6f, 0x13, 0x80, 0, 0, 0, 0, 0, 0, 0], Fault::Extent),
        (&[0xaf, 0x13, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Fault::Extent),
        (&[0xdf, 0x13, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], Fault::Extent),
    ] {
        let error = refused(&file(&[object, &[0x09], b"\x51a"]));
        assert_eq!(error.fault, fault, "{object:02x?}");
    }
    let error = refused(&file(&[&moment(f64::NAN)]));
    assert_eq!(error.to_string(), "a date NaN seconds from 2001, at byte 8");
}

#[test]
fn what_is_wrong_deep_within_is_named_with_its_place() {
    let bytes =
        file(&[&[0xa2, 1, 2], &[0x09], &[0xd2, 3, 4, 1, 5], b"\x51a", b"\x53b.c", &[0xa2, 1, 6], &[0xc0]]);
    let error = refused(&bytes);
    assert_eq!(error.to_string(), "an object marked 0xc0, which is not read, at byte 26 in [1][\"b.c\"][1]");
}

#[test]
fn a_trailer_that_lies_is_refused() {
    let with = |trailer: Vec<u8>| [b"bplist00\x09\x08", &trailer[..]].concat();
    let lie = |field, seen| Fault::Trailer { field, seen };
    assert_eq!(read(&with(trailer(1, 1, 1, 0, 9)), &Limits::default()), Ok(Value::Boolean(true)));
    for (trailer, fault) in [
        (trailer(0, 1, 1, 0, 9), lie("an offset size of", 0)),
        (trailer(9, 1, 1, 0, 9), lie("an offset size of", 9)),
        (trailer(1, 0, 1, 0, 9), lie("a reference size of", 0)),
        (trailer(1, 255, 1, 0, 9), lie("a reference size of", 255)),
        (trailer(1, 1, 0, 0, 9), lie("a number of objects of", 0)),
        (trailer(1, 1, 2, 0, 9), lie("a number of objects of", 2)),
        (trailer(2, 1, 1, 0, 9), lie("a number of objects of", 1)),
        (trailer(1, 1, u64::MAX, 0, 9), lie("a number of objects of", u64::MAX)),
        (trailer(1, 1, 1, 1, 9), lie("an outermost object with the index", 1)),
        (trailer(1, 1, 1, u64::MAX, 9), lie("an outermost object with the index", u64::MAX)),
        (trailer(1, 1, 1, 0, 0), lie("an offset table at byte", 0)),
        (trailer(1, 1, 1, 0, 8), lie("an offset table at byte", 8)),
        (trailer(1, 1, 1, 0, 10), lie("an offset table at byte", 10)),
        (trailer(1, 1, 1, 0, u64::MAX), lie("an offset table at byte", u64::MAX)),
    ] {
        let error = refused(&with(trailer));
        assert_eq!((error.fault, error.offset), (fault, 10));
    }
    for offset in [0, 7, 9, 10, 255] {
        let bytes = [b"bplist00\x09", &[offset][..], &trailer(1, 1, 1, 0, 9)].concat();
        assert_eq!(refused(&bytes).fault, Fault::Extent, "an object at byte {offset}");
    }
    for length in 7..41 {
        let bytes = &with(trailer(1, 1, 1, 0, 9))[..length];
        let error = refused(bytes);
        assert!(matches!(error.fault, Fault::Truncated | Fault::Trailer { .. }), "{length} bytes: {error}");
    }
}

#[test]
fn offsets_and_references_may_have_any_size() {
    for (offset_size, reference_size) in [(1, 8), (3, 5), (8, 1), (7, 7)] {
        let mut bytes = b"bplist00\xa2".to_vec();
        for index in [1_u64, 1] {
            bytes.extend(&index.to_be_bytes()[8 - reference_size..]);
        }
        let string = bytes.len() as u64;
        bytes.extend(b"\x51a");
        let table = bytes.len() as u64;
        for offset in [8, string] {
            bytes.extend(&u64::to_be_bytes(offset)[8 - offset_size..]);
        }
        bytes.extend(trailer(offset_size.to_be_bytes()[7], reference_size.to_be_bytes()[7], 2, 0, table));
        let expected = Value::from(["a".into(), "a".into()]);
        assert_eq!(read(&bytes, &Limits::default()), Ok(expected), "{offset_size}, {reference_size}");
    }
}

#[test]
fn values_are_written_in_the_fewest_bytes_and_equal_ones_once() {
    let many: Value = (0..300).map(|number| Value::from(number % 20)).collect();
    let bytes = write_binary(&many);
    assert_eq!(bytes.len(), 8 + 4 + 300 + 20 * 2 + 21 * 2 + 32);
    let uids: Value = [3, 0x100, 0x1_0000, 1 << 32].map(Value::Uid).into_iter().collect();
    let objects = [
        &[0xa4, 1, 2, 3, 4][..],
        &[0x80, 3],
        &[0x81, 1, 0],
        &[0x83, 0, 1, 0, 0],
        &[0x87, 0, 0, 0, 1, 0, 0, 0, 0],
    ];
    assert!(write_binary(&uids).starts_with(&[b"bplist00", &objects.concat()[..]].concat()));
    for (value, object) in [
        (Value::from(255), &[0x10, 255][..]),
        (Value::from(256), &[0x11, 1, 0]),
        (Value::from(65_536), &[0x12, 0, 1, 0, 0]),
        (Value::from(1_i64 << 32), &[0x13, 0, 0, 0, 1, 0, 0, 0, 0]),
        (Value::from(-1), &[0x13, 255, 255, 255, 255, 255, 255, 255, 255]),
        (Value::from(1_u64 << 63), &[0x14, 0, 0, 0, 0, 0, 0, 0, 0, 128, 0, 0, 0, 0, 0, 0, 0]),
        (Value::from("abcdefghijklmno"), b"\x5f\x10\x0fabcdefghijklmno"),
        (Value::from("é"), &[0x61, 0, 0xe9]),
    ] {
        let bytes = write_binary(&value);
        assert_eq!(&bytes[8..8 + object.len()], object);
        assert_eq!(read(&bytes, &Limits::default()), Ok(value));
    }
}

/// Made by Python's `plistlib`, which shares no code with Apple's writer nor ours.
#[test]
fn a_file_of_another_writer_is_read() {
    let bytes = PLISTLIB;
    let expected = Value::from(Dictionary::from([
        ("array", Value::from([1.into(), 2.5.into(), true.into(), "é".into()])),
        ("data", Value::from(&b"\x00\x01"[..])),
        ("date", Value::from(utc_datetime!(2026-11-21 09:49:59))),
        ("name", Value::from("R&D <β> \"应用\" 🚀")),
        ("uid", Value::Uid(300)),
    ]));
    assert_eq!(read(bytes, &Limits::default()), Ok(expected));
}

const PLISTLIB: &[u8] = b"\
    bplist00\xd5\x01\x02\x03\x04\x05\x06\x0b\x0c\x0d\x0eUarrayTdataTd\
    ateTnameSuid\xa4\x07\x08\x09\x0a\x10\x01#@\x04\x00\x00\x00\x00\x00\x00\x09a\x00\xe9\
    B\x00\x013A\xc8X\xd0c\x80\x00\x00o\x10\x0f\x00R\x00&\x00D\x00\x20\x00<\x03\xb2\x00>\x00\x20\x00\
    \"^\x94u(\x00\"\x00\x20\xd8=\xde\x80\x81\x01,\x08\x13\x19\x1e#(,13<=@CLm\x00\
    \x00\x00\x00\x00\x00\x01\x01\x00\x00\x00\x00\x00\x00\x00\x0f\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00p\
";
