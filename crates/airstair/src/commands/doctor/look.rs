use std::io;

use ipa::{Archive, ArchiveError, Depth, Examined, Fact, Inspection, Limits, ReadAt};
use itms_services::{DigestComparison, DigestDifference, TakenAsset};

use crate::cli::Format;
use crate::failure::Failure;
use crate::package_source::PackageSource;
use crate::progress::Progress;

/// How a package is looked at.
#[derive(Clone, Copy)]
pub(super) struct Looking {
    pub(super) depth: Depth,
    /// Whether a person reads the answer, and so sees how far it has come.
    pub(super) format: Format,
}

/// How much of a package is held at once while it is compared with its digests.
const BLOCK_BYTES: usize = 256 << 10;

impl Looking {
    /// Looks at the package and at every code signature in it; deep, at every file.
    pub(super) fn at_package(self, source: &PackageSource) -> Result<Examined, Failure> {
        let mut bar = None;
        let mut done_bytes = 0;
        let mut watch = |progress: ipa::Progress| {
            let bar = bar.get_or_insert_with(|| Progress::bar(progress.total_bytes, self.format));
            bar.advance(progress.done_bytes - done_bytes);
            done_bytes = progress.done_bytes;
        };
        let examined = self.examined(source.reader(), &self.limits(source), &mut watch);
        if let Some(bar) = bar {
            bar.finish();
        }
        source.check()?;
        examined.map_err(|error| {
            Failure::not_done("the package could not be read to its end").because(&error).help("try again")
        })
    }

    /// Of a package at a web address little is fetched, unless all of it is asked for.
    fn limits(self, source: &PackageSource) -> Limits {
        match self.depth {
            Depth::Deep => Limits::default(),
            Depth::Outline | Depth::Signatures => source.limits().clone(),
        }
    }

    fn examined(
        self,
        source: &dyn ReadAt,
        limits: &Limits,
        watch: &mut dyn FnMut(ipa::Progress),
    ) -> Result<Examined, ArchiveError> {
        match Archive::open(source, limits) {
            Ok(archive) => Examined::watched(&archive, limits, &Inspection::new(self.depth), watch),
            Err(error) => Examined::of_unopened(source, error, limits),
        }
    }

    /// Compares the package with the digests that its manifest has of it; absent unless it is to be read whole.
    pub(super) fn at_digests(
        self,
        source: &PackageSource,
        asset: &TakenAsset<'_>,
    ) -> Result<Fact<Option<DigestDifference>>, Failure> {
        let comparison = DigestComparison::new(&asset.digest_check).filter(|_| self.depth == Depth::Deep);
        let Some(mut comparison) = comparison else { return Ok(Fact::Absent) };
        let reader = source.reader();
        let bar = Progress::bar(reader.len(), self.format);
        let mut block = vec![0; BLOCK_BYTES];
        let mut offset = 0;
        let read = loop {
            match reader.read_at(offset, &mut block) {
                Ok(0) => break Ok(()),
                Ok(count) => {
                    comparison.update(&block[..count]);
                    offset += count as u64;
                    bar.advance(count as u64);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => break Err(error),
            }
            if comparison.is_decided() {
                break Ok(());
            }
        };
        bar.finish();
        source.check()?;
        read.map(|()| Fact::Known(comparison.finish())).map_err(|error| {
            Failure::not_done("the package could not be read to its end").because(&error).help("try again")
        })
    }
}
