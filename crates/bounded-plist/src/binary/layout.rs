use crate::Fault;

/// A binary property list whose trailer has been checked: hands out the bytes of objects, never others.
pub(super) struct Layout<'a> {
    bytes: &'a [u8],
    offset_size: usize,
    pub(super) reference_size: usize,
    pub(super) objects: usize,
    pub(super) outermost: usize,
    table: usize,
}

const HEADER_BYTES: usize = 8;
const TRAILER_BYTES: usize = 32;

impl<'a> Layout<'a> {
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, Fault> {
        let end = bytes.len().checked_sub(TRAILER_BYTES).filter(|end| *end > HEADER_BYTES);
        let end = end.ok_or(Fault::Truncated)?;
        let trailer = &bytes[end..];
        let field = |at: usize| number(&trailer[at..at + 8]);
        let refuse = |field, seen| Err(Fault::Trailer { field, seen });
        let (offset_size, reference_size) = (usize::from(trailer[6]), usize::from(trailer[7]));
        if !(1..=8).contains(&offset_size) {
            return refuse("an offset size of", trailer[6].into());
        }
        if !(1..=8).contains(&reference_size) {
            return refuse("a reference size of", trailer[7].into());
        }
        let (objects, outermost, table) = (field(8), field(16), field(24));
        let Some(table_at) =
            usize::try_from(table).ok().filter(|table| (HEADER_BYTES + 1..end).contains(table))
        else {
            return refuse("an offset table at byte", table);
        };
        let Some(count) = usize::try_from(objects)
            .ok()
            .filter(|objects| (1..=(end - table_at) / offset_size).contains(objects))
        else {
            return refuse("a number of objects of", objects);
        };
        let Some(outermost_index) = usize::try_from(outermost).ok().filter(|index| *index < count) else {
            return refuse("an outermost object with the index", outermost);
        };
        Ok(Self {
            bytes,
            offset_size,
            reference_size,
            objects: count,
            outermost: outermost_index,
            table: table_at,
        })
    }

    /// Where the object `index`, which is below [`Self::objects`], begins.
    pub(super) fn offset(&self, index: usize) -> Result<usize, Fault> {
        let at = self.table + index * self.offset_size;
        usize::try_from(number(&self.bytes[at..at + self.offset_size]))
            .ok()
            .filter(|offset| (HEADER_BYTES..self.table).contains(offset))
            .ok_or(Fault::Extent)
    }

    /// `count` items of `size` bytes each, from `at` on.
    pub(super) fn take(&self, at: usize, count: usize, size: usize) -> Result<&'a [u8], Fault> {
        count
            .checked_mul(size)
            .and_then(|length| at.checked_add(length))
            .filter(|end| *end <= self.table)
            .map(|end| &self.bytes[at..end])
            .ok_or(Fault::Extent)
    }

    /// The reference number `position` of those from `at` on, which [`Self::take`] has checked.
    pub(super) fn reference(&self, at: usize, position: usize) -> Result<usize, Fault> {
        let at = at + position * self.reference_size;
        let index = number(&self.bytes[at..at + self.reference_size]);
        usize::try_from(index)
            .ok()
            .filter(|index| *index < self.objects)
            .ok_or(Fault::Reference { index, count: self.objects as u64 })
    }
}

/// The big-endian number in `bytes`, which are eight at most.
pub(super) fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}
