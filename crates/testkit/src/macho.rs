//! Mach-O executables and dynamic libraries: thin and fat, well formed, without real code in them.
//!
//! Layout after Apple's `<mach-o/loader.h>` and `<mach-o/fat.h>`.
//!
//! ```
//! use testkit::macho::{Arch, MachO, fat};
//!
//! let arm64 = MachO::executable(Arch::Arm64).encrypted(1).build();
//! let both = fat(&[MachO::executable(Arch::Armv7), MachO::executable(Arch::Arm64)]);
//! assert_eq!(arm64[..4], 0xfeed_facf_u32.to_le_bytes());
//! assert_eq!(both[..4], 0xcafe_babe_u32.to_be_bytes());
//! ```

pub mod hostile;

use sha2::{Digest as _, Sha256};

/// Where segments begin: the page of arm64.
const PAGE: usize = 0x4000;

/// A processor.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Arch {
    /// Every device since 2013.
    Arm64,
    /// With pointer authentication.
    Arm64e,
    /// Apple Watch since Series 4.
    Arm64_32,
    /// Devices before 2013.
    Armv7,
    /// The simulator on an Intel Mac.
    X86_64,
}

impl Arch {
    /// `cputype` and `cpusubtype`.
    fn cpu(self) -> [u32; 2] {
        match self {
            Self::Arm64 => [0x0100_000c, 0],
            Self::Arm64e => [0x0100_000c, 0x8000_0002],
            Self::Arm64_32 => [0x0200_000c, 1],
            Self::Armv7 => [12, 9],
            Self::X86_64 => [0x0100_0007, 3],
        }
    }

    fn is_64_bit(self) -> bool {
        !matches!(self, Self::Armv7 | Self::Arm64_32)
    }
}

/// What the binary was built for, as `LC_BUILD_VERSION` numbers it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Platform {
    /// 1.
    MacOs,
    /// 2: iPhone and iPad.
    Ios,
    /// 3.
    TvOs,
    /// 4.
    WatchOs,
    /// 6.
    MacCatalyst,
    /// 7.
    IosSimulator,
    /// 9.
    WatchOsSimulator,
    /// 11.
    VisionOs,
    /// Another number.
    Other(u32),
}

impl Platform {
    fn number(self) -> u32 {
        match self {
            Self::MacOs => 1,
            Self::Ios => 2,
            Self::TvOs => 3,
            Self::WatchOs => 4,
            Self::MacCatalyst => 6,
            Self::IosSimulator => 7,
            Self::WatchOsSimulator => 9,
            Self::VisionOs => 11,
            Self::Other(number) => number,
        }
    }
}

/// How the binary says what it was built for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Target {
    Build { platform: Platform, minimum_os: u32, sdk: u32 },
    VersionMinIphoneOs { minimum_os: u32, sdk: u32 },
    Unsaid,
}

/// One thin Mach-O to be written.
#[derive(Clone, Debug)]
#[must_use]
pub struct MachO {
    arch: Arch,
    library: Option<String>,
    uuid: Option<[u8; 16]>,
    target: Target,
    cryptid: Option<u32>,
    signature_bytes: usize,
    size_bytes: usize,
    code: Option<Vec<u8>>,
    extra_commands: Vec<Vec<u8>>,
}

impl MachO {
    /// An executable for iOS 15.0 made with the SDK 18.0, not encrypted, whose UUID follows from `arch`.
    pub fn executable(arch: Arch) -> Self {
        Self {
            arch,
            library: None,
            uuid: Some(digest_uuid(&format!("{arch:?}"))),
            target: Target::Build {
                platform: Platform::Ios,
                minimum_os: version(15, 0),
                sdk: version(18, 0),
            },
            cryptid: Some(0),
            signature_bytes: 0,
            size_bytes: 0,
            code: None,
            extra_commands: Vec::new(),
        }
    }

    /// A dynamic library that calls itself `install_name`, such as `@rpath/Kit.framework/Kit`.
    pub fn library(arch: Arch, install_name: &str) -> Self {
        Self {
            library: Some(install_name.to_owned()),
            uuid: Some(digest_uuid(&format!("{arch:?} {install_name}"))),
            ..Self::executable(arch)
        }
    }

    /// The processor it is for.
    #[must_use]
    pub fn arch(&self) -> Arch {
        self.arch
    }

    /// The UUID debuggers match symbols by.
    pub fn uuid(mut self, uuid: [u8; 16]) -> Self {
        self.uuid = Some(uuid);
        self
    }

    /// A UUID that follows from `seed`.
    pub fn uuid_from(self, seed: &str) -> Self {
        self.uuid(digest_uuid(seed))
    }

    /// Leaves `LC_UUID` out.
    pub fn without_uuid(mut self) -> Self {
        self.uuid = None;
        self
    }

    /// `LC_BUILD_VERSION`: platform, minimum OS and SDK, each version as (major, minor).
    pub fn build_version(mut self, platform: Platform, minimum_os: (u16, u8), sdk: (u16, u8)) -> Self {
        self.target = Target::Build {
            platform,
            minimum_os: version(minimum_os.0, minimum_os.1),
            sdk: version(sdk.0, sdk.1),
        };
        self
    }

    /// `LC_VERSION_MIN_IPHONEOS`, as written before Xcode 10.
    pub fn version_min_iphoneos(mut self, minimum_os: (u16, u8), sdk: (u16, u8)) -> Self {
        self.target = Target::VersionMinIphoneOs {
            minimum_os: version(minimum_os.0, minimum_os.1),
            sdk: version(sdk.0, sdk.1),
        };
        self
    }

    /// Says nothing about platform and versions.
    pub fn without_version(mut self) -> Self {
        self.target = Target::Unsaid;
        self
    }

    /// `cryptid` of the encryption command: 1 is a copy from the App Store.
    pub fn encrypted(mut self, cryptid: u32) -> Self {
        self.cryptid = Some(cryptid);
        self
    }

    /// Leaves the encryption command out, as simulators and dynamic tools do.
    pub fn without_encryption_info(mut self) -> Self {
        self.cryptid = None;
        self
    }

    /// Reserves so many bytes of zero for a signature at the end, and says so in `LC_CODE_SIGNATURE`.
    pub fn signature_space(mut self, bytes: usize) -> Self {
        self.signature_bytes = bytes.next_multiple_of(16);
        self
    }

    /// Makes the file at least so long, by code that does nothing.
    pub fn padded_to(mut self, bytes: usize) -> Self {
        self.size_bytes = bytes;
        self
    }

    /// Puts these bytes, over and over, where else code stands that does nothing.
    pub fn code(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.code = Some(bytes.into());
        self
    }

    /// Adds a load command: its number and what follows its length. For commands that lie, see [`Self::raw_command`].
    pub fn command(self, number: u32, body: &[u8]) -> Self {
        let command = command(number, body, if self.arch.is_64_bit() { 8 } else { 4 });
        self.raw_command(command)
    }

    /// Adds bytes that count as one load command.
    pub fn raw_command(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.extra_commands.push(bytes.into());
        self
    }

    /// The file.
    #[must_use]
    pub fn build(&self) -> Vec<u8> {
        // The text segment starts at the header and ends on a page; the code lies in its last page or pages.
        let link_bytes = 16 + self.signature_bytes;
        let text_bytes = self.size_bytes.saturating_sub(link_bytes).next_multiple_of(PAGE).max(2 * PAGE);
        let commands = self.commands(text_bytes);
        let commands_bytes: usize = commands.iter().map(Vec::len).sum();
        let magic = if self.arch.is_64_bit() { 0xfeed_facf_u32 } else { 0xfeed_face };
        let [cpu, subtype] = self.arch.cpu();
        // MH_NOUNDEFS, MH_DYLDLINK, MH_TWOLEVEL; MH_PIE for executables, MH_NO_REEXPORTED_DYLIBS for libraries.
        let (kind, flags) = if self.library.is_some() { (6, 0x0010_0085) } else { (2, 0x0020_0085) };
        let mut out = words(&[magic, cpu, subtype, kind, size(commands.len()), size(commands_bytes), flags]);
        if self.arch.is_64_bit() {
            out.extend([0; 4]);
        }
        out.extend(commands.concat());
        out.resize(out.len().max(PAGE), 0);
        let filler = self.filler();
        let code = self.code.as_deref().unwrap_or(filler);
        out.extend(code.iter().cycle().take(text_bytes - PAGE));
        out.extend(vec![0; link_bytes]);
        out
    }

    fn commands(&self, text_bytes: usize) -> Vec<Vec<u8>> {
        let align = if self.arch.is_64_bit() { 8 } else { 4 };
        let link_bytes = 16 + self.signature_bytes;
        let mut commands = Vec::new();
        let base: u64 = match (&self.library, self.arch.is_64_bit()) {
            (Some(_), _) => 0,
            (None, true) => 0x1_0000_0000,
            (None, false) => 0x4000,
        };
        if self.library.is_none() {
            commands.push(self.segment("__PAGEZERO", [0, base, 0, 0], [0, 0], None));
        }
        let text = text_bytes as u64;
        commands.push(self.segment("__TEXT", [base, text, 0, text], [5, 5], Some(PAGE)));
        let link = (link_bytes as u64).next_multiple_of(PAGE as u64);
        commands.push(self.segment("__LINKEDIT", [base + text, link, text, link_bytes as u64], [1, 1], None));
        if let Some(name) = &self.library {
            commands.push(library_command(0x0d, name, align));
        }
        // LC_SYMTAB: no symbols, an empty string table of 16 bytes.
        commands.push(command(0x02, &words(&[size(text_bytes), 0, size(text_bytes), 16]), align));
        if self.library.is_none() {
            // LC_LOAD_DYLINKER
            commands.push(command(0x0e, &[&words(&[12]), &b"/usr/lib/dyld\0"[..]].concat(), align));
        }
        commands.extend(self.uuid.map(|uuid| command(0x1b, &uuid, align)));
        match self.target {
            Target::Build { platform, minimum_os, sdk } => {
                commands.push(command(0x32, &words(&[platform.number(), minimum_os, sdk, 0]), align));
            }
            Target::VersionMinIphoneOs { minimum_os, sdk } => {
                commands.push(command(0x25, &words(&[minimum_os, sdk]), align));
            }
            Target::Unsaid => {}
        }
        if self.library.is_none() {
            // LC_MAIN: entry at the first byte of code, default stack.
            commands.push(command(0x8000_0028, &words(&[size(PAGE), 0, 0, 0]), align));
        }
        commands.push(library_command(0x0c, "/usr/lib/libSystem.B.dylib", align));
        if let Some(cryptid) = self.cryptid {
            let range = [size(PAGE), size(text_bytes - PAGE), cryptid];
            commands.push(if self.arch.is_64_bit() {
                command(0x2c, &words(&[range[0], range[1], range[2], 0]), align)
            } else {
                command(0x21, &words(&range), align)
            });
        }
        commands.extend(self.extra_commands.iter().cloned());
        if self.signature_bytes > 0 {
            commands.push(command(0x1d, &words(&[size(text_bytes + 16), size(self.signature_bytes)]), align));
        }
        commands
    }

    /// A segment command; `place` is address, size in memory, offset and size in the file; with code from
    /// `code_from` to its end, it has a section for it.
    fn segment(
        &self,
        name: &str,
        place: [u64; 4],
        protection: [u32; 2],
        code_from: Option<usize>,
    ) -> Vec<u8> {
        let wide = self.arch.is_64_bit();
        let number = |value: u64| {
            if wide {
                value.to_le_bytes().to_vec()
            } else {
                words(&[u32::try_from(value).expect("small files have small addresses")])
            }
        };
        let mut body = padded(name);
        body.extend(place.into_iter().flat_map(number));
        body.extend(words(&[protection[0], protection[1], u32::from(code_from.is_some()), 0]));
        if let Some(start) = code_from {
            body.extend(padded("__text"));
            body.extend(padded(name));
            body.extend(number(place[0] + start as u64));
            body.extend(number(place[1] - start as u64));
            // Offset, alignment 2^2, no relocations, only instructions.
            body.extend(words(&[size(start), 2, 0, 0, 0x8000_0400, 0, 0]));
            if wide {
                body.extend([0; 4]);
            }
        }
        command(if wide { 0x19 } else { 0x01 }, &body, 4)
    }

    /// One instruction that does nothing, over and over; the first returns.
    fn filler(&self) -> &'static [u8] {
        match self.arch {
            Arch::Arm64 | Arch::Arm64e | Arch::Arm64_32 => &[0xc0, 0x03, 0x5f, 0xd6, 0x1f, 0x20, 0x03, 0xd5],
            Arch::Armv7 => &[0x1e, 0xff, 0x2f, 0xe1],
            Arch::X86_64 => &[0xc3, 0x90],
        }
    }
}

/// A fat file of these slices, each on a page of 16 KiB.
#[must_use]
pub fn fat(slices: &[MachO]) -> Vec<u8> {
    fat_of(&slices.iter().map(|slice| (slice.arch, slice.build())).collect::<Vec<_>>())
}

/// The same of slices that are built, and perhaps signed, already.
#[must_use]
pub fn fat_of(built: &[(Arch, Vec<u8>)]) -> Vec<u8> {
    let big = |values: &[u32]| values.iter().flat_map(|value| value.to_be_bytes()).collect::<Vec<_>>();
    let mut header = big(&[0xcafe_babe, size(built.len())]);
    let mut body = Vec::new();
    for (arch, bytes) in built {
        body.resize(body.len().next_multiple_of(PAGE), 0);
        let [cpu, subtype] = arch.cpu();
        header.extend(big(&[cpu, subtype, size(PAGE + body.len()), size(bytes.len()), 14]));
        body.extend(bytes);
    }
    header.resize(PAGE, 0);
    [header, body].concat()
}

/// A UUID that follows from a text, marked as version 4.
fn digest_uuid(seed: &str) -> [u8; 16] {
    let mut uuid = [0; 16];
    uuid.copy_from_slice(&Sha256::digest(seed.as_bytes())[..16]);
    uuid[6] = uuid[6] & 0x0f | 0x40;
    uuid[8] = uuid[8] & 0x3f | 0x80;
    uuid
}

fn version(major: u16, minor: u8) -> u32 {
    u32::from(major) << 16 | u32::from(minor) << 8
}

/// A load command, its body filled up with zeros to `align` bytes.
fn command(number: u32, body: &[u8], align: usize) -> Vec<u8> {
    let length = (8 + body.len()).next_multiple_of(align);
    let mut out = words(&[number, size(length)]);
    out.extend(body);
    out.resize(length, 0);
    out
}

/// A command that names a library: name at 24, time stamp 2, versions 1.0.0.
fn library_command(number: u32, name: &str, align: usize) -> Vec<u8> {
    let mut body = words(&[24, 2, 0x0001_0000, 0x0001_0000]);
    body.extend(name.as_bytes());
    body.push(0);
    command(number, &body, align)
}

fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// A name in a field of 16 bytes.
fn padded(name: &str) -> Vec<u8> {
    let mut field = name.as_bytes().to_vec();
    field.resize(16, 0);
    field
}

fn size(bytes: usize) -> u32 {
    u32::try_from(bytes).expect("test files stay below 4 GiB")
}
