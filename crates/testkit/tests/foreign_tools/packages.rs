//! Python on whole packages.

use testkit::app::{AppPackage, Bundle, BundleKind};
use testkit::pki::{Chain, LeafKind};
use testkit::plist::{Format, Value, encode};
use testkit::profile::{SigningKind, TEAM};
use testkit::zip::{Content, Entry, Habit};

use crate::tools::python;

#[test]
fn python_finds_a_whole_app_in_a_package() {
    let script = "
z = zipfile.ZipFile(path)
assert z.testzip() is None
app = 'Payload/Notes.app/'
info = plistlib.loads(z.read(app + 'Info.plist'))
print(info['CFBundleIdentifier'], info['CFBundleShortVersionString'], info['CFBundleVersion'], info['MinimumOSVersion'])
for name in ('PlugIns/widget.appex', 'Watch/watchkitapp.app', 'AppClips/Clip.app'):
    nested = plistlib.loads(z.read(app + name + '/Info.plist'))
    assert nested['CFBundleIdentifier'].startswith('com.example.notes.'), nested
    assert nested['CFBundleVersion'] == '456'
    z.read(app + name + '/embedded.mobileprovision')
    z.read(app + name + '/' + nested['CFBundleExecutable'])
assert app + 'Frameworks/Kit.framework/Kit' in z.namelist()
assert app + 'Frameworks/Kit.framework/embedded.mobileprovision' not in z.namelist()
sealed = plistlib.loads(z.read(app + '_CodeSignature/CodeResources'))
names = {n[len(app):] for n in z.namelist() if n.startswith(app) and not n.endswith('/')}
assert set(sealed['files']) == names - {'Notes', '_CodeSignature/CodeResources'}, names ^ set(sealed['files'])
for name, entry in sealed['files2'].items():
    assert entry['hash2'] == hashlib.sha256(z.read(app + name)).digest(), name
for name, entry in sealed['files'].items():
    entry = entry['hash'] if isinstance(entry, dict) else entry
    assert entry == hashlib.sha1(z.read(app + name)).digest(), name
print(oct(z.getinfo(app + 'Notes').external_attr >> 16), z.read(app + 'more.bin')[:3])
";
    let package = AppPackage::new("com.example.notes")
        .version("1.2.3")
        .build_number("456")
        .extension("widget")
        .watch_app("watchkitapp")
        .app_clip("Clip")
        .framework("Kit")
        .file("more.bin", Content::Zeros(40_000));
    let packages = Habit::ALL.map(|habit| package.clone().habit(habit).build());
    let Some(answers) = python(script, &packages) else { return };
    for (habit, answer) in Habit::ALL.into_iter().zip(answers) {
        let mode = if habit == Habit::Jar { "0o0" } else { "0o100755" };
        let expected = format!("com.example.notes 1.2.3 456 15.0\n{mode} b'\\x00\\x00\\x00'");
        assert_eq!(answer, expected, "{habit:?}");
    }
}

#[test]
fn every_part_can_be_left_out_or_replaced() {
    let package = || AppPackage::new("com.example.notes");
    let script = "
z = zipfile.ZipFile(path)
for n in ('Info.plist', 'Notes', 'embedded.mobileprovision', 'AppIcon60x60@2x.png', '_CodeSignature/CodeResources'):
    n = 'Payload/Notes.app/' + n
    print(len(z.read(n)) if n in z.namelist() else '-', end=' ')
";
    let rows = [
        (package().executable_bytes([1]).profile_bytes([1; 2]).icon_bytes([1; 3]), "1 2 3", "replaced"),
        (
            package().bundle(Bundle::without_executable).profile_bytes([1; 2]).icon_bytes([1; 3]),
            "- 2 3",
            "no executable",
        ),
        (package().executable_bytes([1]).without_profile().icon_bytes([1; 3]), "1 - 3", "no profile"),
        (package().executable_bytes([1]).profile_bytes([1; 2]).without_icon(), "1 2 -", "no icon"),
    ];
    let packages: Vec<_> =
        rows.iter().map(|(package, ..)| package.clone().file("Info.plist", "5byte").build()).collect();
    let Some(answers) = python(script, &packages) else { return };
    for ((_, expected, why), answer) in rows.iter().zip(answers) {
        assert!(answer.starts_with(&format!("5 {expected} ")), "{why}: {answer}");
    }
    let bare = package().without_file("Info.plist").without_file("_CodeSignature/CodeResources").build();
    let Some(answers) = python(script, &[bare]) else { return };
    assert!(answers[0].starts_with("- ") && answers[0].ends_with(" -"), "{}", answers[0]);
}

#[test]
fn bundles_and_clutter_lie_where_they_are_put() {
    let package = AppPackage::new("com.example.notes")
        .signing(SigningKind::InHouse)
        .payload_folder("Wrapped/Payload")
        .top_level(Entry::file("__MACOSX/Payload/._Notes.app", "x"))
        .nested(
            Bundle::new(BundleKind::Extension, "com.other.share", "Share")
                .nested_as(BundleKind::Framework, "Kit")
                .info(|info| info.set("CFBundleVersion", "7")),
        );
    let script = "
z = zipfile.ZipFile(path)
share = 'Wrapped/Payload/Notes.app/PlugIns/Share.appex/'
print(plistlib.loads(z.read(share + 'Info.plist'))['CFBundleVersion'], '__MACOSX/Payload/._Notes.app' in z.namelist())
print(plistlib.loads(z.read(share + 'Frameworks/Kit.framework/Info.plist'))['CFBundleIdentifier'])
print(b'ProvisionsAllDevices' in z.read(share + 'embedded.mobileprovision'))
";
    let Some(answers) = python(script, &[package.build()]) else { return };
    assert_eq!(answers, ["7 True\ncom.other.share.Kit\nTrue"]);
}

#[test]
fn profiles_list_the_leaf_of_the_chain_given() {
    let holds = |package: &AppPackage, chain: &Chain| {
        let profile = package.clone().habit(Habit::InfoZip).extension("widget").archive();
        let leaf = Value::Data(chain.leaf.certificate.der.clone());
        let listed = encode(&Value::Array(vec![leaf]), Format::Xml);
        // The list stands in the profile as in any property list, but deeper.
        let inner = |bytes: &[u8]| String::from_utf8_lossy(bytes).split_whitespace().collect::<String>();
        let wanted = inner(&listed);
        let wanted = wanted.split_once("<data>").unwrap().1.split_once("</data>").unwrap().0.to_owned();
        let script = "
z = zipfile.ZipFile(path)
print([''.join(z.read(n).decode('latin-1').split()) for n in z.namelist() if n.endswith('.mobileprovision')])";
        let stored = python(script, &[profile.build()])?;
        Some(stored[0].matches(&wanted).count())
    };
    let package = AppPackage::new("com.example.notes");
    let usual = Chain::new(TEAM, LeafKind::Distribution, AppPackage::NOW);
    let other = Chain::rsa(TEAM, LeafKind::Distribution, AppPackage::NOW);
    let Some(found) = holds(&package, &usual) else { return };
    assert_eq!(found, 2, "app and extension list the usual leaf");
    assert_eq!(holds(&package.clone().chain(&other), &other), Some(2), "or that of the chain given");
    assert_eq!(holds(&package.chain(&other), &usual), Some(0), "and no other");
}

#[test]
fn the_same_calls_give_the_same_bytes() {
    let package = || AppPackage::new("com.example.notes").extension("widget").framework("Kit");
    assert!(package().build() == package().build());
    assert!(package().build() != package().build_number("2").build());
}
