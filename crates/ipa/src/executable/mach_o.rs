//! Mach-O files, from their first pages.
//!
//! The load commands are read here rather than by a library for object files: those want the whole file in memory,
//! and here the file comes in pieces, inflated, from where it lies, and only its beginning.

use super::digests::{ContentDigests, PagePlan};
use super::{
    CodePages, Cpu, Encryption, ExecutableError, ImageUuid, SignaturePlace, SignatureReading, Slice,
};
use crate::bytes::{array_at, big_u32_at, u32_at};
use crate::{ArchiveError, CodeSignature, EntryReader, Fact, OsVersion, Platform};

/// The most slices of a fat file; real ones have four.
const SLICES: u32 = 16;
/// The most bytes of load commands; real executables with hundreds of libraries have 60 KiB.
const COMMAND_BYTES: u32 = 512 << 10;
const FAT_MAGIC: [u8; 4] = [0xca, 0xfe, 0xba, 0xbe];
const FAT_64_MAGIC: [u8; 4] = [0xca, 0xfe, 0xba, 0xbf];
const THIN_MAGIC: [u8; 4] = [0xce, 0xfa, 0xed, 0xfe];
const THIN_64_MAGIC: [u8; 4] = [0xcf, 0xfa, 0xed, 0xfe];

/// The slices of a thin or fat file, in the order of its header.
pub(super) fn slices(
    reader: &mut EntryReader<'_>,
    limit_bytes: u64,
    signatures: Option<&SignatureReading<'_>>,
    digests: Option<&mut ContentDigests<'_>>,
) -> Result<Vec<Slice>, ExecutableError> {
    let limit_bytes = signatures.map_or(limit_bytes, |reading| reading.inflated_bytes.max(limit_bytes));
    let mut pages = Pages { reader, offset: 0, limit_bytes, signatures, digests };
    pages.slice_starts(0);
    let slices = match pages.magic()? {
        magic @ (THIN_MAGIC | THIN_64_MAGIC) => vec![pages.slice(magic)?],
        FAT_MAGIC => pages.fat(FatEntry::Short)?,
        FAT_64_MAGIC => pages.fat(FatEntry::Long)?,
        other => return Err(not_mach_o(&other)),
    };
    pages.rest()?;
    Ok(slices)
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
struct Pages<'r, 's, 'p> {
    reader: &'r mut EntryReader<'s>,
    offset: u64,
    limit_bytes: u64,
    signatures: Option<&'r SignatureReading<'r>>,
    /// What every byte is shown to, if all have to be read.
    digests: Option<&'r mut ContentDigests<'p>>,
}

impl Pages<'_, '_, '_> {
    /// The first bytes, which tell whether this is the right kind of file at all.
    fn magic(&mut self) -> Result<[u8; 4], ExecutableError> {
        let mut bytes = [0; 4];
        let mut filled = 0;
        while filled < bytes.len() {
            match self.reader.read_content(&mut bytes[filled..])? {
                0 => return Err(not_mach_o(&bytes[..filled])),
                count => filled += count,
            }
        }
        self.offset += bytes.len() as u64;
        self.show(&bytes);
        Ok(bytes)
    }

    fn show(&mut self, bytes: &[u8]) {
        if let Some(digests) = &mut self.digests {
            digests.update(bytes);
        }
    }

    fn slice_starts(&mut self, offset: u64) {
        if let Some(digests) = &mut self.digests {
            digests.slice_starts(offset);
        }
    }

    /// Goes on by `count` bytes, which are read only where they are digested or have to be inflated.
    fn skip(&mut self, count: u64) -> Result<(), ExecutableError> {
        let Some(digests) = &mut self.digests else {
            self.reader.skip(count)?;
            self.offset += count;
            return Ok(());
        };
        let end = self.offset + count;
        while self.offset < end {
            let wanted = usize::try_from(end - self.offset).unwrap_or(usize::MAX).min(digests.block.len());
            match self.reader.read_content(&mut digests.block[..wanted])? {
                0 => return Err(ExecutableError::Damaged { offset: self.offset, what: "it ends too early" }),
                more => {
                    digests.update_from_block(more);
                    self.offset += more as u64;
                }
            }
        }
        Ok(())
    }

    /// Reads to the end, where the whole is digested.
    fn rest(&mut self) -> Result<(), ExecutableError> {
        let Some(digests) = &mut self.digests else { return Ok(()) };
        if !digests.wants_rest() {
            return Ok(());
        }
        loop {
            match self.reader.read_content(&mut digests.block)? {
                0 => break,
                more => digests.update_from_block(more),
            }
        }
        digests.finish();
        Ok(())
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
        self.show(&bytes);
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
                // The source failed, which says nothing about the slice.
                Err(error @ ExecutableError::Archive(ArchiveError::Read { .. })) => return Err(error),
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
        self.skip(ahead)?;
        self.slice_starts(offset);
        let magic = self.magic()?;
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
        slice.pages = Fact::NotMeasured(match self.digests {
            Some(_) => "there is no signature that could be read".to_owned(),
            None => "the code is not compared with its signature".to_owned(),
        });
        slice.signature = self.signature(&mut slice)?;
        Ok(slice)
    }

    /// Compares the digests of pages with those in the strongest CodeDirectory, or notes how to digest them rather.
    fn pages(
        &mut self,
        slice: &Slice,
        signature: &CodeSignature,
        bytes: &[u8],
        found: Option<(PagePlan, Option<Vec<u8>>)>,
    ) -> Fact<CodePages> {
        let (Some(digests), Some((plan, found))) = (&mut self.digests, found) else {
            return slice.pages.clone();
        };
        let directory = signature.strongest();
        let place = slice.code_signature.known().map_or(0, |place| place.offset.into());
        let right = PagePlan::of(directory, place);
        if directory.code_limit > place {
            return Fact::Unreadable(format!(
                "the CodeDirectory is for {} bytes of code, and the signature lies at byte {place}",
                directory.code_limit
            ));
        }
        let (Some(digest_bytes), Some(signed)) = (directory.digest.bytes(), signature.page_digests(bytes))
        else {
            return Fact::NotMeasured(format!("{} is not known here", directory.digest));
        };
        if plan != right {
            digests.wanted.insert(slice.offset, right);
            return Fact::NotMeasured("its pages were digested in another way".to_owned());
        }
        match found {
            Some(found) => Fact::Known(CodePages::compare(&found, signed, digest_bytes)),
            None => Fact::NotMeasured("it has more pages than are compared".to_owned()),
        }
    }

    /// Reads on up to the code signature, which lies at the end of its slice.
    fn signature(&mut self, slice: &mut Slice) -> Result<Fact<CodeSignature>, ExecutableError> {
        let Some(reading) = self.signatures else {
            return Ok(Fact::NotMeasured("signatures are not looked at".to_owned()));
        };
        let place = match &slice.code_signature {
            Fact::Known(place) => *place,
            other => return Ok(other.as_ref().and_then(|_| Fact::Absent)),
        };
        let (start, size) = (slice.offset + u64::from(place.offset), u64::from(place.size_bytes));
        if size > reading.limits.signature_bytes {
            let limit = reading.limits.signature_bytes;
            return Ok(Fact::Unreadable(format!("it has {size} bytes, and {limit} bytes are the most")));
        }
        let Some(ahead) = start.checked_sub(self.offset) else {
            return Ok(Fact::Unreadable("it lies within the load commands".to_owned()));
        };
        if start + size > reading.inflated_bytes && !self.reader.is_stored() {
            return Ok(Fact::NotMeasured(format!(
                "it lies at byte {start} of a compressed file, of which {} bytes are inflated at most",
                reading.inflated_bytes
            )));
        }
        let mut digests = None;
        let read = self.skip(ahead).and_then(|()| {
            digests = self.digests.as_mut().and_then(|digests| digests.take_pages());
            self.take(place.size_bytes as usize)
        });
        match read {
            Ok(bytes) => {
                let read = CodeSignature::read(&bytes, &reading.sealed, reading.limits, reading.authorities);
                if let Ok(signature) = &read {
                    slice.pages = self.pages(slice, signature, &bytes, digests);
                }
                Ok(read.into())
            }
            // The source failed, which says nothing about the signature.
            Err(error @ ExecutableError::Archive(ArchiveError::Read { .. })) => Err(error),
            Err(error) => Ok(Fact::Unreadable(error.to_string())),
        }
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
            signature: Fact::Absent,
            pages: Fact::Absent,
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
            signature: Fact::NotMeasured(reason.to_owned()),
            pages: Fact::NotMeasured(reason.to_owned()),
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
            signature: Fact::Unreadable(reason.to_owned()),
            pages: Fact::Unreadable(reason.to_owned()),
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
    big_u32_at(bytes, place).unwrap_or_default()
}
