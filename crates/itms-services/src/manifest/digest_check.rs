use std::fmt;

use bounded_plist::{Integer, Value};

use super::document::{AssetDocument, Field};

/// How a device checks an asset while it downloads it.
///
/// Read from decompiled daemons: SHA-256 wins over MD5; one digest covers the whole file; two or more need a chunk
/// size of at least 1, or all are ignored.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum DigestCheck<'a> {
    /// There are no digests.
    None,
    /// The whole file must have this digest.
    Whole {
        /// How it is computed.
        algorithm: DigestAlgorithm,
        /// Hexadecimal digits, as they stand.
        digest: &'a str,
    },
    /// Each chunk must have its digest.
    Chunks {
        /// How they are computed.
        algorithm: DigestAlgorithm,
        /// Length of each chunk but the last in bytes, at least 1.
        chunk_bytes: u64,
        /// Hexadecimal digits, as they stand; two or more.
        digests: Vec<&'a str>,
    },
    /// There are digests, but the device ignores them without a word.
    Ignored {
        /// How they are computed.
        algorithm: DigestAlgorithm,
        /// How many there are.
        count: usize,
    },
}

/// A digest algorithm that manifests know.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum DigestAlgorithm {
    /// MD5.
    Md5,
    /// SHA-256.
    Sha256,
}

impl DigestAlgorithm {
    /// The name as manifests spell it: `md5` or `sha256`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Sha256 => "sha256",
        }
    }
}

impl fmt::Display for DigestAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A digest that no file can have.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct OddDigest {
    /// Where it is: `items[0].assets[0].sha256s[3]`.
    pub path: String,
    /// How many hexadecimal digits its algorithm gives: 64 or 32.
    pub expected_digits: usize,
    /// How many characters there are.
    pub found_characters: usize,
    /// The first character that is no hexadecimal digit.
    pub odd_character: Option<char>,
    /// The value is no text at all.
    pub is_no_text: bool,
}

/// Every digest of an asset that is none by its form, the first hundred.
pub(super) fn odd(asset: &AssetDocument<'_>) -> Vec<OddDigest> {
    const KEPT: usize = 100;
    let path = asset.path();
    let single = |key: &'static str, expected_digits| {
        let value = asset.value().get(key);
        value.map(|value| (format!("{path}.{key}"), value, expected_digits))
    };
    let list = |key: &'static str, expected_digits| {
        let values = asset.value().get(key).and_then(Value::as_array).unwrap_or_default();
        let path = format!("{path}.{key}");
        values
            .iter()
            .enumerate()
            .map(move |(index, value)| (format!("{path}[{index}]"), value, expected_digits))
    };
    let singles = [single("sha256", 64), single("md5", 32)].into_iter().flatten();
    let all = singles.chain(list("sha256s", 64)).chain(list("md5s", 32));
    all.filter_map(|(path, value, expected_digits)| {
        let text = value.as_str().unwrap_or_default();
        let odd_character = text.chars().find(|c| !c.is_ascii_hexdigit());
        let found_characters = text.chars().count();
        let is_odd = odd_character.is_some() || found_characters != expected_digits;
        is_odd.then_some(OddDigest {
            path,
            expected_digits,
            found_characters,
            odd_character,
            is_no_text: value.as_str().is_none(),
        })
    })
    .take(KEPT)
    .collect()
}

pub(super) fn judge<'a>(asset: &AssetDocument<'a>) -> DigestCheck<'a> {
    let sha256 = algorithm(DigestAlgorithm::Sha256, asset.sha256(), asset.sha256s(), asset.sha256_size());
    match sha256 {
        DigestCheck::None => algorithm(DigestAlgorithm::Md5, asset.md5(), asset.md5s(), asset.md5_size()),
        found => found,
    }
}

// Where both forms stand side by side, the list is taken to win (assumed).
fn algorithm<'a>(
    algorithm: DigestAlgorithm,
    single: Field<'a, &'a str>,
    list: Field<'a, &'a [Value]>,
    size: Field<'a, Integer>,
) -> DigestCheck<'a> {
    let values = list.seen().unwrap_or_default();
    let digests: Vec<&str> =
        values.iter().filter_map(Value::as_str).filter(|digest| !digest.is_empty()).collect();
    match digests[..] {
        [] if !values.is_empty() => DigestCheck::Ignored { algorithm, count: values.len() },
        [] => match single.seen().filter(|digest| !digest.is_empty()) {
            Some(digest) => DigestCheck::Whole { algorithm, digest },
            None => DigestCheck::None,
        },
        _ if digests.len() < values.len() => DigestCheck::Ignored { algorithm, count: values.len() },
        [digest] => DigestCheck::Whole { algorithm, digest },
        _ => match size.seen().and_then(Integer::as_u64) {
            Some(chunk_bytes) if chunk_bytes > 0 => DigestCheck::Chunks { algorithm, chunk_bytes, digests },
            _ => DigestCheck::Ignored { algorithm, count: digests.len() },
        },
    }
}
