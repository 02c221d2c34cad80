//! The records of the format, as they are laid out in APPNOTE.TXT 6.3.10, sections 4.3.7 to 4.3.16.

/// One entry's header, written as a local header or as a central one; an edit may make the two disagree.
///
/// Sizes and offsets that do not fit 32 bits go to the Zip64 extra field as [`Zip64`] says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Header {
    /// The tool (low byte: version times ten) and the system it ran on (high byte: 3 is Unix). Central only.
    pub made_by: u16,
    /// The version needed to read, times ten.
    pub needed: u16,
    /// General purpose flags: bit 0 encrypted, bit 3 descriptor follows, bit 11 UTF-8 names.
    pub flags: u16,
    /// 0 stored, 8 deflated.
    pub method: u16,
    /// MS-DOS time, two-second steps.
    pub time: u16,
    /// MS-DOS date.
    pub date: u16,
    /// CRC-32 of the content.
    pub crc32: u32,
    /// Bytes of data in the archive.
    pub compressed_size: u64,
    /// Bytes of content.
    pub size: u64,
    /// The name as bytes.
    pub name: Vec<u8>,
    /// Extra fields, without the Zip64 one.
    pub extra: Vec<u8>,
    /// The entry's comment. Central only.
    pub comment: Vec<u8>,
    /// The disk the entry starts on. Central only.
    pub disk: u16,
    /// Bit 0: apparently text. Central only.
    pub internal_attributes: u16,
    /// Unix mode in the high half, MS-DOS attributes in the low one. Central only.
    pub external_attributes: u32,
    /// Where the local header starts, in bytes. Central only.
    pub offset: u64,
    /// How values beyond 32 bits are written.
    pub zip64: Zip64,
}

/// When Zip64 forms are written.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum Zip64 {
    /// Where a value does not fit.
    #[default]
    WhereNeeded,
    /// Although everything fits.
    Always,
    /// Not at all: what does not fit is written as all ones, and nothing explains it.
    Omitted,
}

impl Header {
    pub(super) fn local(&self) -> Vec<u8> {
        let long =
            self.zip64 == Zip64::Always || [self.size, self.compressed_size].into_iter().any(overflows);
        let wide = long && self.zip64 != Zip64::Omitted;
        let mut extra = Vec::new();
        if wide {
            extra = zip64_extra(&[self.size, self.compressed_size]);
        }
        extra.extend(&self.extra);
        let mut out = b"PK\x03\x04".to_vec();
        out.extend(self.needed.to_le_bytes());
        self.shared(&mut out, wide, &extra);
        out.extend(&self.name);
        out.extend(extra);
        out
    }

    pub(super) fn central(&self) -> Vec<u8> {
        let wide = self.zip64 == Zip64::Always;
        let mut values = Vec::new();
        if self.zip64 != Zip64::Omitted {
            values.extend((wide || overflows(self.size)).then_some(self.size));
            values.extend((wide || overflows(self.compressed_size)).then_some(self.compressed_size));
            values.extend(overflows(self.offset).then_some(self.offset));
        }
        let mut extra = if values.is_empty() { Vec::new() } else { zip64_extra(&values) };
        extra.extend(&self.extra);
        let mut out = b"PK\x01\x02".to_vec();
        out.extend(self.made_by.to_le_bytes());
        out.extend(self.needed.to_le_bytes());
        self.shared(&mut out, wide, &extra);
        out.extend(short(self.comment.len()).to_le_bytes());
        out.extend(self.disk.to_le_bytes());
        out.extend(self.internal_attributes.to_le_bytes());
        out.extend(self.external_attributes.to_le_bytes());
        out.extend(word(self.offset).to_le_bytes());
        out.extend(&self.name);
        out.extend(extra);
        out.extend(&self.comment);
        out
    }

    /// The fields both headers have, from the flags to the length of the extra fields.
    fn shared(&self, out: &mut Vec<u8>, wide: bool, extra: &[u8]) {
        for field in [self.flags, self.method, self.time, self.date] {
            out.extend(field.to_le_bytes());
        }
        out.extend(self.crc32.to_le_bytes());
        for size in [self.compressed_size, self.size] {
            out.extend(if wide { u32::MAX } else { word(size) }.to_le_bytes());
        }
        out.extend(short(self.name.len()).to_le_bytes());
        out.extend(short(extra.len()).to_le_bytes());
    }
}

/// The end of central directory record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct End {
    /// This disk's number.
    pub disk: u16,
    /// The disk the central directory starts on.
    pub central_disk: u16,
    /// Central entries on this disk.
    pub entries_here: u64,
    /// Central entries in all.
    pub entries: u64,
    /// Bytes of the central directory.
    pub central_size: u64,
    /// Where the central directory starts, in bytes.
    pub central_offset: u64,
    /// The archive's comment.
    pub comment: Vec<u8>,
    /// How long the record says its comment is, in bytes.
    pub comment_length: u16,
    /// Whether the Zip64 record and its locator come first.
    pub zip64: Zip64,
    /// Where the locator says the Zip64 record starts, in bytes from its true place.
    pub locator_shift: i64,
}

impl End {
    pub(super) fn new(entries: usize, central_offset: u64, central_size: u64, comment: &[u8]) -> Self {
        Self {
            disk: 0,
            central_disk: 0,
            entries_here: entries as u64,
            entries: entries as u64,
            central_size,
            central_offset,
            comment: comment.to_vec(),
            comment_length: short(comment.len()),
            zip64: Zip64::WhereNeeded,
            locator_shift: 0,
        }
    }

    /// The record and, before it, its Zip64 forerunners, which start at `position`.
    pub(super) fn bytes(&self, position: u64) -> Vec<u8> {
        let counts = [self.entries_here, self.entries];
        let long = counts.into_iter().any(|count| count >= u64::from(u16::MAX))
            || [self.central_size, self.central_offset].into_iter().any(overflows);
        let wide = match self.zip64 {
            Zip64::WhereNeeded => long,
            Zip64::Always => true,
            Zip64::Omitted => false,
        };
        let mut out = Vec::new();
        if wide {
            out.extend(b"PK\x06\x06");
            out.extend(44_u64.to_le_bytes());
            out.extend([45, 3, 45, 0]);
            out.extend(u32::from(self.disk).to_le_bytes());
            out.extend(u32::from(self.central_disk).to_le_bytes());
            for value in [self.entries_here, self.entries, self.central_size, self.central_offset] {
                out.extend(value.to_le_bytes());
            }
            out.extend(b"PK\x06\x07");
            out.extend(0_u32.to_le_bytes());
            out.extend(position.wrapping_add_signed(self.locator_shift).to_le_bytes());
            out.extend(1_u32.to_le_bytes());
        }
        out.extend(b"PK\x05\x06");
        out.extend(self.disk.to_le_bytes());
        out.extend(self.central_disk.to_le_bytes());
        for count in counts {
            let count =
                if self.zip64 == Zip64::Always { u16::MAX } else { u16::try_from(count).unwrap_or(u16::MAX) };
            out.extend(count.to_le_bytes());
        }
        for value in [self.central_size, self.central_offset] {
            out.extend(if self.zip64 == Zip64::Always { u32::MAX } else { word(value) }.to_le_bytes());
        }
        out.extend(self.comment_length.to_le_bytes());
        out.extend(&self.comment);
        out
    }
}

/// One extra field: its id, its length, its data.
pub(super) fn extra_field(id: u16, data: &[u8]) -> Vec<u8> {
    let mut out = id.to_le_bytes().to_vec();
    out.extend(short(data.len()).to_le_bytes());
    out.extend(data);
    out
}

fn zip64_extra(values: &[u64]) -> Vec<u8> {
    extra_field(0x0001, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>())
}

/// All ones in 32 bits means "look in the Zip64 field", so that value itself does not fit either.
fn overflows(value: u64) -> bool {
    value >= u64::from(u32::MAX)
}

fn word(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn short(length: usize) -> u16 {
    u16::try_from(length).unwrap_or(u16::MAX)
}
