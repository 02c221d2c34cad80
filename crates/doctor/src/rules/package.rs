pub(super) mod content_encoded;
pub(super) mod head_refused;
pub(super) mod length_missing_or_wrong;
pub(super) mod package_content_type;
pub(super) mod package_cut_off;
pub(super) mod package_not_a_zip;
pub(super) mod package_redirected;
pub(super) mod package_slow;
pub(super) mod package_status;
pub(super) mod ranges_not_supported;

use ipa::FileKind;

use crate::rule::NotJudged;
use crate::{Answer, PackageFetch};

/// The answer that the package came with, as far as its first bytes tell. Where there is none, another rule says what
/// came instead, and how it was sent does not matter.
fn served(fetched: &PackageFetch) -> Result<&Answer, NotJudged> {
    let answer = fetched.get.by_installer.success().ok_or(NotJudged::NotMine)?;
    if is_archive(FileKind::of(&answer.body.bytes)) { Ok(answer) } else { Err(NotJudged::NotMine) }
}

/// Whether what begins so is an archive, whatever else is wrong with it.
fn is_archive(kind: FileKind) -> bool {
    matches!(kind, FileKind::Zip | FileKind::EmptyZip | FileKind::SplitZip)
}
