use super::NameFault;
use super::directory::Record;
use super::name::Utf8Flag;

/// What the central directory says about one entry. Nothing of it is to be believed before the entry is read.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    pub(super) record: &'a Record,
    pub(super) name: &'a str,
    pub(super) name_bytes: &'a [u8],
}

/// How an entry is compressed.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Method {
    /// 0: not at all.
    Stored,
    /// 8: by DEFLATE.
    Deflated,
    /// Any other number; devices read none of them.
    Other(u16),
}

impl Method {
    pub(super) fn from_code(code: u16) -> Self {
        match code {
            0 => Self::Stored,
            8 => Self::Deflated,
            other => Self::Other(other),
        }
    }

    /// The method's number.
    #[must_use]
    pub fn code(self) -> u16 {
        match self {
            Self::Stored => 0,
            Self::Deflated => 8,
            Self::Other(code) => code,
        }
    }
}

impl<'a> Entry<'a> {
    /// The name as text: UTF-8 or code page 437, never checked as a path.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// The name's bytes, as they are.
    #[must_use]
    pub fn name_bytes(&self) -> &'a [u8] {
        self.name_bytes
    }

    /// Why the name may not be used as a path, if so.
    #[must_use]
    pub fn name_fault(&self) -> Option<NameFault> {
        // Text differs from bytes only where they were not UTF-8.
        if Utf8Flag::of(self.record.flags) == Utf8Flag::Set && self.name.as_bytes() != self.name_bytes {
            return Some(NameFault::NotUtf8);
        }
        NameFault::of(self.name)
    }

    /// How the content is compressed.
    #[must_use]
    pub fn method(&self) -> Method {
        Method::from_code(self.record.method)
    }

    /// The general purpose flags.
    #[must_use]
    pub fn flags(&self) -> u16 {
        self.record.flags
    }

    /// Flag bit 0: the content is encrypted.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.record.flags & 1 != 0
    }

    /// Flag bit 3: sizes and checksum follow the content, and the local header lacks them.
    #[must_use]
    pub fn has_data_descriptor(&self) -> bool {
        self.record.flags & 1 << 3 != 0
    }

    /// The CRC-32 of the content.
    #[must_use]
    pub fn crc32(&self) -> u32 {
        self.record.crc32
    }

    /// The bytes of the content as stored.
    #[must_use]
    pub fn compressed_size(&self) -> u64 {
        self.record.compressed_size
    }

    /// The bytes of the content once inflated.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.record.size
    }

    /// Where the local header starts, counted from the first byte of the source.
    #[must_use]
    pub fn header_offset(&self) -> u64 {
        self.record.header_offset
    }

    /// What made the entry: the system's number in the upper byte, the format's version in the lower.
    #[must_use]
    pub fn version_made_by(&self) -> u16 {
        self.record.version_made_by
    }

    /// The format's version that is needed to read it, times ten.
    #[must_use]
    pub fn version_needed(&self) -> u16 {
        self.record.version_needed
    }

    /// The attributes that the making system gave, as they are.
    #[must_use]
    pub fn external_attributes(&self) -> u32 {
        self.record.external_attributes
    }

    /// The Unix mode with its file type, where the entry was made by Unix (3) or the Mac (19) and has one.
    #[must_use]
    pub fn unix_mode(&self) -> Option<u32> {
        let mode = self.record.external_attributes >> 16;
        (matches!(self.record.version_made_by >> 8, 3 | 19) && mode != 0).then_some(mode)
    }

    /// Whether a ZIP64 extra field comes with it.
    #[must_use]
    pub fn is_zip64(&self) -> bool {
        self.record.zip64
    }

    /// Whether it is a folder: its name ends in a slash.
    #[must_use]
    pub fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }

    /// Whether it is a symbolic link, whose content is where it leads.
    #[must_use]
    pub fn is_symlink(&self) -> bool {
        self.unix_mode().is_some_and(|mode| mode & 0o170_000 == 0o120_000)
    }
}
