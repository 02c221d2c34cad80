use signed_data::Authorities;

use crate::archive::shown;
use crate::measure::Measure;
use crate::package::{Companion, Surroundings};
use crate::{Archive, ArchiveError, Bundle, BundleKind, Child, Fact, Limits, Package, ReadAt};

/// Why a package has no app that could be looked at.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InspectError {
    /// The archive cannot be read.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// There is no folder `Payload`.
    #[error(
        "the package has no folder \"Payload\"; at its top level are {seen}; export the app from Xcode again"
    )]
    NoPayload {
        /// The names at the top level.
        seen: String,
    },
    /// `Payload` lies in another folder.
    #[error(
        "\"Payload\" lies within the folder {wrapper}, and must be at the top level: pack the content of that folder"
    )]
    Wrapped {
        /// The folder it lies in.
        wrapper: String,
    },
    /// The app lies at the top level.
    #[error("the app {app} lies at the top level, and must be in a folder \"Payload\"")]
    BareApp {
        /// The app's folder.
        app: String,
    },
    /// It is the archive that Xcode keeps of a build, not what is exported from it.
    #[error("this is an Xcode archive, {archive}, packed as it is; export an app from it and take that")]
    XcodeArchive {
        /// The archive's folder.
        archive: String,
    },
    /// It is a package in an archive of its own.
    #[error("this is an archive with a package in it, {package}; unpack it and take that")]
    PackedAgain {
        /// The package.
        package: String,
    },
    /// `Payload` holds no app.
    #[error("\"Payload\" holds no folder whose name ends in \".app\", but {seen}")]
    NoApp {
        /// The names in it.
        seen: String,
    },
    /// `Payload` holds several apps.
    #[error("\"Payload\" holds {count} apps, and one is the most: {apps}")]
    SeveralApps {
        /// How many.
        count: usize,
        /// Their names.
        apps: String,
    },
}

/// Looks at a package: its app, what is nested in it, what lies beside it; not at signatures.
///
/// It reads the end of the archive, the central directory, and of each bundle the few files that tell about it; of an
/// executable only the first pages. Put a [`BlockCache`](crate::BlockCache) before a source whose reads are dear, and
/// take [`Limits::remote`].
///
/// # Errors
///
/// [`InspectError`] when the archive cannot be read, when the source fails, or when there is not exactly one app. What
/// is wrong with the app itself is told as facts.
pub fn inspect(source: &dyn ReadAt, limits: &Limits) -> Result<Package, InspectError> {
    inspect_archive(&Archive::open(source, limits)?, limits)
}

/// As [`inspect`], of an archive that is open already.
///
/// # Errors
///
/// As [`inspect`].
pub fn inspect_archive(archive: &Archive<'_>, limits: &Limits) -> Result<Package, InspectError> {
    Inspection::new(Depth::Outline).of(archive, limits)
}

/// How much of a package is looked at.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Depth {
    /// What [`inspect`] reads: property lists, profiles, the first pages of executables.
    #[default]
    Outline,
    /// Code signatures too, for which executables are inflated.
    Signatures,
    /// Everything that is sealed: every page of code and every file, against the signatures.
    Deep,
}

/// How far an inspection has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Progress {
    /// The bytes of content that were compared so far.
    pub done_bytes: u64,
    /// Those of all files of the app.
    pub total_bytes: u64,
}

/// How a package is to be looked at.
///
/// ```
/// use ipa::{Archive, Depth, Inspection, Limits};
///
/// # let bytes = testkit::app::AppPackage::new("com.example.notes").build();
/// let limits = Limits::default();
/// let archive = Archive::open(&bytes, &limits)?;
/// let package = Inspection::new(Depth::Signatures).of(&archive, &limits)?;
///
/// let signature = package.app.signature().into_known().ok_or("not signed")?;
/// assert_eq!(signature.strongest().team, ipa::Fact::Known("A1B2C3D4E5".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Inspection {
    pub(crate) depth: Depth,
    pub(crate) authorities: Authorities,
}

impl Inspection {
    /// An inspection of this depth that knows Apple's roots.
    #[must_use]
    pub fn new(depth: Depth) -> Self {
        Self { depth, authorities: Authorities::apple().clone() }
    }

    /// Other roots than Apple's.
    #[must_use]
    pub fn authorities(mut self, authorities: Authorities) -> Self {
        self.authorities = authorities;
        self
    }

    /// Looks at the package in this archive.
    ///
    /// # Errors
    ///
    /// As [`inspect`].
    pub fn of(&self, archive: &Archive<'_>, limits: &Limits) -> Result<Package, InspectError> {
        self.watched(archive, limits, &mut |_| {})
    }

    /// As [`of`](Self::of), and tells how far it has come while it compares contents.
    ///
    /// # Errors
    ///
    /// As [`inspect`].
    pub fn watched(
        &self,
        archive: &Archive<'_>,
        limits: &Limits,
        watch: &mut dyn FnMut(Progress),
    ) -> Result<Package, InspectError> {
        let app = app_folder(archive)?;
        let mut found = Found { archive, limits, bundles: Vec::new(), unseen: 0 };
        found.add(&format!("Payload/{app}"), BundleKind::App, 0);
        let Found { bundles, unseen, .. } = found;

        let root = format!("Payload/{app}/");
        let within = archive.entries().filter(|entry| entry.name().starts_with(&root));
        let total_bytes = within.fold(0_u64, |sum, entry| sum.saturating_add(entry.size()));
        let mut done_bytes = 0_u64;
        let mut advance = |bytes: u64| {
            done_bytes = done_bytes.saturating_add(bytes).min(total_bytes);
            watch(Progress { done_bytes, total_bytes });
        };
        let mut measure = Measure::new(archive, limits, self, &mut advance);
        let mut bundles: Vec<Bundle> = bundles
            .into_iter()
            .map(|(path, kind)| Bundle {
                path,
                kind,
                info: Fact::Absent,
                profile: Fact::Absent,
                executable: Fact::Absent,
                icon_files: Fact::Absent,
                localized_names: Fact::Absent,
                resources: Fact::NotMeasured("files are not compared with their seals".to_owned()),
            })
            .collect();
        // What matters most comes first, in case the budget ends.
        let mut order: Vec<&mut Bundle> = bundles.iter_mut().collect();
        order.sort_by_key(|bundle| bundle.kind == BundleKind::Framework);
        for bundle in order {
            measure.bundle(bundle)?;
        }
        if self.depth == Depth::Deep {
            let resources = measure.resources(&bundles)?;
            for (bundle, resources) in bundles.iter_mut().zip(resources) {
                bundle.resources = resources;
            }
        }
        let mut bundles = bundles.into_iter();
        // The app was found first, and nothing takes a bundle away.
        let mut app = bundles.next().ok_or_else(|| InspectError::NoApp { seen: listed(&[]) })?;
        app.localized_names = measure.localized_names(&app.path)?;
        Ok(Package {
            depth: self.depth,
            size_bytes: archive.source_bytes(),
            entries: archive.entries().len(),
            unpacked_bytes: archive.entries().fold(0, |sum, entry| sum.saturating_add(entry.size())),
            app,
            nested: bundles.collect(),
            unseen_bundles: unseen,
            surroundings: surroundings(archive),
        })
    }
}

/// The name of the one app, by where it lies and never by which comes first.
fn app_folder<'a>(archive: &'a Archive<'_>) -> Result<&'a str, InspectError> {
    let top: Vec<Child<'_>> = archive.children("").collect();
    let payload: Vec<Child<'_>> = archive.children("Payload").collect();
    if !top.contains(&Child::Folder("Payload")) {
        let folders = top.iter().filter(|child| matches!(child, Child::Folder(_)));
        for folder in folders.map(|folder| folder.name()).filter(|name| *name != "__MACOSX") {
            if archive.children(folder).any(|child| child == Child::Folder("Payload")) {
                return Err(InspectError::Wrapped { wrapper: shown(folder) });
            }
            if is_named(folder, ".app") {
                return Err(InspectError::BareApp { app: shown(folder) });
            }
        }
        return Err(other_than_package(archive, &top));
    }
    let apps: Vec<Child<'_>> = payload
        .iter()
        .copied()
        .filter(|child| matches!(child, Child::Folder(name) if is_named(name, ".app")))
        .collect();
    match apps[..] {
        [app] => Ok(app.name()),
        [] => Err(InspectError::NoApp { seen: listed(&payload) }),
        _ => Err(InspectError::SeveralApps { count: apps.len(), apps: listed(&apps) }),
    }
}

/// What an archive is that has no folder `Payload`, where that can be told.
fn other_than_package(archive: &Archive<'_>, top: &[Child<'_>]) -> InspectError {
    for child in top {
        match child {
            Child::File(name) if is_named(name, ".ipa") => {
                return InspectError::PackedAgain { package: shown(name) };
            }
            Child::Folder(name) if is_named(name, ".xcarchive") => {
                return InspectError::XcodeArchive { archive: shown(name) };
            }
            _ => {}
        }
    }
    if archive.children("Products").any(|child| child == Child::Folder("Applications")) {
        return InspectError::XcodeArchive { archive: "without its own folder".to_owned() };
    }
    InspectError::NoPayload { seen: listed(top) }
}

/// Whether a name ends so, with something before it, and is a name at all.
fn is_named(name: &str, ending: &str) -> bool {
    name.strip_suffix(ending).is_some_and(|stem| !stem.is_empty())
}

/// Names for an error: quoted, escaped, the first ten.
fn listed(children: &[Child<'_>]) -> String {
    const SHOWN: usize = 10;
    if children.is_empty() {
        return "nothing at all".to_owned();
    }
    let mut text: Vec<String> = children
        .iter()
        .take(SHOWN)
        .map(|child| format!("{:?}", child.name().chars().take(100).collect::<String>()))
        .collect();
    if children.len() > SHOWN {
        text.push(format!("{} more", children.len() - SHOWN));
    }
    text.join(", ")
}

/// Where bundles lie in a bundle, and what they are.
const NESTS: [(&str, &str, BundleKind); 5] = [
    ("PlugIns", ".appex", BundleKind::Extension),
    ("Extensions", ".appex", BundleKind::Extension),
    ("Watch", ".app", BundleKind::WatchApp),
    ("AppClips", ".app", BundleKind::AppClip),
    ("Frameworks", ".framework", BundleKind::Framework),
];

/// The bundles found so far.
struct Found<'a> {
    archive: &'a Archive<'a>,
    limits: &'a Limits,
    bundles: Vec<(String, BundleKind)>,
    unseen: usize,
}

impl Found<'_> {
    /// Adds a bundle and those in it; the depth is bounded, and so is the recursion.
    fn add(&mut self, path: &str, kind: BundleKind, depth: u32) {
        if depth > self.limits.depth || self.bundles.len() as u64 > u64::from(self.limits.bundles) {
            self.unseen += 1;
            return;
        }
        self.bundles.push((path.to_owned(), kind));
        for (folder, ending, kind) in NESTS {
            let folder = format!("{path}/{folder}");
            for child in self.archive.children(&folder) {
                if let Child::Folder(name) = child
                    && is_named(name, ending)
                {
                    self.add(&format!("{folder}/{name}"), kind, depth + 1);
                }
            }
        }
    }
}

fn surroundings(archive: &Archive<'_>) -> Surroundings {
    let mut found = Surroundings::default();
    for child in archive.children("") {
        match Companion::from_name(child.name()) {
            Some(companion) if !found.companions.contains(&companion) => found.companions.push(companion),
            Some(_) => {}
            None if child == Child::Folder("Payload") => {}
            None => found.top_level_strays.add(|| child.name().to_owned()),
        }
    }
    for child in archive.children("Payload") {
        if !matches!(child, Child::Folder(name) if is_named(name, ".app")) {
            found.payload_strays.add(|| child.name().to_owned());
        }
    }
    let [mut last_name, mut last_duplicate, mut last_sc_info] = [None; 3];
    for entry in archive.entries_by_name() {
        let name = entry.name();
        if entry.name_fault().is_some() {
            found.faulty_names.add(|| name.to_owned());
        }
        if entry.is_symlink() {
            found.symlinks.add(|| name.to_owned());
        }
        if last_name.replace(name) == Some(name) && last_duplicate.replace(name) != Some(name) {
            found.duplicate_names.add(|| name.to_owned());
        }
        if let Some((bundle, _)) = name.split_once("/SC_Info/")
            && last_sc_info.replace(bundle) != Some(bundle)
        {
            found.sc_info.add(|| bundle.to_owned());
        }
    }
    found
}
