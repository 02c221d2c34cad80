//! How the headers of known tools look.
//!
//! Observed on packages exported by Xcode 7 to 15 and on archives made by Info-ZIP 3.0, 7-Zip 16.02, Python 3.11 and
//! `jar` of Java 17.

use time::UtcDateTime;

use super::entry::{Descriptor, Entry, Kind, Method};
use super::record::extra_field;

/// The tool whose headers an archive imitates.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub enum Habit {
    /// Xcode 12 and later (libarchive): files deflated with a signed descriptor, the size alone known beforehand.
    #[default]
    Xcode,
    /// `ditto -c -k`, and Xcode before 12: the same, with nothing known beforehand and an `UX` extra field.
    Ditto,
    /// `zip -r`: sizes known beforehand, stored where deflating does not help.
    InfoZip,
    /// Python's `zipfile` and `shutil.make_archive`: no extra fields.
    PythonZipfile,
    /// `jar` and `java.util.zip`: always UTF-8, no Unix modes, `0xCAFE` on the first entry.
    Jar,
    /// `7z a`: NTFS times in the central directory.
    SevenZip,
}

/// The high byte of "version made by" for Unix.
const UNIX: u16 = 3 << 8;

/// What a habit decides for one entry.
pub(super) struct Decided {
    pub(super) made_by: u16,
    pub(super) needed: u16,
    pub(super) flags: u16,
    pub(super) descriptor: Descriptor,
    pub(super) local_extra: Vec<u8>,
    pub(super) central_extra: Vec<u8>,
    pub(super) external_attributes: u32,
    /// Whether the local header states the size although a descriptor follows.
    pub(super) size_beforehand: bool,
}

impl Habit {
    /// Every habit there is.
    pub const ALL: [Self; 6] =
        [Self::Xcode, Self::Ditto, Self::InfoZip, Self::PythonZipfile, Self::Jar, Self::SevenZip];

    pub(super) fn method(self, entry: &Entry) -> Method {
        let directory_or_link = entry.kind != Kind::File;
        match self {
            Self::PythonZipfile if entry.kind == Kind::Symlink => Method::Deflated,
            _ if directory_or_link => Method::Stored,
            Self::InfoZip | Self::SevenZip => Method::Shorter,
            _ => Method::Deflated,
        }
    }

    pub(super) fn decide(self, entry: &Entry, method: u16, first: bool) -> Decided {
        let directory = entry.kind == Kind::Directory;
        let unix = u32::from(entry.mode) << 16;
        let ascii = entry.name.is_ascii();
        let mut decided = Decided {
            made_by: UNIX + 20,
            needed: if method == 0 && !directory { 10 } else { 20 },
            flags: if ascii { 0 } else { 0x800 },
            descriptor: Descriptor::None,
            local_extra: Vec::new(),
            central_extra: Vec::new(),
            external_attributes: unix | if directory { 0x10 } else { 0 },
            size_beforehand: false,
        };
        // None of these tools writes a descriptor after stored data: nobody could tell where the data end.
        let streamed = if method == 0 { Descriptor::None } else { Descriptor::Signed };
        let seconds = u32::try_from(entry.modified.unix_timestamp()).unwrap_or(0);
        match self {
            Self::Xcode => {
                let times = extended_timestamp(7, &[seconds; 3]);
                decided.needed = 20;
                decided.descriptor = streamed;
                decided.local_extra = [times, unix_owner()].concat();
                decided.central_extra.clone_from(&decided.local_extra);
                decided.external_attributes = unix;
                decided.size_beforehand = true;
            }
            Self::Ditto => {
                let times = [seconds.to_le_bytes(), seconds.to_le_bytes()].concat();
                decided.made_by = UNIX + 21;
                decided.needed = if streamed == Descriptor::None { 10 } else { 20 };
                // ditto writes UTF-8 names and does not say so.
                decided.flags = 0;
                decided.descriptor = streamed;
                decided.local_extra = extra_field(0x5855, &[times.clone(), vec![0xf5, 1, 20, 0]].concat());
                decided.central_extra = extra_field(0x5855, &times);
                decided.external_attributes = unix | 0x4000;
            }
            Self::InfoZip => {
                decided.made_by = UNIX + 30;
                decided.needed = if method == 0 { 10 } else { 20 };
                // Like ditto, it writes UTF-8 names and does not say so.
                decided.flags = 0;
                decided.local_extra = [extended_timestamp(3, &[seconds; 2]), unix_owner()].concat();
                // In the central directory the field keeps its flags but only the time of change.
                decided.central_extra = [extended_timestamp(3, &[seconds]), unix_owner()].concat();
            }
            Self::PythonZipfile => decided.needed = 20,
            Self::Jar => {
                decided.made_by = if method == 0 { 10 } else { 20 };
                decided.needed = decided.made_by;
                decided.flags = 0x800;
                decided.descriptor = streamed;
                decided.external_attributes = 0;
                if first {
                    decided.local_extra = extra_field(0xcafe, &[]);
                    decided.central_extra = extra_field(0xcafe, &[]);
                }
            }
            Self::SevenZip => {
                decided.made_by = UNIX + 63;
                decided.central_extra = ntfs_times(entry.modified);
                decided.external_attributes = unix | if directory { 0x8010 } else { 0x8020 };
            }
        }
        decided
    }
}

/// `UT`: which times follow, then Unix seconds.
fn extended_timestamp(flags: u8, times: &[u32]) -> Vec<u8> {
    let mut data = vec![flags];
    data.extend(times.iter().flat_map(|time| time.to_le_bytes()));
    extra_field(0x5455, &data)
}

/// `ux`: user 501, group 20, what the first user of a Mac has.
fn unix_owner() -> Vec<u8> {
    extra_field(0x7875, &[1, 4, 0xf5, 1, 0, 0, 4, 20, 0, 0, 0])
}

/// Times in steps of 100 ns since 1601.
fn ntfs_times(modified: UtcDateTime) -> Vec<u8> {
    let ticks = (modified.unix_timestamp() + 11_644_473_600) * 10_000_000;
    let mut data = vec![0, 0, 0, 0, 1, 0, 24, 0];
    data.extend(ticks.to_le_bytes());
    data.extend([0; 16]);
    extra_field(0x000a, &data)
}
