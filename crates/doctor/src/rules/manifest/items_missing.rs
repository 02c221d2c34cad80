use itms_services::{Field, ManifestDocument};

use super::key;
use crate::rule::{Check, Checked, Fault, Rule, clean, found};
use crate::{EvidenceKind, Facts, Severity, Station};

/// The manifest lists no app.
pub(crate) static RULE: Rule = Rule {
    code: "MAN001",
    name: "items-missing",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::Manifest,
    device_shows: "\"Cannot connect to\" the manifest's host",
    fix: "write the app into the array `items`",
    explains: &[],
    page: include_str!("items_missing.md"),
    check: Check::Manifest(check),
};

fn check(manifest: &ManifestDocument, _: &Facts<'_>) -> Checked {
    let message = match manifest.items() {
        Field::Seen(items) if !items.is_empty() => return clean(),
        Field::Seen(_) => "`items` is empty".to_owned(),
        Field::Absent if manifest.root().as_dictionary().is_none() => {
            format!("the manifest is {} where a dictionary belongs", manifest.root().kind())
        }
        Field::Absent => "there is no key `items`".to_owned(),
        Field::OtherKind(value) => format!("`items` is {} where an array belongs", value.kind()),
    };
    found(Fault::new(message).at(key("items")))
}
