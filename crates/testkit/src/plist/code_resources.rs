//! `_CodeSignature/CodeResources`: the digests of a bundle's files.

use sha1::Sha1;
use sha2::{Digest as _, Sha256};

use super::{Dictionary, Format, Value, encode};
use crate::zip::Content;

/// The file for a bundle that holds `files` (path in the bundle, content), executable and this file excepted.
///
/// Files of `.lproj` folders are optional, Base excepted; `files2` leaves out Info.plist and `PkgInfo`.
/// Rules as Xcode writes them for iOS.
#[must_use]
pub fn code_resources<'a>(files: impl IntoIterator<Item = (&'a str, &'a Content)>) -> Vec<u8> {
    let mut old = Dictionary::new();
    let mut new = Dictionary::new();
    for (path, content) in files {
        let optional = path.contains(".lproj/") && !path.starts_with("Base.lproj/");
        let [sha1, sha256] = digests(content).map(Value::Data);
        let entry =
            if optional { dictionary([("hash", sha1.clone()), ("optional", true.into())]) } else { sha1 };
        old.insert(path.to_owned(), entry);
        if !matches!(path, "Info.plist" | "PkgInfo") {
            let mut entry = dictionary([("hash2", sha256)]);
            if let (true, Value::Dictionary(entry)) = (optional, &mut entry) {
                entry.insert("optional".to_owned(), true.into());
            }
            new.insert(path.to_owned(), entry);
        }
    }
    let weight = |weight: f64| ("weight", Value::Real(weight));
    let optional = || ("optional", Value::Boolean(true));
    let omit = || ("omit", Value::Boolean(true));
    let rules = dictionary([
        ("^.*", true.into()),
        ("^.*\\.lproj/", dictionary([optional(), weight(1000.0)])),
        ("^.*\\.lproj/locversion.plist$", dictionary([omit(), weight(1100.0)])),
        ("^Base\\.lproj/", dictionary([weight(1010.0)])),
        ("^version.plist$", true.into()),
    ]);
    let rules2 = dictionary([
        (".*\\.dSYM($|/)", dictionary([weight(11.0)])),
        ("^(.*/)?\\.DS_Store$", dictionary([omit(), weight(2000.0)])),
        ("^.*", true.into()),
        ("^.*\\.lproj/", dictionary([optional(), weight(1000.0)])),
        ("^.*\\.lproj/locversion.plist$", dictionary([omit(), weight(1100.0)])),
        ("^Base\\.lproj/", dictionary([weight(1010.0)])),
        ("^Info\\.plist$", dictionary([omit(), weight(20.0)])),
        ("^PkgInfo$", dictionary([omit(), weight(20.0)])),
        ("^embedded\\.provisionprofile$", dictionary([weight(20.0)])),
        ("^version\\.plist$", dictionary([weight(20.0)])),
    ]);
    let all = dictionary([
        ("files", Value::Dictionary(old)),
        ("files2", Value::Dictionary(new)),
        ("rules", rules),
        ("rules2", rules2),
    ]);
    encode(&all, Format::Xml)
}

/// SHA-1 and SHA-256 in one pass.
fn digests(content: &Content) -> [Vec<u8>; 2] {
    let (mut sha1, mut sha256) = (Sha1::new(), Sha256::new());
    content.each_block(|block| {
        sha1.update(block);
        sha256.update(block);
    });
    [sha1.finalize().to_vec(), sha256.finalize().to_vec()]
}

fn dictionary<const N: usize>(pairs: [(&str, Value); N]) -> Value {
    Value::Dictionary(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}
