//! Inputs made to exhaust memory, stack or time: each has to be refused, by the limit that is meant for it.

use bounded_plist::{Dictionary, Fault, Limits, MAX_DEPTH, Value, read, write_binary, write_xml};

/// A file of these objects, the first of which is the outermost, with offsets and references of four bytes.
fn file(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = b"bplist00".to_vec();
    let mut offsets = Vec::new();
    for object in objects {
        offsets.extend(u32::try_from(bytes.len()).expect("below 4 GiB").to_be_bytes());
        bytes.extend_from_slice(object);
    }
    let table = bytes.len() as u64;
    bytes.extend(offsets);
    bytes.extend([0, 0, 0, 0, 0, 0, 4, 4]);
    bytes.extend([objects.len() as u64, 0, table].iter().flat_map(|field| field.to_be_bytes()));
    bytes
}

fn array(references: impl ExactSizeIterator<Item = u32>) -> Vec<u8> {
    container(0xaf, references.len(), references)
}

fn container(marker: u8, count: usize, references: impl Iterator<Item = u32>) -> Vec<u8> {
    let mut object = vec![marker, 0x13];
    object.extend((count as u64).to_be_bytes());
    object.extend(references.flat_map(u32::to_be_bytes));
    object
}

fn fault(bytes: &[u8], limits: &Limits) -> Fault {
    read(bytes, limits).expect_err("hostile").fault
}

const UNBOUND: Limits = Limits {
    input_bytes: usize::MAX,
    objects: usize::MAX,
    depth: usize::MAX,
    string_bytes: usize::MAX,
    total_bytes: usize::MAX,
};

#[test]
fn arrays_that_refer_to_each_other_again_and_again_run_out_of_objects() {
    // 24 levels, each referring eight times to the next: 8^24 values in a few hundred bytes.
    let mut objects: Vec<_> = (1..=24).map(|next| array([next; 8].into_iter())).collect();
    objects.push(vec![0x09]);
    let bytes = file(&objects);
    let limits = Limits::default();
    assert_eq!(fault(&bytes, &limits), Fault::Objects { limit: limits.objects });
    let limits = Limits { objects: usize::MAX, total_bytes: 8 << 20, ..limits };
    assert_eq!(fault(&bytes, &limits), Fault::TotalBytes { limit: limits.total_bytes });

    // The same with dictionaries, whose keys count as well.
    let mut objects: Vec<_> =
        (1..=24).map(|next| container(0xdf, 8, [[25; 8], [next; 8]].into_iter().flatten())).collect();
    objects.extend([vec![0x09], b"\x51k".to_vec()]);
    let limits = Limits::default();
    assert_eq!(fault(&file(&objects), &limits), Fault::Objects { limit: limits.objects });

    // And with arrays that end empty, so that nothing but the arrays themselves is there to be counted.
    let mut objects: Vec<_> = (1..=24).map(|next| array([next; 8].into_iter())).collect();
    objects.push(vec![0xa0]);
    assert_eq!(fault(&file(&objects), &limits), Fault::Objects { limit: limits.objects });
}

#[test]
fn one_large_string_in_a_million_places_runs_out_of_bytes() {
    let limits = Limits { objects: usize::MAX, ..Limits::default() };
    for marker in [0x4f, 0x5f] {
        let mut large = vec![marker, 0x12, 0, 0x10, 0, 0];
        large.resize(large.len() + 0x10_0000, b'a');
        let bytes = file(&[array(std::iter::repeat_n(1, 1_000_000)), large]);
        assert_eq!(fault(&bytes, &limits), Fault::TotalBytes { limit: limits.total_bytes });
        assert_eq!(fault(&bytes, &Limits::default()), Fault::Objects { limit: 500_000 });
    }
    // As a key, the same in every entry.
    let mut large = vec![0x5f, 0x12, 0, 0x10, 0, 0];
    large.resize(large.len() + 0x10_0000, b'a');
    let keys = std::iter::repeat_n(1, 10_000).chain(std::iter::repeat_n(2, 10_000));
    let bytes = file(&[container(0xdf, 10_000, keys), large, vec![0x09]]);
    assert_eq!(fault(&bytes, &Limits::default()), Fault::TotalBytes { limit: limits.total_bytes });
}

#[test]
fn nesting_is_bounded_in_both_formats() {
    let xml = |depth: usize| [vec!["<array>"; depth], vec!["</array>"; depth]].concat().concat().into_bytes();
    let keys = |depth: usize| {
        [vec!["<dict><key>k</key>"; depth], vec!["<true/>"], vec!["</dict>"; depth]]
            .concat()
            .concat()
            .into_bytes()
    };
    let binary = |depth: u32| {
        let mut objects: Vec<_> = (1..depth).map(|next| array([next].into_iter())).collect();
        objects.push(vec![0xa0]);
        file(&objects)
    };
    let limits = Limits::default();
    for (bytes, kind) in
        [(xml(200_000), "XML arrays"), (keys(200_000), "XML dictionaries"), (binary(200_000), "binary")]
    {
        assert_eq!(fault(&bytes, &limits), Fault::Depth { limit: limits.depth }, "{kind}");
        assert_eq!(fault(&bytes, &UNBOUND), Fault::Depth { limit: MAX_DEPTH }, "{kind}, unbound");
    }
    for (depth, passes) in [(limits.depth, true), (limits.depth + 1, false)] {
        assert_eq!(read(&xml(depth), &limits).is_ok(), passes, "XML arrays, {depth}");
        assert_eq!(read(&keys(depth), &limits).is_ok(), passes, "XML dictionaries, {depth}");
        assert_eq!(read(&binary(depth.try_into().unwrap()), &limits).is_ok(), passes, "binary, {depth}");
    }
    assert_eq!(fault(b"<array/>", &Limits { depth: 0, ..limits }), Fault::Depth { limit: 0 });
    assert_eq!(read(b"<true/>", &Limits { depth: 0, ..limits }), Ok(Value::Boolean(true)));
}

#[test]
fn the_deepest_value_can_be_handled_on_a_small_stack() {
    let open = vec!["<array><dict><key>k</key>"; MAX_DEPTH / 2].concat();
    let close = vec!["</dict></array>"; MAX_DEPTH / 2].concat();
    let xml = format!("{open}<string>v</string>{close}");
    let work = move || {
        let value = read(xml.as_bytes(), &UNBOUND).unwrap();
        assert!(value.clone() == value);
        assert!(format!("{value:?}{value:#?}").contains("\"v\""));
        assert_eq!(read(&write_xml(&value), &UNBOUND).as_ref(), Ok(&value));
        assert_eq!(read(&write_binary(&value), &UNBOUND).as_ref(), Ok(&value));
    };
    std::thread::Builder::new().stack_size(512 << 10).spawn(work).unwrap().join().unwrap();
}

#[test]
fn what_holds_itself_is_refused() {
    for objects in [
        vec![array([0].into_iter())],
        vec![array([1].into_iter()), array([2].into_iter()), array([1].into_iter())],
        vec![container(0xdf, 1, [1, 0].into_iter()), b"\x51k".to_vec()],
    ] {
        assert!(matches!(fault(&file(&objects), &UNBOUND), Fault::Cycle { .. }));
    }
    // The same array twice, side by side, is no cycle.
    let bytes = file(&[array([1, 1].into_iter()), array([2, 2].into_iter()), vec![0x08]]);
    let inner = Value::from([false.into(), false.into()]);
    assert_eq!(read(&bytes, &Limits::default()), Ok(Value::from([inner.clone(), inner])));
}

#[test]
fn many_equal_or_similar_keys_take_no_more_than_their_share() {
    let limits = Limits { objects: 1_000_000, ..Limits::default() };
    let equal = format!("<dict>{}</dict>", "<key>k</key><true/>".repeat(50_000));
    let value = read(equal.as_bytes(), &limits).unwrap();
    assert_eq!(value, Value::from(Dictionary::from([("k", true)])));

    let stem = "k".repeat(40);
    let entries: String = (0..50_000)
        .flat_map(|number| ["<key>".to_owned(), stem.clone(), number.to_string(), "</key><true/>".to_owned()])
        .collect();
    let value = read(format!("<dict>{entries}</dict>").as_bytes(), &limits).unwrap();
    assert_eq!(value.as_dictionary().map(Dictionary::len), Some(50_000));
}

#[test]
fn each_limit_passes_its_amount_and_refuses_one_more() {
    let value = Value::from(Dictionary::from([
        ("é", Value::from([1.into(), "été".into()])),
        ("data", Value::from(vec![0_u8; 5])),
    ]));
    for bytes in [write_xml(&value), write_binary(&value)] {
        let limits = Limits::default();
        // One dictionary, two keys, one array, one integer, one string, one data; the longest takes 5 bytes.
        assert_eq!(read(&bytes, &Limits { objects: 7, ..limits }).as_ref(), Ok(&value));
        assert_eq!(fault(&bytes, &Limits { objects: 6, ..limits }), Fault::Objects { limit: 6 });
        assert_eq!(read(&bytes, &Limits { string_bytes: 5, ..limits }).as_ref(), Ok(&value));
        assert_eq!(fault(&bytes, &Limits { string_bytes: 4, ..limits }), Fault::StringBytes { limit: 4 });
        assert_eq!(read(&bytes, &Limits { depth: 2, ..limits }).as_ref(), Ok(&value));
        assert_eq!(fault(&bytes, &Limits { depth: 1, ..limits }), Fault::Depth { limit: 1 });
        assert_eq!(read(&bytes, &Limits { input_bytes: bytes.len(), ..limits }).as_ref(), Ok(&value));
        let limit = bytes.len() - 1;
        assert_eq!(
            fault(&bytes, &Limits { input_bytes: limit, ..limits }),
            Fault::InputBytes { seen: bytes.len(), limit }
        );
    }
}

#[test]
fn a_string_is_measured_as_utf8_in_every_form() {
    let text = "应".repeat(10);
    let limits = |string_bytes| Limits { string_bytes, ..Limits::default() };
    let references = "<string>".to_owned() + &"&#x5e94;".repeat(10) + "</string>";
    for bytes in
        [write_xml(&text.as_str().into()), write_binary(&text.as_str().into()), references.into_bytes()]
    {
        assert_eq!(read(&bytes, &limits(30)), Ok(text.as_str().into()));
        assert_eq!(fault(&bytes, &limits(29)), Fault::StringBytes { limit: 29 });
    }
    // Pieces add up; white space within data does not.
    let pieces = b"<string>ab<!-- -->cd<![CDATA[ef]]>&lt;</string>";
    assert_eq!(read(pieces, &limits(7)), Ok("abcdef<".into()));
    assert_eq!(fault(pieces, &limits(6)), Fault::StringBytes { limit: 6 });
    let data = format!("<data>{}QUJD\n\t</data>", " \n".repeat(1000));
    assert_eq!(read(data.as_bytes(), &limits(3)), Ok(Value::from(&b"ABC"[..])));
    assert_eq!(fault(data.as_bytes(), &limits(2)), Fault::StringBytes { limit: 2 });
}

#[test]
fn references_to_entities_are_never_expanded() {
    let laughs = "<!DOCTYPE plist [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;\"><!ENTITY % c SYSTEM \"x\"> %c;]>\
        <plist><string>&b;</string></plist>";
    assert_eq!(fault(laughs.as_bytes(), &UNBOUND), Fault::Entity { name: "b".to_owned() });
    // Redefining one of XML's own changes nothing.
    let lt = "<!DOCTYPE plist [<!ENTITY lt \"haha\">]><plist><string>&lt;</string></plist>";
    assert_eq!(read(lt.as_bytes(), &UNBOUND), Ok("<".into()));
}
