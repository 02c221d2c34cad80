use itms_services::{DigestCheck, ManifestDocument};

use super::{each_asset, key};
use crate::rule::{Check, Checked, Fault, Rule};
use crate::{EvidenceKind, Facts, Severity, Station};

/// There are digests for parts of a download, but not how long a part is.
pub(crate) static RULE: Rule = Rule {
    code: "MAN012",
    name: "chunk-size-missing",
    severity: Severity::Warning,
    evidence: EvidenceKind::Observed,
    station: Station::Manifest,
    device_shows: "nothing; the download is not checked",
    fix: "write the length of a part into `sha256-size` (or `md5-size`), or leave the digests out",
    explains: &[],
    page: include_str!("chunk_size_missing.md"),
    check: Check::Manifest(check),
};

fn check(manifest: &ManifestDocument, _: &Facts<'_>) -> Checked {
    each_asset(manifest, |asset, kind| {
        let DigestCheck::Ignored { algorithm, count } = asset.digest_check() else { return None };
        let message = format!("the {kind} has {count} {algorithm} digests that the device can't use");
        Some(Fault::new(message).at(key(format!("{}.{algorithm}-size", asset.path()))))
    })
}
