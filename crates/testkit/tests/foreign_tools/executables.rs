//! What `goblin`, which shares no code with the writer, reads in the executables made here.

use goblin::mach::load_command::CommandVariant;
use goblin::mach::{Mach, MachO as Read};
use testkit::macho::{Arch, MachO, Platform, fat, hostile};

/// The facts a package's reader looks for.
#[derive(Debug, Default, Eq, PartialEq)]
struct Found {
    uuid: bool,
    platform: Option<u32>,
    minimum_os: Option<u32>,
    cryptid: Option<u32>,
    signature: Option<(u32, u32)>,
}

fn found(macho: &Read) -> Found {
    let mut found = Found::default();
    for command in &macho.load_commands {
        match command.command {
            CommandVariant::Uuid(_) => found.uuid = true,
            CommandVariant::BuildVersion(version) => {
                found.platform = Some(version.platform);
                found.minimum_os = Some(version.minos);
            }
            CommandVariant::VersionMinIphoneos(version) => found.minimum_os = Some(version.version),
            CommandVariant::EncryptionInfo32(info) => found.cryptid = Some(info.cryptid),
            CommandVariant::EncryptionInfo64(info) => found.cryptid = Some(info.cryptid),
            CommandVariant::CodeSignature(data) => found.signature = Some((data.dataoff, data.datasize)),
            _ => {}
        }
    }
    found
}

#[test]
fn goblin_reads_what_was_asked_for() {
    let sound = || Found {
        uuid: true,
        platform: Some(2),
        minimum_os: Some(15 << 16),
        cryptid: Some(0),
        signature: None,
    };
    let executable = MachO::executable;
    for (macho, expected, why) in [
        (executable(Arch::Arm64), sound(), "the default"),
        (executable(Arch::Arm64e), sound(), "arm64e"),
        (executable(Arch::Armv7), sound(), "32 bits"),
        (executable(Arch::Arm64_32), sound(), "32-bit pointers"),
        (executable(Arch::Arm64).encrypted(1), Found { cryptid: Some(1), ..sound() }, "from the App Store"),
        (executable(Arch::Armv7).encrypted(1), Found { cryptid: Some(1), ..sound() }, "the same, 32 bits"),
        (executable(Arch::Arm64).without_encryption_info(), Found { cryptid: None, ..sound() }, "no cryptid"),
        (executable(Arch::Arm64).without_uuid(), Found { uuid: false, ..sound() }, "no UUID"),
        (
            executable(Arch::X86_64).build_version(Platform::IosSimulator, (16, 4), (17, 0)),
            Found { platform: Some(7), minimum_os: Some(16 << 16 | 4 << 8), ..sound() },
            "the simulator",
        ),
        (
            executable(Arch::Armv7).version_min_iphoneos((8, 1), (9, 3)),
            Found { platform: None, minimum_os: Some(8 << 16 | 1 << 8), ..sound() },
            "an old one",
        ),
        (
            executable(Arch::Arm64).without_version(),
            Found { platform: None, minimum_os: None, ..sound() },
            "no version",
        ),
        (
            executable(Arch::Arm64).signature_space(1000),
            Found { signature: Some((0x8010, 1008)), ..sound() },
            "room for a signature",
        ),
        (MachO::library(Arch::Arm64, "@rpath/Kit.framework/Kit"), sound(), "a library"),
    ] {
        let bytes = macho.build();
        let read = Read::parse(&bytes, 0).unwrap();
        assert_eq!(found(&read), expected, "{why}");
        let signature_end =
            expected.signature.map_or(bytes.len(), |(start, length)| (start + length) as usize);
        assert_eq!(bytes.len(), signature_end, "{why}: the signature ends the file");
        for segment in &read.segments {
            let end = segment.fileoff + segment.filesize;
            assert!(end <= bytes.len() as u64, "{why}: {:?} ends at {end}", segment.name());
        }
    }
}

#[test]
fn goblin_reads_names_and_entry_points() {
    let library = MachO::library(Arch::Arm64, "@rpath/Kit.framework/Kit").build();
    let library = Read::parse(&library, 0).unwrap();
    assert_eq!(library.name, Some("@rpath/Kit.framework/Kit"));
    assert_eq!(library.header.filetype, goblin::mach::header::MH_DYLIB);
    let executable = MachO::executable(Arch::Arm64).build();
    let executable = Read::parse(&executable, 0).unwrap();
    assert!(executable.libs.contains(&"/usr/lib/libSystem.B.dylib"), "{:?}", executable.libs);
    assert_eq!(executable.entry, 0x1_0000_4000);
}

#[test]
fn goblin_finds_every_slice() {
    let slices = [MachO::executable(Arch::Armv7), MachO::executable(Arch::Arm64).encrypted(1)];
    let bytes = fat(&slices);
    let Mach::Fat(multi) = Mach::parse(&bytes).unwrap() else { panic!("a fat file") };
    let arches = multi.arches().unwrap();
    for (arch, (slice, cpu)) in arches.iter().zip(slices.iter().zip([12, 0x0100_000c])) {
        assert_eq!(arch.cputype, cpu);
        assert_eq!(arch.slice(&bytes), slice.build());
    }
    assert_eq!(arches.len(), 2);
}

#[test]
fn padding_reaches_the_size_asked_for() {
    for wanted in [0, 40_000, 1 << 20] {
        let built = MachO::executable(Arch::Arm64).padded_to(wanted).build();
        assert!(built.len() >= wanted && built.len() < wanted + 0xc000, "{wanted}: {}", built.len());
        assert!(Read::parse(&built, 0).is_ok(), "{wanted}");
    }
}

#[test]
fn hostile_executables_are_all_different_and_none_is_sound() {
    let sound = MachO::executable(Arch::Arm64).build();
    let cases = hostile::cases();
    for (index, case) in cases.iter().enumerate() {
        assert_ne!(case.bytes, sound, "{}", case.what);
        for other in &cases[..index] {
            assert_ne!(case.bytes, other.bytes, "{} and {}", case.what, other.what);
        }
    }
}
