use ipa::Fact;
use itms_services::{AssetKind, DigestCheck, DigestDifference, ManifestDocument};

use super::key;
use crate::rule::{Check, Checked, Fault, NotJudged, Rule, clean, found, measured};
use crate::{Evidence, EvidenceKind, EvidencePlace, Facts, Severity, Station};

/// The package is not the one that the manifest has digests of.
pub(crate) static RULE: Rule = Rule {
    code: "MAN013",
    name: "digest-mismatch",
    severity: Severity::Error,
    evidence: EvidenceKind::Documented,
    station: Station::PackageFetch,
    device_shows: "\"Unable to Install\" during the download",
    fix: "write the manifest anew for this package (`airstair manifest --digests` does), or leave the digests out",
    explains: &[],
    page: include_str!("digest_mismatch.md"),
    check: Check::Manifest(check),
};

fn check(manifest: &ManifestDocument, facts: &Facts<'_>) -> Checked {
    let view = manifest.device_view(facts.device.model.as_deref());
    let packages = view.offered().filter_map(|app| app.asset(AssetKind::SoftwarePackage));
    if !packages.map(|asset| &asset.digest_check).any(is_made) {
        return clean();
    }
    let package = measured(&facts.package)?;
    let Some(asset) = facts.package_asset().filter(|asset| is_made(&asset.digest_check)) else {
        return clean();
    };
    let difference = match &measured(&facts.manifest)?.digests {
        Fact::Absent => {
            return Err(NotJudged::NotAsked {
                option: "--deep",
                tells: "whether the package is the one that the manifest has digests of",
            });
        }
        digests => measured(digests)?,
    };
    let Some(difference) = difference else { return clean() };
    let (algorithm, digests) = match &asset.digest_check {
        DigestCheck::Chunks { algorithm, digests, .. } => (algorithm, digests.as_slice()),
        DigestCheck::Whole { algorithm, .. } => (algorithm, [].as_slice()),
        DigestCheck::None | DigestCheck::Ignored { .. } => return clean(),
    };
    found(match difference {
        DigestDifference::Chunk { place, start, end } => match digests.get(*place) {
            Some(digest) => {
                let count = digests.len();
                let last = end.saturating_sub(1);
                let message = format!(
                    "chunk {} of {count}, bytes {start} to {last}, has another {algorithm} than the manifest says",
                    place + 1
                );
                Fault::new(message)
                    .at(key(format_args!("{}.{algorithm}s[{place}]", asset.path)).seen(digest))
                    .at(Evidence::at(EvidencePlace::ByteOffset, start))
            }
            None => Fault::new(format!("the package has another {algorithm} than the manifest says"))
                .at(key(&asset.path)),
        },
        DigestDifference::Longer { covered_bytes } => {
            let message = format!(
                "the digests of the manifest are for {covered_bytes} bytes, and the package has {}",
                package.size_bytes
            );
            Fault::new(message)
                .lighter(Severity::Warning)
                .at(key(format_args!("{}.{algorithm}s", asset.path)))
        }
        DigestDifference::Shorter { chunks } => {
            let message = format!(
                "the manifest has digests of {} chunks, and the package is {chunks} long",
                digests.len()
            );
            Fault::new(message)
                .lighter(Severity::Warning)
                .at(key(format_args!("{}.{algorithm}s", asset.path)))
        }
    })
}

/// Whether a device checks anything.
fn is_made(check: &DigestCheck<'_>) -> bool {
    matches!(check, DigestCheck::Whole { .. } | DigestCheck::Chunks { .. })
}
