use std::ops::Range;

/// Which blocks of a package this server has sent, one bit for each 1 MiB; the last block may be shorter.
///
/// Merged by OR, so that ranges, retries and nodes add up right in any order and any number of times. Sent is not
/// arrived: bytes may be on their way or lost with a connection.
///
/// ```
/// use catalog::Blocks;
///
/// let package_bytes = 2_500_000;
/// let mut blocks = Blocks::default();
/// blocks.send(0..1_500_000, package_bytes);
/// assert_eq!(blocks.sent_bytes(package_bytes), 1_048_576);
/// blocks.send(1_500_000..2_500_000, package_bytes);
/// assert!(blocks.is_complete(package_bytes));
/// ```
#[derive(Clone, Debug, Default, Eq, Hash, PartialEq)]
pub struct Blocks {
    /// Bit `n % 8`, counted from the least, of byte `n / 8` is block `n`. Never ends in a zero byte.
    bits: Vec<u8>,
}

impl Blocks {
    /// The size of a block.
    pub const BLOCK_BYTES: u64 = 1 << 20;

    /// The greatest package whose blocks are counted, 1 TiB; what lies beyond is left out.
    pub const PACKAGE_LIMIT_BYTES: u64 = 1 << 40;

    /// Takes the bytes that [`as_bytes`](Self::as_bytes) gave.
    #[must_use]
    pub fn from_bytes(bits: Vec<u8>) -> Self {
        let mut blocks = Self { bits };
        blocks.trim();
        blocks
    }

    /// The bitmap, for keeping.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bits
    }

    /// Marks the blocks whose last byte lies in a range of the package that was sent.
    ///
    /// A block's beginning may have gone out in an earlier response: a device that resumes in the middle has it.
    pub fn send(&mut self, bytes: Range<u64>, package_bytes: u64) {
        let package_bytes = package_bytes.min(Self::PACKAGE_LIMIT_BYTES);
        let end = bytes.end.min(package_bytes);
        if bytes.start >= end {
            return;
        }
        let first = bytes.start / Self::BLOCK_BYTES;
        let beyond = if end == package_bytes { count(package_bytes) } else { end / Self::BLOCK_BYTES };
        for block in first..beyond {
            self.mark(block);
        }
    }

    /// Adds what another has.
    pub fn merge(&mut self, other: &Self) {
        if self.bits.len() < other.bits.len() {
            self.bits.resize(other.bits.len(), 0);
        }
        for (mine, theirs) in self.bits.iter_mut().zip(&other.bits) {
            *mine |= theirs;
        }
    }

    /// How many bytes the marked blocks of a package of this size hold.
    #[must_use]
    pub fn sent_bytes(&self, package_bytes: u64) -> u64 {
        let full = (0..count(package_bytes)).filter(|block| self.has(*block));
        full.map(|block| Self::BLOCK_BYTES.min(package_bytes - block * Self::BLOCK_BYTES)).sum()
    }

    /// Whether every block of a package of this size is marked. A package of no bytes is complete.
    #[must_use]
    pub fn is_complete(&self, package_bytes: u64) -> bool {
        (0..count(package_bytes)).all(|block| self.has(block))
    }

    fn has(&self, block: u64) -> bool {
        let byte = usize::try_from(block / 8).ok().and_then(|place| self.bits.get(place));
        byte.is_some_and(|byte| byte & 1 << (block % 8) != 0)
    }

    fn mark(&mut self, block: u64) {
        let place = usize::try_from(block / 8).expect("a package has at most 2^20 blocks");
        if self.bits.len() <= place {
            self.bits.resize(place + 1, 0);
        }
        self.bits[place] |= 1 << (block % 8);
    }

    fn trim(&mut self) {
        let kept = self.bits.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        self.bits.truncate(kept);
    }
}

fn count(package_bytes: u64) -> u64 {
    package_bytes.min(Blocks::PACKAGE_LIMIT_BYTES).div_ceil(Blocks::BLOCK_BYTES)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MIB: u64 = Blocks::BLOCK_BYTES;

    #[test]
    fn a_block_is_sent_with_its_last_byte() {
        let package = 2 * MIB + 5;
        for (range, bits, why) in [
            (0..0, &[][..], "nothing"),
            (0..MIB - 1, &[], "all but the last byte of the first"),
            (0..MIB, &[0b001], "the first"),
            (MIB - 1..MIB, &[0b001], "the last byte of the first, resumed"),
            (MIB..2 * MIB, &[0b010], "the second"),
            (5..2 * MIB + 4, &[0b011], "all but the last byte"),
            (2 * MIB + 4..package, &[0b100], "the last byte"),
            (0..package, &[0b111], "everything"),
            (0..u64::MAX, &[0b111], "more than there is"),
            (package..u64::MAX, &[], "beyond the end"),
            (Range { start: 9, end: 3 }, &[], "a range that ends before it begins"),
        ] {
            let mut blocks = Blocks::default();
            blocks.send(range, package);
            assert_eq!(blocks.as_bytes(), bits, "{why}");
        }
    }

    #[test]
    fn an_absurd_size_costs_no_more_than_the_greatest_package() {
        let mut blocks = Blocks::default();
        blocks.send(0..u64::MAX, u64::MAX);
        assert_eq!(blocks.as_bytes().len(), 1 << 17);
        assert_eq!(blocks.sent_bytes(u64::MAX), Blocks::PACKAGE_LIMIT_BYTES);
    }

    #[test]
    fn a_package_of_no_bytes_is_complete() {
        assert!(Blocks::default().is_complete(0));
        assert!(!Blocks::default().is_complete(1));
    }

    fn blocks() -> impl Strategy<Value = Blocks> {
        proptest::collection::vec(any::<u8>(), 0..20).prop_map(Blocks::from_bytes)
    }

    fn merged(one: &Blocks, other: &Blocks) -> Blocks {
        let mut both = one.clone();
        both.merge(other);
        both
    }

    proptest! {
        #[test]
        fn merging_knows_neither_order_nor_repetition(a in blocks(), b in blocks(), c in blocks()) {
            prop_assert_eq!(merged(&a, &b), merged(&b, &a));
            prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
            prop_assert_eq!(merged(&merged(&a, &b), &b), merged(&a, &b));
            prop_assert_eq!(Blocks::from_bytes(a.as_bytes().to_vec()), a);
        }

        #[test]
        fn however_a_package_is_cut_into_ranges_all_of_it_is_sent(
            package in 1..5 * MIB,
            mut cuts in proptest::collection::vec(0..5 * MIB, 0..6),
        ) {
            cuts.retain(|cut| *cut < package);
            cuts.extend([0, package]);
            cuts.sort_unstable();
            let mut blocks = Blocks::default();
            for pair in cuts.windows(2).rev() {
                blocks.send(pair[0]..pair[1], package);
            }
            prop_assert!(blocks.is_complete(package));
            prop_assert_eq!(blocks.sent_bytes(package), package);
        }
    }
}
