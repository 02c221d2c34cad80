//! That hostile bytes are as hostile as they say: seen by Python, which takes no harm from the smaller ones.

use std::collections::BTreeMap;

use testkit::plist::hostile as plists;
use testkit::zip::{Archive, hostile as archives};
use testkit::{Case, cms, icon, macho};

use crate::tools::python;

#[test]
fn a_small_graph_bomb_has_as_many_leaves_as_it_says() {
    let leaves = "
def leaves(v): return sum(map(leaves, v)) if isinstance(v, list) else 1
globals()['leaves'] = leaves
print(leaves(plistlib.loads(b)))";
    let Some(answers) = python(leaves, &[plists::dag_bomb(4, 20)]) else { return };
    assert_eq!(answers, ["160000"]);
    assert!(plists::dag_bomb(24, 8).len() < 600, "a large one is small all the same");
}

#[test]
fn deep_lists_are_as_deep_as_they_say() {
    let depth = "
d, v = 0, plistlib.loads(b)
while isinstance(v, list): d, v = d + 1, v[0] if v else None
print(d)";
    let Some(answers) = python(depth, &[plists::deep_binary(300), plists::deep_xml(300)]) else { return };
    assert_eq!(answers, ["300"; 2], "binary, XML");
}

#[test]
fn the_cyclic_list_holds_itself() {
    let Some(answers) = python("v = plistlib.loads(b); print(v[0][0] is v)", &[plists::cyclic()]) else {
        return;
    };
    assert_eq!(answers, ["True"]);
}

#[test]
fn overlapping_entries_share_one_place() {
    let script = "
z = zipfile.ZipFile(io.BytesIO(b))
print(len(z.infolist()), {i.header_offset for i in z.infolist()}, sum(i.file_size for i in z.infolist()))";
    let bytes = archives::overlapping(100, 1 << 20).build();
    assert!(bytes.len() < 20_000, "{} bytes", bytes.len());
    let Some(answers) = python(script, &[bytes]) else { return };
    assert_eq!(answers, [format!("100 {{0}} {}", 100 << 20)]);
}

#[test]
fn a_bomb_inflates_a_thousandfold() {
    let bytes = Archive::new().entry(archives::bomb("Payload/bomb", 8 << 20)).build();
    assert!(bytes.len() < 12_000, "{} bytes", bytes.len());
    let script = "print(len(zipfile.ZipFile(io.BytesIO(b)).read('Payload/bomb')))";
    let Some(answers) = python(script, &[bytes]) else { return };
    assert_eq!(answers, [(8 << 20).to_string()]);
}

#[test]
fn names_that_escape_reach_the_reader_as_they_are() {
    for name in archives::ESCAPING_NAMES.into_iter().map(str::as_bytes).chain(archives::ODD_NAMES) {
        let bytes = Archive::new().entry(testkit::zip::Entry::file(name, "x")).build();
        let local = &bytes[30..30 + name.len()];
        assert_eq!(local, name);
        assert!(
            bytes
                .windows(46 + name.len())
                .any(|part| part.starts_with(b"PK\x01\x02") && part.ends_with(name))
        );
    }
}

#[test]
fn no_case_says_what_another_says() {
    for (table, cases) in [
        ("archives", archives::cases()),
        ("property lists", plists::cases()),
        ("messages", cms::hostile::cases()),
        ("executables", macho::hostile::cases()),
        ("icons", icon::hostile::cases()),
    ] {
        let mut said = BTreeMap::new();
        for Case { what, bytes } in cases {
            let before = said.insert(what.clone(), bytes.len());
            assert_eq!(before, None, "{table}: {what}");
        }
        assert!(said.len() > 10, "{table}");
    }
}

#[test]
fn bottomless_messages_nest_as_deep_as_they_say() {
    let bytes = cms::hostile::deep(1000);
    let mut rest = &bytes[..];
    let mut depth = 0;
    while let Some((0x30, after)) = rest.split_first() {
        let length_bytes = if after[0] < 0x80 { 1 } else { 1 + usize::from(after[0] & 0x7f) };
        rest = &after[length_bytes..];
        depth += 1;
    }
    assert_eq!(depth, 1000);
}
