//! Real property lists, read as another reader reads them. The files are no part of this repository.

use std::path::{Path, PathBuf};

use bounded_plist::{Format, Limits, read, write_binary, write_xml};

use super::translate::from_plist;

#[test]
fn real_property_lists_are_read_as_by_another_reader() {
    let Some(corpus) = corpus() else { return };
    let mut seen = 0;
    for folder in ["info-plist", "manifest", "mobileconfig"] {
        for entry in std::fs::read_dir(corpus.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "md") {
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let expected = plist::Value::from_reader(std::io::Cursor::new(&bytes)).unwrap();
            let value = read(&bytes, &Limits::default()).unwrap_or_else(|error| panic!("{path:?}: {error}"));
            assert_eq!(value, from_plist(&expected), "{path:?}");
            for again in [write_xml(&value), write_binary(&value)] {
                assert_eq!(read(&again, &Limits::default()).as_ref(), Ok(&value), "{path:?}");
            }
            seen += 1;
        }
    }
    assert!(seen >= 13, "only {seen} files in {corpus:?}");
}

#[test]
fn what_apple_wrote_comes_back_byte_for_byte() {
    let Some(corpus) = corpus() else { return };
    let mut seen = 0;
    for entry in std::fs::read_dir(corpus.join("info-plist")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "plist") {
            let bytes = std::fs::read(&path).unwrap();
            let value = read(&bytes, &Limits::default()).unwrap();
            let written = match Format::of(&bytes).unwrap() {
                Format::Binary => write_binary(&value),
                Format::Xml => write_xml(&value),
            };
            assert!(written == bytes, "{path:?}");
            seen += 1;
        }
    }
    assert!(seen >= 6, "only {seen} files in {corpus:?}");
}

#[test]
fn the_property_lists_in_real_profiles_are_read() {
    let Some(corpus) = corpus() else { return };
    let mut seen = 0;
    for entry in std::fs::read_dir(corpus.join("mobileprovision")).unwrap() {
        let path = entry.unwrap().path();
        let bytes = std::fs::read(&path).unwrap();
        let find = |what: &[u8]| bytes.windows(what.len()).position(|window| window == what);
        let (Some(start), Some(end)) = (find(b"<?xml"), find(b"</plist>")) else { continue };
        let value = read(&bytes[start..end + 8], &Limits::default())
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        assert!(value.get("Entitlements").is_some(), "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 14, "only {seen} profiles in {}", corpus.display());
}

fn corpus() -> Option<PathBuf> {
    #[expect(
        clippy::disallowed_methods,
        reason = "tests have no settings: the corpus is named by a variable"
    )]
    let corpus = std::env::var_os("AIRSTAIR_CORPUS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/fixtures"),
        PathBuf::from,
    );
    if corpus.is_dir() {
        return Some(corpus);
    }
    #[expect(clippy::print_stdout, reason = "a test that did nothing has to say so")]
    {
        println!("SKIPPED: no real property lists at {}; name a folder by AIRSTAIR_CORPUS", corpus.display());
    }
    None
}
