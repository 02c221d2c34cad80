use crate::{
    Archive, ArchiveError, ArchiveWalk, Cut, DamagedEntry, Depth, FileKind, InspectError, Inspection, Limits,
    Package, Progress, ReadAt, Seen,
};

/// Everything that can be told about what should be a package, whatever it is.
///
/// ```
/// use ipa::{Examined, FileKind, Limits};
///
/// let page = b"<!DOCTYPE html><title>Sign in</title>".to_vec();
/// let examined = Examined::of(&page, &Limits::default())?;
/// assert_eq!(examined.kind, FileKind::Html);
/// assert!(examined.archive.is_err() && examined.package.is_err());
/// # Ok::<(), ipa::ArchiveError>(())
/// ```
#[derive(Debug)]
pub struct Examined {
    /// Its size.
    pub size_bytes: u64,
    /// What it is by its first bytes.
    pub kind: FileKind,
    /// What a device meets that unpacks it while it downloads.
    pub archive: Result<ArchiveWalk, NoArchive>,
    /// Entries that are damaged, as far as they were read.
    pub damaged: Seen<DamagedEntry>,
    /// The app in it, and what is nested and lies beside.
    pub package: Result<Package, InspectError>,
}

/// What can be told of an archive that cannot be opened; why it cannot is told by [`Examined::package`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NoArchive {
    /// Where it was cut, if it was.
    pub cut: Option<Cut>,
}

impl Examined {
    /// Looks at a source.
    ///
    /// # Errors
    ///
    /// [`ArchiveError::Read`] when the source fails, which tells nothing about the package. Whatever is wrong with the
    /// package is in what comes back.
    pub fn of(source: &dyn ReadAt, limits: &Limits) -> Result<Self, ArchiveError> {
        match Archive::open(source, limits) {
            Ok(archive) => Self::of_archive(&archive, limits),
            Err(error) => Self::of_unopened(source, error, limits),
        }
    }

    /// As [`Examined::of`], of an archive that is open already.
    ///
    /// # Errors
    ///
    /// As [`Examined::of`].
    pub fn of_archive(archive: &Archive<'_>, limits: &Limits) -> Result<Self, ArchiveError> {
        Self::watched(archive, limits, &Inspection::new(Depth::Outline), &mut |_| {})
    }

    /// As [`Examined::of_archive`], with the package looked at by `inspection`, which tells how far it has come.
    ///
    /// # Errors
    ///
    /// As [`Examined::of`].
    pub fn watched(
        archive: &Archive<'_>,
        limits: &Limits,
        inspection: &Inspection,
        watch: &mut dyn FnMut(Progress),
    ) -> Result<Self, ArchiveError> {
        let package = match inspection.watched(archive, limits, watch) {
            Err(InspectError::Archive(error @ ArchiveError::Read { .. })) => return Err(error),
            package => package,
        };
        Ok(Self {
            size_bytes: archive.source_bytes(),
            kind: archive.kind()?,
            archive: Ok(archive.walk()?),
            damaged: archive.damaged(),
            package,
        })
    }

    /// As [`Examined::of`], of a source that [`Archive::open`] refused with `error`.
    ///
    /// # Errors
    ///
    /// As [`Examined::of`].
    pub fn of_unopened(
        source: &dyn ReadAt,
        error: ArchiveError,
        limits: &Limits,
    ) -> Result<Self, ArchiveError> {
        if matches!(error, ArchiveError::Read { .. }) {
            return Err(error);
        }
        let kind = FileKind::of_source(source)?;
        let cut = Cut::find(source, &error, limits)?;
        let package = Err(InspectError::Archive(error));
        Ok(Self {
            size_bytes: source.len(),
            kind,
            archive: Err(NoArchive { cut }),
            damaged: Seen::default(),
            package,
        })
    }
}
