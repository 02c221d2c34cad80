//! Python's `plistlib` on property lists.

use testkit::plist::{Dictionary, Format, InfoPlist, StringsFormat, Value, encode, strings_file};

use crate::tools::python;

#[test]
fn python_reads_property_lists_in_every_format() {
    let value =
        Value::Dictionary(Dictionary::from_iter([("a", Value::from("ö & <b>")), ("n", Value::from(-5))]));
    let formats = [Format::Binary, Format::Xml, Format::XmlUtf16];
    let lists = formats.map(|format| encode(&value, format));
    let Some(answers) = python("d = plistlib.loads(b); print(d['a'], d['n'])", &lists) else { return };
    for (format, answer) in formats.into_iter().zip(answers) {
        assert_eq!(answer, "ö & <b> -5", "{format:?}");
    }
}

#[test]
fn python_reads_strings_files() {
    let table = [("CFBundleDisplayName", "Zürich \"1\"")];
    let lists = [StringsFormat::Binary, StringsFormat::Xml].map(|format| strings_file(&table, format));
    let Some(answers) = python("print(plistlib.loads(b)['CFBundleDisplayName'])", &lists) else { return };
    assert_eq!(answers, ["Zürich \"1\""; 2]);
    let texts =
        [StringsFormat::OldStyle, StringsFormat::OldStyleUtf16].map(|format| strings_file(&table, format));
    let script = "print(b.decode('utf-16' if b[:2] == b'\\xff\\xfe' else 'utf-8').splitlines()[-1])";
    let Some(answers) = python(script, &texts) else { return };
    assert_eq!(answers, ["\"CFBundleDisplayName\" = \"Zürich \\\"1\\\"\";"; 2]);
}

#[test]
fn info_plist_keys_are_set_and_left_out() {
    let info =
        InfoPlist::app("com.example.notes", "Notes").set("UIFileSharingEnabled", true).without("DTXcode");
    let script = "
d = plistlib.loads(b)
print(d['CFBundleIdentifier'], d['UIDeviceFamily'], d['UIFileSharingEnabled'], 'DTXcode' in d)";
    let Some(answers) = python(script, &[info.build(), info.format(Format::Xml).build()]) else { return };
    assert_eq!(answers, ["com.example.notes [1, 2] True False"; 2]);
}
