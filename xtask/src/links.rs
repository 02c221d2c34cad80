use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, Result, ensure};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::command::{command, root};

/// Where the pages of the doctor's rules are written.
const RULES: &str = "crates/doctor/src/rules";

/// Fails when a document of the repository names a file, or a heading in one, that is not there.
///
/// Links in the source's own documentation are rustdoc's to check; those of a rule's page lead from where `docs/findings`
/// has it, and are checked there.
pub(crate) fn check() -> Result<()> {
    let listed = command("git", ["ls-files", "--cached", "--others", "--exclude-standard", "*.md"])
        .output()
        .context("could not list the documents")?;
    ensure!(listed.status.success(), "git could not list the documents");
    let listed = String::from_utf8(listed.stdout).context("a document's name is no text")?;
    let documents = listed.lines().map(PathBuf::from);
    let documents = documents.filter(|path| !path.starts_with(RULES) && root().join(path).is_file());
    let documents: HashMap<_, _> =
        documents.map(|path| Ok((path.clone(), read(&path)?))).collect::<Result<_>>()?;
    let mut faults = BTreeSet::new();
    for (path, document) in &documents {
        for link in &document.links {
            if let Some(fault) = fault(path, link, &documents) {
                faults.insert(format!("{}: {link}: {fault}", path.display()));
            }
        }
    }
    ensure!(
        faults.is_empty(),
        "links that lead nowhere:\n  {}",
        faults.into_iter().collect::<Vec<_>>().join("\n  ")
    );
    Ok(())
}

#[derive(Default)]
struct Document {
    links: Vec<String>,
    /// What can stand behind a `#`.
    headings: BTreeSet<String>,
}

fn read(path: &Path) -> Result<Document> {
    let text = fs::read_to_string(root().join(path))
        .with_context(|| format!("could not read {}", path.display()))?;
    let mut document = Document::default();
    let mut heading = None;
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                document.links.push(dest_url.into_string());
            }
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                document.headings.extend(heading.take().map(|text| anchor(&text)));
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
            }
            _ => {}
        }
    }
    Ok(document)
}

/// How GitHub names a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.flat_map(char::to_lowercase).map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn fault(from: &Path, link: &str, documents: &HashMap<PathBuf, Document>) -> Option<&'static str> {
    // Other hosts are asked by nobody here: checks give the same answer with and without a network.
    if link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let (file, heading) = link.split_once('#').map_or((link, None), |(file, heading)| (file, Some(heading)));
    let target = if file.is_empty() { from.to_owned() } else { beside(from, file) };
    if !root().join(&target).exists() {
        return Some("there is no such file");
    }
    let is_there =
        |heading| documents.get(&target).is_some_and(|document| document.headings.contains(heading));
    heading.is_some_and(|heading| !is_there(heading)).then_some("there is no such heading")
}

/// The path that a link in the document `from` means, from the root of the repository.
fn beside(from: &Path, file: &str) -> PathBuf {
    let mut path = from.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(file).components() {
        match part {
            Component::ParentDir => {
                path.pop();
            }
            Component::Normal(name) => path.push(name),
            _ => {}
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_named_as_on_github() {
        for (heading, expected) in [
            ("PRF004 profile-expired", "prf004-profile-expired"),
            ("Publish: PUT /api/v1/builds", "publish-put-apiv1builds"),
            ("public_url", "public_url"),
            ("What’s new?", "whats-new"),
            ("Über uns", "über-uns"),
        ] {
            assert_eq!(anchor(heading), expected, "{heading}");
        }
    }

    #[test]
    fn only_what_is_there_is_no_fault() {
        let readme = PathBuf::from("README.md");
        let documents = HashMap::from([(readme.clone(), read(&readme).unwrap())]);
        for (from, link, expected) in [
            ("README.md", "#try-it", None),
            ("README.md", "#try-that", Some("there is no such heading")),
            ("README.md", "docs/decisions", None),
            ("docs/README.md", "../README.md#try-it", None),
            ("docs/README.md", "README.md#try-it", Some("there is no such heading")),
            ("docs/guide/none.md", "../decisions/none.md", Some("there is no such file")),
            ("docs/guide/none.md", "../../README.md#none", Some("there is no such heading")),
            ("README.md", "https://example.com/none#none", None),
        ] {
            assert_eq!(fault(Path::new(from), link, &documents), expected, "{link} in {from}");
        }
    }
}
