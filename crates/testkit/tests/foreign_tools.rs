//! What other people's tools say about the bytes made here: Python's `zipfile` and `plistlib`, `unzip`, `openssl`.

use std::process::Command;

use tempfile::TempDir;
use testkit::app::AppPackage;
use testkit::cms::Encoding;
use testkit::icon::Icon;
use testkit::pki::{Chain, ChainFault, Digest, LeafKind};
use testkit::plist::{Dictionary, Format, Value, encode};
use testkit::profile::{Profile, SigningKind, TEAM};
use testkit::zip::{Archive, Content, Descriptor, Entry, Habit, Zip64};

/// Runs a tool on files; `None`, said loudly, when it is not installed.
#[expect(
    clippy::print_stdout,
    reason = "a comparison that did not happen must not look like one that passed"
)]
fn run(tool: &str, arguments: &[&str]) -> Option<Answer> {
    match Command::new(tool).args(arguments).output() {
        Ok(output) => Some(Answer {
            succeeded: output.status.success(),
            out: output.stdout.clone(),
            text: format!(
                "{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            ),
        }),
        Err(error) => {
            println!("SKIPPED: {tool} did not start ({error}); nothing was compared with it");
            None
        }
    }
}

struct Answer {
    succeeded: bool,
    out: Vec<u8>,
    text: String,
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(TempDir::new().expect("a folder for temporary files"))
    }

    fn write(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, bytes).expect("room for a file");
        path.to_str().expect("temporary folders have plain names").to_owned()
    }
}

/// Runs Python on `script` with one file as its argument; it prints what it finds.
fn python(script: &str, file: &str) -> Option<Answer> {
    run("python3", &["-c", script, file])
}

const LIST: &str = "
import sys, zipfile
z = zipfile.ZipFile(sys.argv[1])
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
    let folder = Folder::new();
    for habit in Habit::ALL {
        let file = folder.write("a.zip", &sample(habit).build());
        if let Some(answer) = python(LIST, &file) {
            assert!(answer.succeeded, "{habit:?}: {}", answer.text);
            assert_eq!(answer.text.lines().count(), 6, "{habit:?}: {}", answer.text);
            assert!(answer.text.contains("Payload/Zürich.txt 2 "), "{habit:?}: {}", answer.text);
        }
        if let Some(answer) = run("unzip", &["-t", &file]) {
            assert!(answer.succeeded, "{habit:?}: {}", answer.text);
        }
    }
}

#[test]
fn python_and_unzip_read_every_descriptor_and_zip64_form() {
    let folder = Folder::new();
    let forms = [
        Descriptor::None,
        Descriptor::Signed,
        Descriptor::Unsigned,
        Descriptor::SignedZip64,
        Descriptor::UnsignedZip64,
        Descriptor::Promised,
    ];
    for descriptor in forms {
        for zip64 in [Zip64::WhereNeeded, Zip64::Always] {
            let entry = || Entry::file("a", "deflate ".repeat(50)).descriptor(descriptor).zip64(zip64);
            let archive =
                Archive::new().entry(entry()).entry(entry().stored().extra(0x9999, b"any")).zip64_end(zip64);
            let file = folder.write("a.zip", &archive.prefix(*b"before").build());
            if let Some(answer) = python(LIST, &file) {
                assert!(answer.succeeded, "{descriptor:?} {zip64:?}: {}", answer.text);
                assert_eq!(
                    answer.text.matches("a 400 ").count(),
                    2,
                    "{descriptor:?} {zip64:?}: {}",
                    answer.text
                );
            }
        }
    }
}

#[test]
fn sizes_past_four_gib_go_to_the_zip64_field() {
    let entry = Entry::file("a", "x").descriptor(Descriptor::None).edit_both(|header| header.size = 5 << 30);
    let folder = Folder::new();
    let file = folder.write("a.zip", &Archive::new().entry(entry).build());
    let script = "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).getinfo('a').file_size)";
    let Some(answer) = python(script, &file) else { return };
    assert_eq!(answer.text, "5368709120\n");
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

#[test]
fn python_reads_property_lists_in_every_format() {
    let folder = Folder::new();
    let value =
        Value::Dictionary(Dictionary::from_iter([("a", Value::from("ö & <b>")), ("n", Value::from(-5))]));
    for format in [Format::Binary, Format::Xml, Format::XmlUtf16] {
        let file = folder.write("a.plist", &encode(&value, format));
        let script =
            "import sys, plistlib; d = plistlib.load(open(sys.argv[1], 'rb')); print(d['a'], d['n'])";
        let Some(answer) = python(script, &file) else { return };
        assert_eq!(answer.text, "ö & <b> -5\n", "{format:?}");
    }
}

#[test]
fn openssl_accepts_profiles_of_every_kind_and_encoding() {
    let folder = Folder::new();
    let now = AppPackage::NOW;
    for kind in SigningKind::ALL {
        for (chain, keys) in [
            (Chain::new(TEAM, kind.leaf(), now), "P-256"),
            (Chain::rsa(TEAM, kind.leaf(), now), "RSA"),
            (Chain::rsa_sha1(TEAM, kind.leaf(), now), "RSA, SHA-1"),
        ] {
            for (encoding, digest) in [
                (Encoding::Der, Digest::Sha256),
                (Encoding::Ber, Digest::Sha256),
                (Encoding::Der, Digest::Sha1),
            ] {
                let what = format!("{kind:?}, {keys}, {encoding:?}, {digest:?}");
                let profile = Profile::new(kind, "com.example.notes", now)
                    .chain(&chain)
                    .encoding(encoding)
                    .digest(digest);
                let file = folder.write("p", &profile.build());
                let arguments = ["cms", "-verify", "-inform", "DER", "-noverify", "-in", &file];
                let Some(answer) = run("openssl", &arguments) else { return };
                assert!(answer.succeeded, "{what}: {}", answer.text);
                assert_eq!(answer.out, profile.bare(), "{what}");
            }
        }
    }
}

#[test]
fn openssl_refuses_profiles_that_were_changed() {
    let folder = Folder::new();
    let profile = Profile::new(SigningKind::AdHoc, "com.example.notes", AppPackage::NOW);
    for (bytes, why) in [
        (profile.tampered(), "another list"),
        (profile.with_broken_signature(), "a broken signature"),
        (profile.unsigned(), "no signature"),
        (profile.bare(), "no CMS"),
    ] {
        let file = folder.write("p", &bytes);
        let arguments = ["cms", "-verify", "-inform", "DER", "-noverify", "-in", &file];
        let Some(answer) = run("openssl", &arguments) else { return };
        assert!(!answer.succeeded, "{why}");
    }
}

#[test]
fn openssl_verifies_sound_chains_and_refuses_broken_ones() {
    let folder = Folder::new();
    let now = AppPackage::NOW;
    let verify = |chain: &Chain| {
        let root = folder.write("root.pem", chain.root.certificate.pem().as_bytes());
        let middle = folder.write("middle.pem", chain.intermediate.certificate.pem().as_bytes());
        let leaf = folder.write("leaf.pem", chain.leaf.certificate.pem().as_bytes());
        let time = now.unix_timestamp().to_string();
        // Apple's marker in the leaf is critical and unknown to openssl.
        let fixed = ["verify", "-ignore_critical", "-x509_strict", "-attime", &time];
        run("openssl", &[&fixed[..], &["-CAfile", &root, "-untrusted", &middle, &leaf]].concat())
    };
    for kind in [LeafKind::Development, LeafKind::Distribution, LeafKind::InHouse] {
        for (chain, keys) in [(Chain::new(TEAM, kind, now), "P-256"), (Chain::rsa(TEAM, kind, now), "RSA")] {
            let Some(answer) = verify(&chain) else { return };
            assert!(answer.succeeded, "{kind:?}, {keys}: {}", answer.text);
        }
    }
    for (fault, said) in [
        (ChainFault::LeafExpired, "certificate has expired"),
        (ChainFault::LeafNotYetValid, "certificate is not yet valid"),
        (ChainFault::IntermediateExpired, "certificate has expired"),
        (ChainFault::LeafForged, "certificate signature failure"),
        (ChainFault::IntermediateForged, "certificate signature failure"),
        (ChainFault::IntermediateNotAnAuthority, "invalid CA certificate"),
    ] {
        let Some(answer) = verify(&Chain::with_fault(TEAM, LeafKind::Distribution, now, fault)) else {
            return;
        };
        assert!(!answer.succeeded && answer.text.contains(said), "{fault:?}: {}", answer.text);
    }
}

#[test]
fn openssl_reads_the_keys() {
    let folder = Folder::new();
    let chain = Chain::new(TEAM, LeafKind::Distribution, AppPackage::NOW);
    let rsa = Chain::rsa(TEAM, LeafKind::Distribution, AppPackage::NOW);
    for (identity, what) in [(&chain.leaf, "P-256"), (&rsa.leaf, "RSA")] {
        let file = folder.write("key.pem", identity.key_pem().as_bytes());
        let Some(answer) = run("openssl", &["pkey", "-in", &file, "-check", "-pubout", "-outform", "DER"])
        else {
            return;
        };
        assert!(answer.succeeded, "{what}: {}", answer.text);
        let public = identity.key.public_key_info();
        assert!(
            answer.out.windows(public.len()).any(|bytes| bytes == public),
            "{what}: the public keys differ"
        );
    }
}

#[test]
fn python_finds_a_whole_app_in_a_package() {
    let script = "
import sys, zipfile, plistlib, hashlib
z = zipfile.ZipFile(sys.argv[1])
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
print(z.getinfo(app + 'Notes').external_attr >> 16 & 0o777 == 0o755)
";
    let package = AppPackage::new("com.example.notes")
        .version("1.2.3")
        .build_number("456")
        .extension("widget")
        .watch_app("watchkitapp")
        .app_clip("Clip")
        .framework("Kit");
    let folder = Folder::new();
    for habit in Habit::ALL {
        let file = folder.write("a.ipa", &package.clone().habit(habit).build());
        let Some(answer) = python(script, &file) else { return };
        let mode_kept = habit != Habit::Jar;
        let expected =
            format!("com.example.notes 1.2.3 456 15.0\n{}\n", if mode_kept { "True" } else { "False" });
        assert_eq!(answer.text, expected, "{habit:?}");
    }
}

#[test]
fn python_inflates_icons_to_their_pixels() {
    let script = "
import sys, zlib, struct
d = open(sys.argv[1], 'rb').read()
p, idat, names = 8, b'', []
while p < len(d):
    n, = struct.unpack('>I', d[p:p+4]); k = d[p+4:p+8]; names.append(k.decode())
    assert zlib.crc32(d[p+4:p+8+n]) == struct.unpack('>I', d[p+8+n:p+12+n])[0], k
    if k == b'IDAT': idat += d[p+8:p+8+n]
    p += 12 + n
crushed = names[0] == 'CgBI'
raw = zlib.decompress(idat, -15 if crushed else 15)
print(' '.join(names), len(raw), sum(raw[1:9]))
";
    let folder = Folder::new();
    let bytes = 20 * (1 + 20 * 4);
    // The first two pixels: (0, 0, 128, 255) and (13, 0, 128, 242), the latter multiplied when crushed.
    let plain = 128 + 255 + 13 + 128 + 242;
    let multiplied = 128 + 255 + 121 + 12 + 242;
    let icon = Icon::new(20).fading();
    for (png, expected, why) in [
        (icon.png(), format!("IHDR sRGB IDAT IEND {bytes} {plain}\n"), "plain"),
        (icon.crushed(), format!("CgBI IHDR IDAT IEND {bytes} {multiplied}\n"), "crushed"),
        (icon.crushed_in_two(), format!("CgBI IHDR iDOT IDAT IDAT IEND {bytes} {multiplied}\n"), "in two"),
    ] {
        let Some(answer) = python(script, &folder.write("a.png", &png)) else { return };
        assert_eq!(answer.text, expected, "{why}");
    }
}

#[test]
fn the_same_calls_give_the_same_bytes() {
    let package = || AppPackage::new("com.example.notes").extension("widget").framework("Kit");
    assert!(package().build() == package().build());
    assert!(package().build() != package().build_number("2").build());
}
