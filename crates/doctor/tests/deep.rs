//! What only a look at every byte tells of a signature; the command's own tests change files and pages.

use doctor::{Facts, Report, judge};
use ipa::{Archive, Depth, Examined, Inspection, Limits};
use testkit::app::AppPackage;
use testkit::codesign::{CodeDigest, CodeSignature};

fn report(package: &AppPackage, depth: Depth, limits: &Limits) -> Report {
    let bytes = package.build();
    let archive = Archive::open(&bytes, limits).expect("it is an archive");
    let inspection = Inspection::new(depth);
    let examined = Examined::watched(&archive, limits, &inspection, &mut |_| {}).expect("memory can be read");
    judge(&Facts::of_package(AppPackage::NOW, &examined))
}

/// The messages of the two rules that look at everything.
fn messages(report: &Report) -> Vec<(&str, &str)> {
    let of_signatures = report
        .findings
        .iter()
        .filter(|one| ["signature-unreadable", "sealed-file-changed"].contains(&&*one.name));
    of_signatures.map(|one| (&*one.name, &*one.message)).collect()
}

/// Why the two rules did not look.
fn reasons(report: &Report) -> Vec<(&str, &str)> {
    let of_signatures = report
        .skipped
        .iter()
        .filter(|one| ["signature-unreadable", "sealed-file-changed"].contains(&one.name));
    of_signatures.map(|one| (one.name, &*one.reason)).collect()
}

fn notes() -> AppPackage {
    AppPackage::new("com.example.notes")
}

#[test]
fn a_signature_that_speaks_of_something_else_is_unreadable() {
    let beyond = notes().signature(|signature| {
        signature.edit_directory(|bytes| bytes[32..36].copy_from_slice(&0x10_0000_u32.to_be_bytes()))
    });
    let nonsense = notes().file("_CodeSignature/CodeResources", "{");
    for (package, expected) in [
        (
            beyond,
            "its code can't be compared with its signature: the CodeDirectory is for 1048576 bytes of code",
        ),
        (nonsense, "the list of the files it seals can't be read: "),
    ] {
        let deep = report(&package, Depth::Deep, &Limits::default());
        let [("signature-unreadable", message)] = messages(&deep)[..] else {
            panic!("{:?}", messages(&deep));
        };
        assert!(message.starts_with(expected), "{message}");
        let shallow = report(&package, Depth::Signatures, &Limits::default());
        assert_eq!(messages(&shallow), []);
        let asked = "--deep would tell whether every file and every page of code is what was signed";
        assert_eq!(reasons(&shallow), [("signature-unreadable", asked), ("sealed-file-changed", asked)]);
    }
}

#[test]
fn a_list_that_is_not_the_signed_one_is_told_once() {
    let changed = notes().file_after_signing("_CodeSignature/CodeResources", "{");
    let deep = report(&changed, Depth::Deep, &Limits::default());
    let expected = ("sealed-file-changed", "_CodeSignature/CodeResources changed after signing");
    assert_eq!(messages(&deep), [expected]);
}

#[test]
fn many_changes_of_a_kind_are_one_finding_that_counts_them() {
    let many =
        (0..25).fold(notes(), |package, index| package.file_after_signing(&format!("{index:02}"), "x"));
    let deep = report(&many, Depth::Deep, &Limits::default());
    let expected = ("sealed-file-changed", "00 was added after signing; so it is with 24 more");
    assert_eq!(messages(&deep), [expected]);
    let finding = deep.findings.iter().find(|one| one.name == "sealed-file-changed").unwrap();
    assert_eq!(finding.evidence.len(), 5);
}

#[test]
fn pages_are_compared_by_whatever_digest_and_of_whatever_size() {
    for signature in [CodeSignature::sha1_and_sha256, |signature: CodeSignature| {
        signature.digests([CodeDigest::Sha384]).page_bits(14)
    }] {
        let deep = report(&notes().signature(signature), Depth::Deep, &Limits::default());
        assert_eq!((messages(&deep), reasons(&deep)), (vec![], vec![]));
    }
}

#[test]
fn what_could_not_be_compared_is_skipped_and_never_fine() {
    let few = Limits { sealed_files: 3, ..Limits::default() };
    let deep = report(&notes(), Depth::Deep, &few);
    assert_eq!(messages(&deep), []);
    let reason = "its files were not compared: more than 3 files are sealed in all";
    assert_eq!(reasons(&deep), [("sealed-file-changed", reason)]);
}

#[test]
fn a_file_that_is_another_than_was_packed_is_named_and_is_why_all_else_fails() {
    for name in ["/_CodeSignature/CodeResources", "/config.json", "/Notes"] {
        let package = notes().name("Notes").file("config.json", "{}");
        let mut archive = package.archive();
        let entries = archive.entries_mut().iter_mut();
        let entry = entries.into_iter().find(|entry| entry.name().ends_with(name.as_bytes())).expect(name);
        let path = String::from_utf8_lossy(entry.name()).into_owned();
        *entry = entry.clone().edit_both(|header| header.crc32 ^= 1);
        let bytes = archive.build();
        let archive = Archive::open(&bytes, &Limits::default()).expect("it is an archive");
        let inspection = Inspection::new(Depth::Deep);
        let examined = Examined::watched(&archive, &Limits::default(), &inspection, &mut |_| {});
        let examined = examined.expect("memory can be read");
        let report = judge(&Facts::of_package(AppPackage::NOW, &examined));
        let cause = report.first_cause().expect(name);
        assert_eq!(cause.name, "archive-damaged", "{name}: {report:?}");
        assert!(cause.message.contains(&*path), "{}", cause.message);
        assert_eq!(examined.damaged.count, 1, "{name}: {:?}", examined.damaged);
    }
}
