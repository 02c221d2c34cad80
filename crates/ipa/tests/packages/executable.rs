use ipa::{Archive, Cpu, Encryption, Executable, ExecutableError, Fact, ImageUuid, Limits, Platform};
use testkit::macho::{self, Arch, MachO};
use testkit::zip::{self, Entry};

fn read(entry: Entry, limit_bytes: u64) -> Result<Executable, ExecutableError> {
    let bytes = zip::Archive::new().entry(entry).build();
    let archive = Archive::open(&bytes, &Limits::default()).unwrap();
    let mut reader = archive.reader(&archive.find("Notes").unwrap())?;
    Executable::read(&mut reader, limit_bytes)
}

fn deflated(content: Vec<u8>) -> Entry {
    Entry::file("Notes", content).deflated()
}

#[test]
fn a_thin_executable_says_what_it_is_for() {
    let content = MachO::executable(Arch::Arm64)
        .uuid([0xa1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0xff])
        .build_version(macho::Platform::Ios, (14, 3), (17, 5))
        .encrypted(1)
        .build();
    let executable = read(deflated(content), 0).unwrap();
    let [slice] = &executable.slices[..] else {
        panic!("one slice");
    };
    assert_eq!((slice.cpu, slice.offset), (Cpu::Arm64, 0));
    assert_eq!(slice.cpu.to_string(), "arm64");
    assert_eq!(
        slice.uuid.known().map(ImageUuid::to_string).as_deref(),
        Some("A1020304-0506-0708-090A-0B0C0D0E0FFF")
    );
    assert_eq!(slice.platform, Fact::Known(Platform::Ios));
    assert_eq!(slice.minimum_os, Fact::Known("14.3".parse().unwrap()));
    assert_eq!(slice.sdk, Fact::Known("17.5".parse().unwrap()));
    assert_eq!(slice.encryption, Fact::Known(Encryption::Encrypted(1)));
}

#[test]
fn older_and_barer_executables_say_less() {
    let old = MachO::executable(Arch::Arm64).version_min_iphoneos((9, 3), (10, 0)).encrypted(0);
    let slice = read(deflated(old.build()), 0).unwrap().slices.remove(0);
    assert_eq!(slice.platform, Fact::Known(Platform::Ios));
    assert_eq!(slice.minimum_os, Fact::Known("9.3".parse().unwrap()));
    assert_eq!(slice.encryption, Fact::Known(Encryption::None));

    let bare = MachO::executable(Arch::Arm64).without_uuid().without_version().without_encryption_info();
    let slice = read(deflated(bare.build()), 0).unwrap().slices.remove(0);
    assert_eq!((slice.uuid, slice.platform), (Fact::Absent, Fact::Absent));
    assert_eq!((slice.minimum_os, slice.encryption), (Fact::Absent, Fact::Absent));
}

#[test]
fn each_slice_of_a_fat_executable_is_read() {
    let slices = [MachO::executable(Arch::Armv7), MachO::executable(Arch::Arm64).padded_to(3 << 20)];
    let content = macho::fat(&slices);
    for entry in [deflated(content.clone()), Entry::file("Notes", content).stored()] {
        let executable = read(entry, 32 << 20).unwrap();
        assert_eq!(
            executable.slices.iter().map(|slice| slice.cpu).collect::<Vec<_>>(),
            [Cpu::Armv7, Cpu::Arm64]
        );
        assert!(executable.slices.iter().all(|slice| slice.uuid.known().is_some()), "{executable:?}");
    }
}

#[test]
fn a_slice_too_far_to_inflate_is_not_measured() {
    let content =
        macho::fat(&[MachO::executable(Arch::Armv7).padded_to(1 << 20), MachO::executable(Arch::Arm64)]);
    let executable = read(deflated(content.clone()), 100_000).unwrap();
    assert!(executable.slices[0].uuid.known().is_some());
    assert_eq!(executable.slices[1].cpu, Cpu::Arm64);
    let Fact::NotMeasured(reason) = &executable.slices[1].uuid else {
        panic!("measured: {executable:?}");
    };
    assert!(reason.ends_with("and only 100000 bytes are inflated to find it"), "{reason}");

    // Where nothing needs to be inflated, nothing is far.
    let executable = read(Entry::file("Notes", content).stored(), 100_000).unwrap();
    assert!(executable.slices[1].uuid.known().is_some());
}

#[test]
fn hostile_executables_are_refused_and_no_more() {
    for case in macho::hostile::cases() {
        for entry in [deflated(case.bytes.clone()), Entry::file("Notes", case.bytes.clone()).stored()] {
            if let Ok(executable) = read(entry, 1 << 20) {
                assert!(executable.slices.len() <= 16, "{}", case.what);
            }
        }
    }
    for (bytes, expected) in [
        (&b""[..], "this is no Mach-O file: it starts with the bytes "),
        (b"#!/bin/sh", "this is no Mach-O file: it starts with the bytes 23 21 2f 62"),
        (
            b"\xca\xfe\xba\xbe\x00\x00\x00\x41",
            "the executable is damaged at byte 8: a fat header with no slice, or with more than 16",
        ),
        (b"\xcf\xfa\xed\xfe\x0c\x00\x00\x01", "the executable is damaged at byte 8: it ends too early"),
    ] {
        assert_eq!(read(Entry::file("Notes", bytes), 0).unwrap_err().to_string(), expected);
    }
}
