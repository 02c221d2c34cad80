//! Whatever the bytes of the files in it, a package's app is told. The first byte says which file the others are.
#![no_main]

use ipa::{Archive, Depth, Inspection, Limits};
use libfuzzer_sys::fuzz_target;

const INFO: &[u8] = b"<plist><dict><key>CFBundleExecutable</key><string>Demo</string></dict></plist>";

fuzz_target!(|bytes: &[u8]| {
    let Some((which, content)) = bytes.split_first() else { return };
    let name = match which % 5 {
        0 => "Info.plist",
        1 => "Demo",
        2 => "fr.lproj/InfoPlist.strings",
        3 => "_CodeSignature/CodeResources",
        _ => "embedded.mobileprovision",
    };
    let mut files = vec![(format!("Payload/Demo.app/{name}"), content)];
    if which % 5 != 0 {
        files.push(("Payload/Demo.app/Info.plist".to_owned(), INFO));
    }
    let (archive, limits) = (stored(&files), Limits::default());
    let archive = Archive::open(&archive, &limits).expect("the archive is sound");
    let package = Inspection::new(Depth::Deep).of(&archive, &limits).expect("there is an app");
    assert_eq!(package.app.path, "Payload/Demo.app");
});

/// An archive of these files, none of them compressed.
fn stored(files: &[(String, &[u8])]) -> Vec<u8> {
    let (mut archive, mut directory) = (Vec::new(), Vec::new());
    for (name, content) in files {
        let offset = (archive.len() as u32).to_le_bytes();
        let size = (content.len() as u32).to_le_bytes();
        let length = (name.len() as u16).to_le_bytes();
        let crc32 = crc32(content).to_le_bytes();
        let middle = [&[20, 0, 0, 0, 0, 0, 0, 0, 0, 0], &crc32[..], &size, &size, &length, &[0, 0]].concat();
        directory.extend([b"PK\x01\x02", &[20, 3][..], &middle, &[0; 10], &offset, name.as_bytes()].concat());
        archive.extend([b"PK\x03\x04", &middle[..], name.as_bytes(), content].concat());
    }
    let count = (files.len() as u16).to_le_bytes();
    let place = (archive.len() as u32).to_le_bytes();
    let size = (directory.len() as u32).to_le_bytes();
    archive.extend(directory);
    archive.extend([b"PK\x05\x06", &[0; 4][..], &count, &count, &size, &place, &[0, 0]].concat());
    archive
}

fn crc32(content: &[u8]) -> u32 {
    !content.iter().fold(!0, |mut crc, byte| {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = crc >> 1 ^ if crc & 1 == 1 { 0xedb8_8320 } else { 0 };
        }
        crc
    })
}
