use std::collections::HashMap;

use super::super::Entry;
use super::EntryPlace;
use crate::{Archive, ArchiveError, Fact, Seen};

/// The longest path a link may hold, in bytes: what Darwin takes (`PATH_MAX`).
const TARGET_BYTES: u64 = 1024;
/// How many links may lead to each other: what Darwin takes (`MAXSYMLINKS`).
const HOPS: u32 = 32;
/// How many parts of paths are walked for one link in all; a path that can be opened has 512.
const STEPS: u32 = 1024;

/// Symbolic links of an archive.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Links {
    /// All of them.
    pub all: Seen<Link>,
    /// Those that lead out of the app they lie in, nowhere by a loop, or cannot be read, or that other entries lie beneath.
    pub astray: Seen<Link>,
}

/// A symbolic link.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Link {
    /// The entry.
    pub entry: EntryPlace,
    /// Where it leads.
    pub target: Fact<LinkTarget>,
    /// Whether the archive has entries beneath the link, as if it were a folder; unpacked, they go where it leads.
    pub has_entries_beneath: bool,
}

/// Where a link leads.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LinkTarget {
    /// The path it holds.
    pub path: String,
    /// What is there.
    pub end: LinkEnd,
}

/// What a link comes to, when its path is followed by its letters, other links of the archive included.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LinkEnd {
    /// Something in the same app; for links that lie in none: in the archive.
    Inside,
    /// Nothing, at a place in the same app.
    Missing,
    /// A place outside the app.
    Outside,
    /// A path from the root of the device.
    Absolute,
    /// Links that lead to each other, more than 32 of them, or a path longer than any that can be opened.
    Endless,
}

/// Reads every link and follows it.
pub(super) fn follow(archive: &Archive<'_>) -> Result<Fact<Links>, ArchiveError> {
    let count = archive.entries().filter(Entry::is_symlink).count();
    let limit = archive.limits.followed_links;
    if count == 0 {
        return Ok(Fact::Absent);
    }
    if count > limit as usize {
        return Ok(Fact::NotMeasured(format!(
            "the archive has {count} symbolic links, and {limit} are read at most"
        )));
    }
    let mut targets: HashMap<&str, Fact<String>> = HashMap::new();
    for entry in archive.entries().filter(Entry::is_symlink) {
        let target = match archive.read(&entry, TARGET_BYTES) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(path) if path.is_empty() => Fact::Unreadable("it leads to an empty path".to_owned()),
                Ok(path) => Fact::Known(path),
                Err(_) => Fact::Unreadable("the path it leads to is not UTF-8".to_owned()),
            },
            Err(error @ ArchiveError::Read { .. }) => return Err(error),
            Err(error) => Fact::Unreadable(error.to_string()),
        };
        targets.insert(entry.name(), target);
    }
    let mut links = Links::default();
    for entry in archive.entries().filter(Entry::is_symlink) {
        let target = targets.get(entry.name()).map_or(Fact::Absent, |target| {
            target.clone().map(|path| {
                let end = end(archive, &targets, entry.name(), &path);
                LinkTarget { path, end }
            })
        });
        let has_entries_beneath = archive.children(entry.name()).next().is_some();
        let sound =
            matches!(target.known(), Some(LinkTarget { end: LinkEnd::Inside | LinkEnd::Missing, .. }));
        let link = || Link { entry: EntryPlace::of(&entry), target: target.clone(), has_entries_beneath };
        links.all.add(link);
        if !sound || has_entries_beneath {
            links.astray.add(link);
        }
    }
    Ok(Fact::Known(links))
}

/// The folder that a link may not leave: `Payload/NAME.app`, or nothing where it lies elsewhere.
fn home(name: &str) -> &str {
    let app = name.strip_prefix("Payload/").and_then(|rest| rest.split_once('/')).map(|(app, _)| app);
    match app {
        Some(app) if app.strip_suffix(".app").is_some() => &name[.."Payload/".len() + app.len()],
        _ => "",
    }
}

fn end(archive: &Archive<'_>, targets: &HashMap<&str, Fact<String>>, name: &str, target: &str) -> LinkEnd {
    if target.starts_with('/') {
        return LinkEnd::Absolute;
    }
    let home = home(name);
    let mut place = name.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    // What is still to be walked, the next part last.
    let mut ahead: Vec<&str> = target.split('/').rev().collect();
    let (mut hops, mut steps) = (0, 0);
    while let Some(part) = ahead.pop() {
        steps += 1;
        if steps > STEPS || place.len() as u64 > TARGET_BYTES {
            return LinkEnd::Endless;
        }
        match part {
            "" | "." => continue,
            ".." if place.is_empty() => return LinkEnd::Outside,
            ".." => place.truncate(place.rfind('/').unwrap_or(0)),
            part => {
                if !place.is_empty() {
                    place.push('/');
                }
                place.push_str(part);
            }
        }
        // Where a path leaves and comes back by the app's own name it is sound only under that name, so it counts as left.
        if !is_within(&place, home) {
            return LinkEnd::Outside;
        }
        if let Some(Fact::Known(further)) = targets.get(place.as_str()) {
            hops += 1;
            if hops > HOPS {
                return LinkEnd::Endless;
            }
            if further.starts_with('/') {
                return LinkEnd::Absolute;
            }
            place.truncate(place.rfind('/').unwrap_or(0));
            ahead.extend(further.split('/').rev());
        }
    }
    let is_there = place.is_empty()
        || archive.directory.find(&place).is_some()
        || archive.directory.find(&format!("{place}/")).is_some()
        || archive.children(&place).next().is_some();
    if is_there { LinkEnd::Inside } else { LinkEnd::Missing }
}

fn is_within(place: &str, home: &str) -> bool {
    place.strip_prefix(home).is_some_and(|rest| home.is_empty() || rest.is_empty() || rest.starts_with('/'))
}
