//! What an executable says about itself, read from its first pages.
//!
//! The load commands are read here rather than by a library for object files: those want the whole file in memory,
//! and here the file comes in pieces, inflated, from where it lies, and only its beginning.

use std::fmt;

use crate::bytes::{array_at, u32_at};
use crate::{ArchiveError, EntryReader, Fact, OsVersion, Platform};

/// A Mach-O file, thin or fat.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Executable {
    /// One for each processor, in the order of the file; never empty.
    pub slices: Vec<Slice>,
}

/// The part of an executable that is for one processor.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Slice {
    /// The processor.
    pub cpu: Cpu,
    /// Where the slice starts in the file.
    pub offset: u64,
    /// Its identifier, which crash reports name too (`LC_UUID`).
    pub uuid: Fact<ImageUuid>,
    /// Whether the App Store has encrypted it (`cryptid` of `LC_ENCRYPTION_INFO_64`): such a copy runs nowhere else.
    pub encryption: Fact<Encryption>,
    /// The system it is built for (`LC_BUILD_VERSION`, or `LC_VERSION_MIN_…` in older files).
    pub platform: Fact<Platform>,
    /// The oldest system it runs on.
    pub minimum_os: Fact<OsVersion>,
    /// The SDK it is built with.
    pub sdk: Fact<OsVersion>,
    /// Where its code signature lies, counted from the start of the slice (`LC_CODE_SIGNATURE`).
    pub code_signature: Fact<SignaturePlace>,
}

/// Whether a slice is encrypted.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Encryption {
    /// `cryptid` is 0: room for it, as the linker leaves, and nothing encrypted.
    None,
    /// `cryptid` is this other number; the App Store writes 1.
    Encrypted(u32),
}

/// Where a code signature lies.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SignaturePlace {
    /// Where it starts, counted from the start of its slice.
    pub offset: u32,
    /// Its size.
    pub size_bytes: u32,
}

/// The identifier of an executable's slice. It is shown as crash reports and `dwarfdump` show it: upper case, 8-4-4-4-12.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct ImageUuid(pub [u8; 16]);

impl fmt::Display for ImageUuid {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, byte) in self.0.iter().enumerate() {
            if matches!(place, 4 | 6 | 8 | 10) {
                formatter.write_str("-")?;
            }
            write!(formatter, "{byte:02X}")?;
        }
        Ok(())
    }
}

/// A processor, by the names that Apple's tools give.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
#[non_exhaustive]
pub enum Cpu {
    /// Every device since 2013.
    Arm64,
    /// Devices since 2018, for the system's own code.
    Arm64e,
    /// Watches since 2018.
    Arm64_32,
    /// Devices from 2009 on, up to iOS 10.
    Armv7,
    /// iPhone 5 and its like, up to iOS 10.
    Armv7s,
    /// Watches up to 2017.
    Armv7k,
    /// Devices up to 2008.
    Armv6,
    /// Macs and simulators.
    X86_64,
    /// Old Macs and simulators.
    I386,
    /// Something else, by its numbers in the file.
    Other {
        /// The processor.
        kind: u32,
        /// The kind of this processor, without its flags.
        subtype: u32,
    },
}

impl Cpu {
    fn from_codes(kind: u32, subtype: u32) -> Self {
        // The upper byte holds flags: the ABI of pointer authentication, 64-bit libraries.
        let subtype = subtype & 0x00ff_ffff;
        match (kind, subtype) {
            (0x0100_000c, 2) => Self::Arm64e,
            (0x0100_000c, _) => Self::Arm64,
            (0x0200_000c, _) => Self::Arm64_32,
            (12, 6) => Self::Armv6,
            (12, 9) => Self::Armv7,
            (12, 11) => Self::Armv7s,
            (12, 12) => Self::Armv7k,
            (0x0100_0007, _) => Self::X86_64,
            (7, _) => Self::I386,
            _ => Self::Other { kind, subtype },
        }
    }
}

impl fmt::Display for Cpu {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Arm64 => "arm64",
            Self::Arm64e => "arm64e",
            Self::Arm64_32 => "arm64_32",
            Self::Armv7 => "armv7",
            Self::Armv7s => "armv7s",
            Self::Armv7k => "armv7k",
            Self::Armv6 => "armv6",
            Self::X86_64 => "x86_64",
            Self::I386 => "i386",
            Self::Other { kind, subtype } => return write!(formatter, "cpu {kind:#x} ({subtype})"),
        })
    }
}

/// Why a file is no executable that can be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExecutableError {
    /// The file does not start like a Mach-O file.
    #[error("this is no Mach-O file: it starts with the bytes {start}")]
    NotMachO {
        /// The first bytes, in hexadecimal.
        start: String,
    },
    /// A header or a load command makes no sense.
    #[error("the executable is damaged at byte {offset}: {what}")]
    Damaged {
        /// Where, from the start of the file.
        offset: u64,
        /// What is wrong.
        what: &'static str,
    },
    /// The entry cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
}

/// The most slices of a fat file; real ones have four.
const SLICES: u32 = 16;
/// The most bytes of load commands; real executables with hundreds of libraries have 60 KiB.
const COMMAND_BYTES: u32 = 512 << 10;
const FAT_MAGIC: [u8; 4] = [0xca, 0xfe, 0xba, 0xbe];
const FAT_64_MAGIC: [u8; 4] = [0xca, 0xfe, 0xba, 0xbf];
const THIN_MAGIC: [u8; 4] = [0xce, 0xfa, 0xed, 0xfe];
const THIN_64_MAGIC: [u8; 4] = [0xcf, 0xfa, 0xed, 0xfe];

impl Executable {
    /// Reads as much of an entry as it takes, `limit_bytes` at most; slices beyond are
    /// [`NotMeasured`](Fact::NotMeasured).
    ///
    /// # Errors
    ///
    /// [`ExecutableError`] when this is no Mach-O file or its first bytes cannot be read.
    pub fn read(reader: &mut EntryReader<'_>, limit_bytes: u64) -> Result<Self, ExecutableError> {
        let mut pages = Pages { reader, offset: 0, limit_bytes };
        let magic: [u8; 4] = pages.first()?;
        let slices = match magic {
            THIN_MAGIC | THIN_64_MAGIC => vec![pages.slice(magic)?],
            FAT_MAGIC => pages.fat(FatEntry::Short)?,
            FAT_64_MAGIC => pages.fat(FatEntry::Long)?,
            other => return Err(not_mach_o(&other)),
        };
        Ok(Self { slices })
    }
}

fn not_mach_o(start: &[u8]) -> ExecutableError {
    let start: Vec<String> = start.iter().map(|byte| format!("{byte:02x}")).collect();
    ExecutableError::NotMachO { start: start.join(" ") }
}

/// The two forms of an entry in a fat header.
#[derive(Clone, Copy)]
enum FatEntry {
    Short,
    Long,
}

/// The file as it comes: forwards only.
struct Pages<'r, 's> {
    reader: &'r mut EntryReader<'s>,
    offset: u64,
    limit_bytes: u64,
}

impl Pages<'_, '_> {
    /// The first bytes, which tell whether this is the right kind of file at all.
    fn first(&mut self) -> Result<[u8; 4], ExecutableError> {
        let mut bytes = [0; 4];
        let mut filled = 0;
        while filled < bytes.len() {
            match self.reader.read_content(&mut bytes[filled..])? {
                0 => return Err(not_mach_o(&bytes[..filled])),
                count => filled += count,
            }
        }
        self.offset += bytes.len() as u64;
        Ok(bytes)
    }

    fn take(&mut self, count: usize) -> Result<Vec<u8>, ExecutableError> {
        let mut bytes = vec![0; count];
        let mut filled = 0;
        while filled < count {
            match self.reader.read_content(&mut bytes[filled..])? {
                0 => return Err(self.damaged("it ends too early")),
                more => {
                    filled += more;
                    self.offset += more as u64;
                }
            }
        }
        Ok(bytes)
    }

    fn damaged(&self, what: &'static str) -> ExecutableError {
        ExecutableError::Damaged { offset: self.offset, what }
    }

    /// Source: Apple, `mach-o/fat.h`; all numbers are big-endian.
    fn fat(&mut self, form: FatEntry) -> Result<Vec<Slice>, ExecutableError> {
        let header = self.take(4)?;
        let count = big_u32(&header, 0);
        if count == 0 || count > SLICES {
            return Err(self.damaged("a fat header with no slice, or with more than 16"));
        }
        let mut slices = Vec::new();
        for _ in 0..count {
            let (cpu, offset) = match form {
                FatEntry::Short => {
                    let entry = self.take(20)?;
                    (Cpu::from_codes(big_u32(&entry, 0), big_u32(&entry, 4)), u64::from(big_u32(&entry, 8)))
                }
                FatEntry::Long => {
                    let entry = self.take(32)?;
                    let offset = array_at(&entry, 8).map_or(0, u64::from_be_bytes);
                    (Cpu::from_codes(big_u32(&entry, 0), big_u32(&entry, 4)), offset)
                }
            };
            slices.push(Slice::unmeasured(cpu, offset, "the file has not been read so far"));
        }
        // The file comes forwards only, so the slices are looked at in the order of their place.
        let mut order: Vec<usize> = (0..slices.len()).collect();
        order.sort_by_key(|index| slices[*index].offset);
        for index in order {
            let Slice { cpu, offset, .. } = slices[index];
            slices[index] = match self.fat_slice(cpu, offset) {
                Ok(slice) => slice,
                Err(error) => Slice::unreadable(cpu, offset, &error.to_string()),
            };
        }
        Ok(slices)
    }

    fn fat_slice(&mut self, cpu: Cpu, offset: u64) -> Result<Slice, ExecutableError> {
        let Some(ahead) = offset.checked_sub(self.offset) else {
            return Err(self.damaged("slices that overlap"));
        };
        if offset > self.limit_bytes && !self.reader.is_stored() {
            let reason = format!(
                "the slice starts at byte {offset}, and only {} bytes are inflated to find it",
                self.limit_bytes
            );
            return Ok(Slice::unmeasured(cpu, offset, &reason));
        }
        self.reader.skip(ahead)?;
        self.offset = offset;
        let magic: [u8; 4] = self.first()?;
        if !matches!(magic, THIN_MAGIC | THIN_64_MAGIC) {
            return Err(not_mach_o(&magic));
        }
        self.slice(magic)
    }

    /// Reads a header, its magic number taken already, and the load commands after it.
    ///
    /// Source: Apple, `mach-o/loader.h`; all numbers are little-endian on the processors of devices.
    fn slice(&mut self, magic: [u8; 4]) -> Result<Slice, ExecutableError> {
        let offset = self.offset - 4;
        let header = self.take(if magic == THIN_64_MAGIC { 28 } else { 24 })?;
        let [kind, subtype, count, command_bytes] = [0, 4, 12, 16].map(|place| u32_at(&header, place));
        if command_bytes > COMMAND_BYTES {
            return Err(self.damaged("load commands of more than 512 KiB"));
        }
        let start = self.offset;
        let commands = self.take(command_bytes as usize)?;
        let mut slice = Slice::absent(Cpu::from_codes(kind, subtype), offset);
        let mut place = 0;
        for _ in 0..count {
            let damaged = |what| ExecutableError::Damaged { offset: start + place as u64, what };
            let rest = &commands[place..];
            if rest.len() < 8 {
                return Err(damaged("more load commands than there is room for"));
            }
            let (command, size) = (u32_at(rest, 0), u32_at(rest, 4) as usize);
            let body = rest.get(8..size).ok_or_else(|| damaged("a load command of an impossible size"))?;
            if body.len() < wanted_bytes(command) {
                return Err(damaged("a load command that is too short"));
            }
            slice.note(command, body);
            place += size;
        }
        Ok(slice)
    }
}

const LC_UUID: u32 = 0x1b;
const LC_CODE_SIGNATURE: u32 = 0x1d;
const LC_ENCRYPTION_INFO: u32 = 0x21;
const LC_VERSION_MIN_MACOSX: u32 = 0x24;
const LC_VERSION_MIN_IPHONEOS: u32 = 0x25;
const LC_ENCRYPTION_INFO_64: u32 = 0x2c;
const LC_VERSION_MIN_TVOS: u32 = 0x2f;
const LC_VERSION_MIN_WATCHOS: u32 = 0x30;
const LC_BUILD_VERSION: u32 = 0x32;

/// How many bytes of a command's body are read.
fn wanted_bytes(command: u32) -> usize {
    match command {
        LC_UUID => 16,
        LC_CODE_SIGNATURE
        | LC_VERSION_MIN_MACOSX
        | LC_VERSION_MIN_IPHONEOS
        | LC_VERSION_MIN_TVOS
        | LC_VERSION_MIN_WATCHOS => 8,
        LC_ENCRYPTION_INFO | LC_ENCRYPTION_INFO_64 | LC_BUILD_VERSION => 12,
        _ => 0,
    }
}

impl Slice {
    fn note(&mut self, command: u32, body: &[u8]) {
        match command {
            LC_UUID => self.uuid = array_at(body, 0).map(ImageUuid).into(),
            LC_CODE_SIGNATURE => {
                let place = SignaturePlace { offset: u32_at(body, 0), size_bytes: u32_at(body, 4) };
                self.code_signature = Fact::Known(place);
            }
            LC_ENCRYPTION_INFO | LC_ENCRYPTION_INFO_64 => {
                self.encryption = Fact::Known(match u32_at(body, 8) {
                    0 => Encryption::None,
                    other => Encryption::Encrypted(other),
                });
            }
            LC_BUILD_VERSION => {
                self.platform = build_platform(u32_at(body, 0));
                self.note_versions(u32_at(body, 4), u32_at(body, 8));
            }
            LC_VERSION_MIN_MACOSX => self.note_minimum(Platform::MacOs, body),
            LC_VERSION_MIN_IPHONEOS => {
                self.note_minimum(self.on_device(Platform::Ios, Platform::IosSimulator), body);
            }
            LC_VERSION_MIN_TVOS => {
                self.note_minimum(self.on_device(Platform::TvOs, Platform::TvOsSimulator), body);
            }
            LC_VERSION_MIN_WATCHOS => {
                self.note_minimum(self.on_device(Platform::WatchOs, Platform::WatchOsSimulator), body);
            }
            _ => {}
        }
    }

    fn note_minimum(&mut self, platform: Platform, body: &[u8]) {
        self.platform = Fact::Known(platform);
        self.note_versions(u32_at(body, 0), u32_at(body, 4));
    }

    fn note_versions(&mut self, minimum_os: u32, sdk: u32) {
        self.minimum_os = Fact::Known(OsVersion::from_packed(minimum_os));
        self.sdk = Fact::Known(OsVersion::from_packed(sdk));
    }

    /// The older commands do not tell a device from a simulator; the processor does.
    fn on_device(&self, device: Platform, simulator: Platform) -> Platform {
        if matches!(self.cpu, Cpu::X86_64 | Cpu::I386) { simulator } else { device }
    }

    fn absent(cpu: Cpu, offset: u64) -> Self {
        Self {
            cpu,
            offset,
            uuid: Fact::Absent,
            encryption: Fact::Absent,
            platform: Fact::Absent,
            minimum_os: Fact::Absent,
            sdk: Fact::Absent,
            code_signature: Fact::Absent,
        }
    }

    fn unmeasured(cpu: Cpu, offset: u64, reason: &str) -> Self {
        Self {
            cpu,
            offset,
            uuid: Fact::NotMeasured(reason.to_owned()),
            encryption: Fact::NotMeasured(reason.to_owned()),
            platform: Fact::NotMeasured(reason.to_owned()),
            minimum_os: Fact::NotMeasured(reason.to_owned()),
            sdk: Fact::NotMeasured(reason.to_owned()),
            code_signature: Fact::NotMeasured(reason.to_owned()),
        }
    }

    fn unreadable(cpu: Cpu, offset: u64, reason: &str) -> Self {
        Self {
            cpu,
            offset,
            uuid: Fact::Unreadable(reason.to_owned()),
            encryption: Fact::Unreadable(reason.to_owned()),
            platform: Fact::Unreadable(reason.to_owned()),
            minimum_os: Fact::Unreadable(reason.to_owned()),
            sdk: Fact::Unreadable(reason.to_owned()),
            code_signature: Fact::Unreadable(reason.to_owned()),
        }
    }
}

/// Source: Apple, `mach-o/loader.h`, `PLATFORM_…`.
fn build_platform(code: u32) -> Fact<Platform> {
    Fact::Known(match code {
        1 => Platform::MacOs,
        2 => Platform::Ios,
        3 => Platform::TvOs,
        4 => Platform::WatchOs,
        6 => Platform::MacCatalyst,
        7 => Platform::IosSimulator,
        8 => Platform::TvOsSimulator,
        9 => Platform::WatchOsSimulator,
        10 => Platform::DriverKit,
        11 => Platform::VisionOs,
        12 => Platform::VisionOsSimulator,
        other => return Fact::Unreadable(format!("the load command names the unknown platform {other}")),
    })
}

fn big_u32(bytes: &[u8], place: usize) -> u32 {
    array_at(bytes, place).map_or(0, u32::from_be_bytes)
}
