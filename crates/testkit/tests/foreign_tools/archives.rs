//! Python's `zipfile` and `unzip` on archives.

use testkit::zip::{Archive, Content, Descriptor, Entry, Habit, Zip64};

use crate::tools::{Folder, python, run};

const LIST: &str = "
z = zipfile.ZipFile(path)
assert z.testzip() is None, z.testzip()
for i in z.infolist():
    print(i.filename, i.file_size, i.compress_type, oct(i.external_attr >> 16))
";

fn sample(habit: Habit) -> Archive {
    Archive::with_habit(habit)
        .entry(Entry::directory("Payload/"))
        .entry(Entry::file("Payload/empty", ""))
        .entry(Entry::file("Payload/text", "deflate ".repeat(50)))
        .entry(Entry::executable("Payload/tool", Content::Noise { bytes: 5000, seed: 1 }))
        .entry(Entry::symlink("Payload/link", "text"))
        .entry(Entry::file("Payload/Zürich.txt", "ö").utf8_flag())
        .comment("a comment")
}

#[test]
fn python_and_unzip_read_archives_in_every_habit() {
    let archives = Habit::ALL.map(|habit| sample(habit).build());
    let Some(answers) = python(LIST, &archives) else { return };
    for (habit, answer) in Habit::ALL.into_iter().zip(answers) {
        assert_eq!(answer.lines().count(), 6, "{habit:?}: {answer}");
        assert!(answer.contains("Payload/Zürich.txt 2 "), "{habit:?}: {answer}");
        let mode = if habit == Habit::Jar { "0o0" } else { "0o100755" };
        assert!(
            answer.contains(&format!(
                "Payload/tool 5000 {} {mode}",
                if habit == Habit::InfoZip || habit == Habit::SevenZip { 0 } else { 8 }
            )),
            "{habit:?}: {answer}"
        );
    }
    let folder = Folder::new();
    for (habit, archive) in Habit::ALL.into_iter().zip(archives) {
        let Some(answer) = run("unzip", &["-t", &folder.write("a.zip", &archive)]) else { return };
        assert!(answer.succeeded, "{habit:?}: {}", answer.text);
    }
}

#[test]
fn stored_entries_have_no_descriptor_unless_asked_for() {
    for habit in Habit::ALL {
        let bytes = Archive::with_habit(habit).entry(Entry::file("a", "x").stored()).build();
        assert_eq!(bytes[6] & 8, 0, "{habit:?}");
        let asked = Entry::file("a", "x").stored().descriptor(Descriptor::Signed);
        let bytes = Archive::with_habit(habit).entry(asked).build();
        assert_eq!(bytes[6] & 8, 8, "{habit:?}");
    }
}

#[test]
fn python_reads_every_descriptor_and_zip64_form() {
    let forms = [
        Descriptor::None,
        Descriptor::Signed,
        Descriptor::Unsigned,
        Descriptor::SignedZip64,
        Descriptor::UnsignedZip64,
        Descriptor::Promised,
    ];
    let forms: Vec<_> =
        forms.into_iter().flat_map(|form| [(form, Zip64::WhereNeeded), (form, Zip64::Always)]).collect();
    let archives: Vec<_> = forms
        .iter()
        .map(|(descriptor, zip64)| {
            let entry = || Entry::file("a", "deflate ".repeat(50)).descriptor(*descriptor).zip64(*zip64);
            let archive = Archive::new().entry(entry()).entry(entry().stored().extra(0x9999, b"any"));
            archive.zip64_end(*zip64).prefix(*b"before").build()
        })
        .collect();
    let Some(answers) = python(LIST, &archives) else { return };
    for (form, answer) in forms.into_iter().zip(answers) {
        assert_eq!(answer, "a 400 8 0o100644\na 400 0 0o100644", "{form:?}");
    }
}

#[test]
fn sizes_past_four_gib_go_to_the_zip64_field() {
    let entry = Entry::file("a", "x").descriptor(Descriptor::None).edit_both(|header| header.size = 5 << 30);
    let script = "print(zipfile.ZipFile(path).getinfo('a').file_size)";
    let Some(answers) = python(script, &[Archive::new().entry(entry).build()]) else { return };
    assert_eq!(answers, ["5368709120"]);
}

#[test]
fn more_entries_than_sixteen_bits_count_are_all_listed() {
    let entries = (0..70_000).map(|index| Entry::file(index.to_string(), "").stored());
    let archive = Archive::with_habit(Habit::PythonZipfile).entries(entries).build();
    let Some(answers) = python("print(len(zipfile.ZipFile(path).infolist()))", &[archive]) else { return };
    assert_eq!(answers, ["70000"]);
}

#[test]
fn the_layout_tells_where_everything_lies() {
    let archive = sample(Habit::Xcode).prefix(*b"before").before_central(*b"between").after_end(*b"after");
    let built = archive.build_with_layout();
    let at = |start: u64, length: usize| &built.bytes[usize::try_from(start).unwrap()..][..length];
    for entry in &built.layout.entries {
        assert_eq!(at(entry.header.start, 4), b"PK\x03\x04", "{entry:?}");
    }
    assert_eq!(at(built.layout.entries[3].data.end, 4), b"PK\x07\x08", "the descriptor follows the data");
    assert_eq!(at(built.layout.central.start, 4), b"PK\x01\x02");
    assert_eq!(at(built.layout.central.start - 7, 7), b"between");
    assert_eq!(at(built.layout.end.start, 4), b"PK\x05\x06");
    assert_eq!(at(built.layout.end.end, 5), b"after");
    let mut streamed = Vec::new();
    assert_eq!(archive.write_to(&mut streamed).unwrap(), built.layout);
    assert!(streamed == built.bytes);
}
