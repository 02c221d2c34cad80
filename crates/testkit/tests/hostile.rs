//! That hostile bytes are as hostile as they say: seen by Python, which takes no harm from the smaller ones.

use std::collections::BTreeMap;
use std::process::Command;

use testkit::plist::hostile as plists;
use testkit::zip::{Archive, hostile as archives};
use testkit::{Case, cms, icon, macho};

/// What Python prints about `bytes`, which `script` finds in `b`; `None`, said loudly, without Python.
#[expect(
    clippy::print_stdout,
    reason = "a comparison that did not happen must not look like one that passed"
)]
fn python(script: &str, bytes: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let file = folder.path().join("bytes");
    std::fs::write(&file, bytes).expect("room for a file");
    let script = format!("import io, sys, plistlib, zipfile\nb = open(sys.argv[1], 'rb').read()\n{script}");
    match Command::new("python3").args(["-c", &script]).arg(&file).output() {
        Ok(output) if output.status.success() => {
            Some(String::from_utf8_lossy(&output.stdout).trim().to_owned())
        }
        Ok(output) => Some(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
        Err(error) => {
            println!("SKIPPED: python3 did not start ({error}); nothing was compared with it");
            None
        }
    }
}

#[test]
fn a_small_graph_bomb_has_as_many_leaves_as_it_says() {
    let leaves = "
def leaves(v): return sum(map(leaves, v)) if isinstance(v, list) else 1
print(leaves(plistlib.loads(b)))";
    let Some(answer) = python(leaves, &plists::dag_bomb(4, 20)) else { return };
    assert_eq!(answer, "160000");
    assert!(plists::dag_bomb(24, 8).len() < 600, "a large one is small all the same");
}

#[test]
fn deep_lists_are_as_deep_as_they_say() {
    let depth = "
d, v = 0, plistlib.loads(b)
while isinstance(v, list): d, v = d + 1, v[0] if v else None
print(d)";
    for (bytes, what) in [(plists::deep_binary(300), "binary"), (plists::deep_xml(300), "XML")] {
        let Some(answer) = python(depth, &bytes) else { return };
        assert_eq!(answer, "300", "{what}");
    }
}

#[test]
fn the_cyclic_list_holds_itself() {
    let Some(answer) = python("v = plistlib.loads(b)\nprint(v[0][0] is v)", &plists::cyclic()) else {
        return;
    };
    assert_eq!(answer, "True");
}

#[test]
fn overlapping_entries_share_one_place() {
    let script = "
z = zipfile.ZipFile(io.BytesIO(b))
print(len(z.infolist()), {i.header_offset for i in z.infolist()}, sum(i.file_size for i in z.infolist()))";
    let bytes = archives::overlapping(100, 1 << 20).build();
    assert!(bytes.len() < 20_000, "{} bytes", bytes.len());
    let Some(answer) = python(script, &bytes) else { return };
    assert_eq!(answer, format!("100 {{0}} {}", 100 << 20));
}

#[test]
fn a_bomb_inflates_a_thousandfold() {
    let bytes = Archive::new().entry(archives::bomb("Payload/bomb", 8 << 20)).build();
    assert!(bytes.len() < 12_000, "{} bytes", bytes.len());
    let script = "print(len(zipfile.ZipFile(io.BytesIO(b)).read('Payload/bomb')))";
    let Some(answer) = python(script, &bytes) else { return };
    assert_eq!(answer, (8 << 20).to_string());
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
