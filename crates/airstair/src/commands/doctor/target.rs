use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use itms_services::bounded_plist::{self, Dictionary};
use itms_services::{
    FoundLink, InstallLink, LinkPlace, LinkReading, ManifestDocument, SearchLimits, find_links,
};

use crate::failure::Failure;
use crate::package_source::PackageSource;

/// What was named to be examined: the parts of one road.
#[derive(Default)]
pub(super) struct Road {
    /// The targets as they were given.
    pub(super) name: String,
    pub(super) links: Vec<RoadLink>,
    pub(super) manifest: Option<Vec<u8>>,
    pub(super) package: Option<PackageSource>,
}

/// An install link, and the line of the text it stands in.
pub(super) struct RoadLink {
    pub(super) line: Option<usize>,
    pub(super) reading: LinkReading,
}

/// The most text that a link or a manifest is looked for in, in bytes.
const TEXT_BYTES: u64 = 32 << 20;

impl Road {
    /// Takes each target for what it is: by how it is written, how its file is called, and how that begins.
    pub(super) fn open(targets: &[OsString]) -> Result<Self, Failure> {
        let mut road = Self::default();
        for target in targets {
            road.add(target)?;
        }
        road.name = name(targets);
        Ok(road)
    }

    fn add(&mut self, target: &OsStr) -> Result<(), Failure> {
        if let Some(link) = target.to_str().filter(|text| is_link(text)) {
            return self.add_links(target, vec![RoadLink { line: None, reading: InstallLink::parse(link) }]);
        }
        if target.to_str().is_some_and(|text| text.contains("://")) || is_called(target, "ipa") {
            return self.add_package(target);
        }
        let bytes = if target == "-" { read_text(io::stdin(), target)? } else { read_file(target)? };
        let Some(bytes) = bytes else { return self.add_package(target) };
        if is_called(target, "plist") || is_plist(&bytes) {
            let links = links_instead_of_items(&bytes);
            if links.is_empty() {
                return self.add_manifest(target, bytes);
            }
            return self.add_links(target, links);
        }
        let limits = SearchLimits { bytes: bytes.len(), ..SearchLimits::default() };
        let found = find_links(&bytes, &limits).map_err(|error| {
            Failure::bad_answer(format_args!("{} is no package and no manifest", target.display()))
                .because(&error)
                .help("an install link starts with itms-services://?action=download-manifest&url=")
        })?;
        let is_shown = |found: &FoundLink| found.place != LinkPlace::Comment;
        let has_shown = found.links.iter().any(is_shown);
        // A comment shows nothing, unless it is all there is.
        let links = found.links.into_iter().filter(|found| is_shown(found) || !has_shown);
        let links: Vec<RoadLink> = links.filter_map(whole).collect();
        if links.is_empty() {
            return Err(Failure::bad_answer(format_args!(
                "the install links in {} are put together by a script or a template",
                target.display()
            ))
            .help("copy the link itself from the browser, or examine the page as it is sent"));
        }
        self.add_links(target, links)
    }

    fn add_links(&mut self, target: &OsStr, links: Vec<RoadLink>) -> Result<(), Failure> {
        if !self.links.is_empty() {
            return Err(twice("an install link", target));
        }
        self.links = links;
        Ok(())
    }

    fn add_manifest(&mut self, target: &OsStr, bytes: Vec<u8>) -> Result<(), Failure> {
        if self.manifest.is_some() {
            return Err(twice("a manifest", target));
        }
        self.manifest = Some(bytes);
        Ok(())
    }

    fn add_package(&mut self, target: &OsStr) -> Result<(), Failure> {
        if self.package.is_some() {
            return Err(twice("a package", target));
        }
        self.package = Some(PackageSource::open(target, None)?);
        Ok(())
    }
}

/// What a road is called: its targets as they were given.
pub(super) fn name(targets: &[OsString]) -> String {
    let names: Vec<_> = targets.iter().map(|target| target.to_string_lossy()).collect();
    names.join(" + ")
}

/// What a script or a template completes says nothing about the link that comes out.
fn whole(found: FoundLink) -> Option<RoadLink> {
    let line = found.mail_part.is_none().then_some(found.line);
    found.is_whole.then_some(RoadLink { line, reading: found.reading })
}

fn twice(what: &str, target: &OsStr) -> Failure {
    Failure::usage(format_args!("{} is {what}, and there is one already", target.display()))
        .help("a road has one link, one manifest and one package; examine others by themselves")
}

/// Whether a target is a link and no file: what is misspelt in a link must not make a file's name of it.
pub(super) fn is_link(text: &str) -> bool {
    let text = text.trim_start().to_ascii_lowercase();
    text.starts_with("itms-") && text.contains(':')
}

fn is_called(target: &OsStr, extension: &str) -> bool {
    Path::new(target).extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

/// The install links in a property list that is no manifest: a web clip's, a bookmark's.
fn links_instead_of_items(bytes: &[u8]) -> Vec<RoadLink> {
    let Ok(list) = ManifestDocument::read(bytes, &bounded_plist::Limits::default()) else {
        return Vec::new();
    };
    if list.root().get("items").is_some() {
        return Vec::new();
    }
    let mut links = Vec::new();
    let mut left = vec![list.root()];
    while let Some(value) = left.pop() {
        left.extend(value.as_array().into_iter().flatten());
        left.extend(value.as_dictionary().into_iter().flat_map(Dictionary::iter).map(|(_, value)| value));
        let link = value.as_str().filter(|text| is_link(text));
        links.extend(link.map(|link| RoadLink { line: None, reading: InstallLink::parse(link) }));
    }
    links
}

fn is_plist(bytes: &[u8]) -> bool {
    let beginning = &bytes[..bytes.len().min(4096)];
    bytes.starts_with(b"bplist") || beginning.windows(6).any(|part| part.eq_ignore_ascii_case(b"<plist"))
}

/// The bytes of a file, or nothing when it begins like an archive.
fn read_file(target: &OsStr) -> Result<Option<Vec<u8>>, Failure> {
    let failed = |error: &io::Error| {
        Failure::not_done(format_args!("{} could not be opened", target.display())).because(error).help(
            "name a package (.ipa), a manifest (.plist), a file with install links in it, or a link in single quotes",
        )
    };
    let mut file = File::open(target).map_err(|error| failed(&error))?;
    let mut beginning = Vec::new();
    (&mut file).take(4).read_to_end(&mut beginning).map_err(|error| failed(&error))?;
    if beginning.starts_with(b"PK") {
        return Ok(None);
    }
    read_text(io::Cursor::new(beginning).chain(file), target)
}

fn read_text(source: impl Read, target: &OsStr) -> Result<Option<Vec<u8>>, Failure> {
    let mut bytes = Vec::new();
    source.take(TEXT_BYTES + 1).read_to_end(&mut bytes).map_err(|error| {
        Failure::not_done(format_args!("{} could not be read", target.display())).because(&error)
    })?;
    if bytes.len() as u64 > TEXT_BYTES {
        return Err(Failure::usage(format_args!(
            "{} is larger than {} and begins like no package",
            target.display(),
            pages::size(TEXT_BYTES)
        ))
        .help("a package begins with the letters PK; cut a log down to the part with the link"));
    }
    Ok(Some(bytes))
}
