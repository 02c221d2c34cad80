//! What is read of an archive for an inspection, within its budget.

use std::collections::HashMap;

use crate::executable::ContentDigests;
use crate::inspect::{Depth, Inspection};
use crate::resources::Check;
use crate::{
    Archive, ArchiveError, Bundle, Child, Entry, EntryReader, Executable, ExecutableError, Fact, InfoPlist,
    Limits, LocalizedName, Profile, Resources, SealedFiles, SignatureReading, strings,
};

/// Opens entries for as long as the budget lasts.
pub(crate) struct Measure<'a> {
    archive: &'a Archive<'a>,
    limits: &'a Limits,
    inspection: &'a Inspection,
    opened: u32,
    spent_bytes: u64,
    /// What was inflated of executables to find their signatures.
    signed_bytes: u64,
    /// SHA-256 of executables that were read whole, by the place of their entry.
    digests: HashMap<u64, [u8; 32]>,
    advance: &'a mut dyn FnMut(u64),
}

impl<'a> Measure<'a> {
    /// Nothing spent; `advance` is told of contents that are compared.
    pub(crate) fn new(
        archive: &'a Archive<'a>,
        limits: &'a Limits,
        inspection: &'a Inspection,
        advance: &'a mut dyn FnMut(u64),
    ) -> Self {
        Self {
            archive,
            limits,
            inspection,
            opened: 0,
            spent_bytes: 0,
            signed_bytes: 0,
            digests: HashMap::new(),
            advance,
        }
    }

    /// Reads what tells about a bundle.
    pub(crate) fn bundle(&mut self, bundle: &mut Bundle) -> Result<(), ArchiveError> {
        let limits = self.limits;
        let info = self.content(&format!("{}/Info.plist", bundle.path), limits.plist.input_bytes as u64)?;
        bundle.info = info.as_ref().and_then(|bytes| InfoPlist::read(bytes, &limits.plist).into());
        bundle.profile = self
            .content(&format!("{}/embedded.mobileprovision", bundle.path), limits.profile_bytes)?
            .and_then(|bytes| Profile::read_below(&bytes, limits, &self.inspection.authorities).into());
        bundle.executable = self.executable(bundle, &info)?;
        bundle.icon_files = crate::icon::files(self.archive, &bundle.path, &bundle.info);
        bundle.localized_names =
            Fact::NotMeasured("names in other languages are read of the app alone".to_owned());
        Ok(())
    }

    /// The entry, unless the budget is spent.
    fn open(&mut self, path: &str) -> Fact<Entry<'a>> {
        let Some(entry) = self.archive.find(path) else {
            return Fact::Absent;
        };
        if self.opened >= self.limits.opened_entries {
            return Fact::NotMeasured(format!(
                "{} files have been read, and that is the limit",
                self.limits.opened_entries
            ));
        }
        if self.spent_bytes >= self.limits.inspected_bytes {
            return Fact::NotMeasured(format!(
                "{} bytes have been read, and that is the limit",
                self.limits.inspected_bytes
            ));
        }
        if entry.is_symlink() {
            return Fact::Unreadable("it is a symbolic link, expected a file".to_owned());
        }
        self.opened += 1;
        Fact::Known(entry)
    }

    fn content(&mut self, path: &str, limit_bytes: u64) -> Result<Fact<Vec<u8>>, ArchiveError> {
        let entry = match self.open(path) {
            Fact::Known(entry) => entry,
            other => return Ok(other.map(|_| Vec::new())),
        };
        if entry.size() <= limit_bytes {
            // Counted whether or not it turns out to be sound: inflating is what costs.
            self.spent_bytes += entry.size();
        }
        of_content(self.archive.read(&entry, limit_bytes))
    }

    fn executable(
        &mut self,
        bundle: &Bundle,
        info_plist: &Fact<Vec<u8>>,
    ) -> Result<Fact<Executable>, ArchiveError> {
        let Some(name) = bundle.info.known().and_then(|info| info.executable.known()) else {
            return Ok(Fact::NotMeasured("its name is not known from Info.plist".to_owned()));
        };
        let limit_bytes =
            self.limits.executable_bytes.min(self.limits.inspected_bytes.saturating_sub(self.spent_bytes));
        let entry = match self.open(&format!("{}/{name}", bundle.path)) {
            Fact::Known(entry) => entry,
            other => return Ok(other.and_then(|_| Fact::Absent)),
        };
        let mut reader = match of_content(self.archive.reader(&entry))? {
            Fact::Known(reader) => reader,
            other => return Ok(other.and_then(|_| Fact::Absent)),
        };
        let executable = if self.inspection.depth == Depth::Outline {
            let executable = Executable::read(&mut reader, limit_bytes);
            if !reader.is_stored() {
                self.spent_bytes += reader.given_bytes();
            }
            executable
        } else {
            let inflated_bytes = match self.inspection.depth {
                Depth::Deep => u64::MAX,
                _ => self.limits.signed_bytes.saturating_sub(self.signed_bytes),
            };
            let resources = if inflated_bytes > 0 || reader.is_stored() {
                self.code_resources(&bundle.path)?
            } else {
                Fact::NotMeasured("the signature is not looked at".to_owned())
            };
            let signatures = SignatureReading {
                sealed: SealedFiles { info_plist, resources: &resources },
                inflated_bytes,
                limits: self.limits,
                authorities: &self.inspection.authorities,
            };
            let executable = if self.inspection.depth == Depth::Deep {
                self.whole(&entry, &mut reader, &signatures)?
            } else {
                Executable::read_signed(&mut reader, limit_bytes, &signatures)
            };
            if !reader.is_stored() {
                self.signed_bytes += reader.given_bytes();
            }
            executable
        };
        match executable {
            Err(ExecutableError::Archive(error)) => of_content(Err(error)),
            other => Ok(other.into()),
        }
    }

    /// Reads an executable from its first byte to its last; twice, where its pages are digested in an unusual way.
    fn whole(
        &mut self,
        entry: &Entry<'_>,
        reader: &mut EntryReader<'_>,
        signatures: &SignatureReading<'_>,
    ) -> Result<Result<Executable, ExecutableError>, ArchiveError> {
        let mut digests = ContentDigests::new(self.limits.signature_bytes, self.advance);
        let first = Executable::read_whole(reader, signatures, &mut digests);
        if let Some(sha256) = digests.sha256 {
            self.digests.insert(entry.header_offset(), sha256);
        }
        let Some(mut digests) = digests.again().filter(|_| first.is_ok()) else { return Ok(first) };
        let mut reader = self.archive.reader(entry)?;
        Ok(Executable::read_whole(&mut reader, signatures, &mut digests))
    }

    fn code_resources(&mut self, bundle: &str) -> Result<Fact<Vec<u8>>, ArchiveError> {
        let path = format!("{bundle}/_CodeSignature/CodeResources");
        self.content(&path, self.limits.resources.input_bytes as u64)
    }

    /// Compares all that the bundles seal with what is there.
    pub(crate) fn resources(&mut self, bundles: &[Bundle]) -> Result<Vec<Fact<Resources>>, ArchiveError> {
        let mut check = Check::new(self.archive, self.limits, bundles);
        for bundle in bundles {
            let resources = self.code_resources(&bundle.path)?;
            check.add(bundle, resources);
        }
        check.run(&self.digests, self.advance)
    }

    /// The app's names in other languages.
    pub(crate) fn localized_names(&mut self, app: &str) -> Result<Fact<Vec<LocalizedName>>, ArchiveError> {
        if self.limits.languages == 0 {
            return Ok(Fact::NotMeasured("the limits leave names in other languages out".to_owned()));
        }
        let languages = self.archive.children(app).filter_map(|child| match child {
            Child::Folder(name) => name.strip_suffix(".lproj").filter(|language| !language.is_empty()),
            Child::File(_) => None,
        });
        let mut names = Vec::new();
        for language in languages.take(self.limits.languages as usize) {
            let path = format!("{app}/{language}.lproj/InfoPlist.strings");
            let content = self.content(&path, self.limits.plist.input_bytes as u64)?;
            let name = content.and_then(|bytes| match strings::read(&bytes, &self.limits.plist) {
                Ok(pairs) => strings::name(&pairs).into(),
                Err(error) => Fact::Unreadable(error.to_string()),
            });
            if !name.is_absent() {
                names.push(LocalizedName { language: language.to_owned(), name });
            }
        }
        Ok(if names.is_empty() { Fact::Absent } else { Fact::Known(names) })
    }
}

/// What was read, or that it makes no sense. A source that fails says nothing about the package, and ends it all.
fn of_content<T>(result: Result<T, ArchiveError>) -> Result<Fact<T>, ArchiveError> {
    match result {
        Err(error @ ArchiveError::Read { .. }) => Err(error),
        other => Ok(other.into()),
    }
}
