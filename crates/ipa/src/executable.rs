//! What an executable says about itself.

mod digests;
mod mach_o;

use std::fmt;

pub(crate) use digests::ContentDigests;
use signed_data::Authorities;

use crate::{ArchiveError, CodeSignature, EntryReader, Fact, Limits, OsVersion, Platform, SealedFiles, Seen};

/// A Mach-O file, thin or fat.
#[derive(Clone, Debug, PartialEq)]
pub struct Executable {
    /// One for each processor, in the order of the file; never empty.
    pub slices: Vec<Slice>,
}

/// The part of an executable that is for one processor.
#[derive(Clone, Debug, PartialEq)]
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
    /// The code signature; absent of code that has none, not even an ad hoc one.
    pub signature: Fact<CodeSignature>,
    /// The code itself, against the digests of the signature's strongest CodeDirectory.
    pub pages: Fact<CodePages>,
}

/// The pages of a slice, against the digests that its signature has of them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CodePages {
    /// How many were compared.
    pub compared: usize,
    /// Those that are another than was signed, or are not there, or are there without a digest; counted from 0.
    pub changed: Seen<usize>,
}

impl CodePages {
    fn compare(found: &[u8], signed: &[u8], digest_bytes: usize) -> Self {
        let (mut found, mut signed) = (found.chunks(digest_bytes), signed.chunks(digest_bytes));
        let mut pages = Self::default();
        loop {
            let pair = (found.next(), signed.next());
            if pair == (None, None) {
                return pages;
            }
            if pair.0 != pair.1 {
                let page = pages.compared;
                pages.changed.add(|| page);
            }
            pages.compared += 1;
        }
    }
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

impl Executable {
    /// Reads as much of an entry as it takes, `limit_bytes` at most; slices beyond are
    /// [`NotMeasured`](Fact::NotMeasured).
    ///
    /// # Errors
    ///
    /// [`ExecutableError`] when this is no Mach-O file or its first bytes cannot be read.
    pub fn read(reader: &mut EntryReader<'_>, limit_bytes: u64) -> Result<Self, ExecutableError> {
        mach_o::slices(reader, limit_bytes, None, None).map(|slices| Self { slices })
    }

    /// As [`read`](Self::read), and reads on to the signatures, which lie at the end: what is compressed is inflated
    /// nearly whole.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn read_signed(
        reader: &mut EntryReader<'_>,
        limit_bytes: u64,
        signatures: &SignatureReading<'_>,
    ) -> Result<Self, ExecutableError> {
        mach_o::slices(reader, limit_bytes, Some(signatures), None).map(|slices| Self { slices })
    }

    /// As [`read_signed`](Self::read_signed), and digests all of it on the way.
    pub(crate) fn read_whole(
        reader: &mut EntryReader<'_>,
        signatures: &SignatureReading<'_>,
        digests: &mut ContentDigests<'_>,
    ) -> Result<Self, ExecutableError> {
        mach_o::slices(reader, 0, Some(signatures), Some(digests)).map(|slices| Self { slices })
    }

    /// The slice that today's devices run: for arm64, if there is one, else the first.
    #[must_use]
    pub fn device_slice(&self) -> Option<&Slice> {
        let is_device = |slice: &&Slice| matches!(slice.cpu, Cpu::Arm64 | Cpu::Arm64e | Cpu::Arm64_32);
        self.slices.iter().find(is_device).or(self.slices.first())
    }
}

/// What reading an executable's signatures takes.
#[derive(Clone, Copy, Debug)]
pub struct SignatureReading<'a> {
    /// The files that they seal.
    pub sealed: SealedFiles<'a>,
    /// The most bytes that are inflated on the way to them.
    pub inflated_bytes: u64,
    /// What reading each may cost.
    pub limits: &'a Limits,
    /// The roots that their signers may come from.
    pub authorities: &'a Authorities,
}
