//! The CodeDirectory: what is signed, digest by digest.

use std::fmt;

use ring::digest;

use super::SignatureError;
use crate::Fact;
use crate::bytes::{array_at, big_u32_at};

const MAGIC: u32 = 0xfade_0c02;
/// The most special slots; the newest systems know 11.
const SPECIAL_SLOTS: u32 = 64;
/// The longest identifier, in bytes.
const TEXT_BYTES: usize = 1024;

/// One CodeDirectory of a signature: who the code is, and the digests of all that belongs to it.
///
/// Source: Apple, `cs_blobs.h` (`CS_CodeDirectory`).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CodeDirectory {
    /// How it digests.
    pub digest: CodeDigest,
    /// The version of its format: 0x20400 and above is what iOS 15 asks for.
    pub version: u32,
    /// Its flags, such as [`CodeDirectory::AD_HOC`].
    pub flags: u32,
    /// The identifier the code is signed under; of an app it is the bundle identifier.
    pub identifier: Fact<String>,
    /// The team it is signed by; absent before version 0x20200, and where nobody signs.
    pub team: Fact<String>,
    /// How many bytes of the executable are digested, from its start: up to the signature.
    pub code_limit: u64,
    /// The bytes of a page, each of which has a digest; `None` when all is one page.
    pub page_bytes: Option<u64>,
    /// How many pages have a digest.
    pub pages: u32,
    /// The platform it is restricted to, 0 for none.
    pub platform: u8,
    /// What the text segment is, since version 0x20400; bit 0 marks a main executable.
    pub exec_segment_flags: Fact<u64>,
    /// What it is known by.
    pub code_hash: CodeHash,
    /// Its digest in full.
    pub(super) full_hash: Vec<u8>,
    /// The digests of what lies beside the code, by slot from 1 on, each empty where it is all zeros.
    special: Vec<Vec<u8>>,
}

/// How a CodeDirectory digests.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum CodeDigest {
    /// Something that is not known here, by its number.
    Other(u8),
    /// 1: what iOS 10 and older read.
    Sha1,
    /// 3: SHA-256 of which 20 bytes are kept.
    Sha256Truncated,
    /// 2.
    Sha256,
    /// 4.
    Sha384,
}

/// The digest of a CodeDirectory, cut to 20 bytes: by it the system knows code. Shown in hexadecimal.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct CodeHash(pub [u8; 20]);

impl fmt::Display for CodeHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl CodeDigest {
    fn from_code(code: u8) -> Self {
        match code {
            1 => Self::Sha1,
            2 => Self::Sha256,
            3 => Self::Sha256Truncated,
            4 => Self::Sha384,
            other => Self::Other(other),
        }
    }

    /// The length of a digest, in bytes.
    pub(crate) fn bytes(self) -> Option<usize> {
        match self {
            Self::Sha1 | Self::Sha256Truncated => Some(20),
            Self::Sha256 => Some(32),
            Self::Sha384 => Some(48),
            Self::Other(_) => None,
        }
    }

    pub(crate) fn algorithm(self) -> Option<&'static digest::Algorithm> {
        match self {
            Self::Sha1 => Some(&digest::SHA1_FOR_LEGACY_USE_ONLY),
            Self::Sha256 | Self::Sha256Truncated => Some(&digest::SHA256),
            Self::Sha384 => Some(&digest::SHA384),
            Self::Other(_) => None,
        }
    }
}

impl fmt::Display for CodeDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha256Truncated => "SHA-256, cut to 20 bytes",
            Self::Sha384 => "SHA-384",
            Self::Other(code) => return write!(formatter, "digest {code}"),
        })
    }
}

impl CodeDirectory {
    /// The flag of code that nobody has signed (`CS_ADHOC`).
    pub const AD_HOC: u32 = 2;

    /// Whether it says that nobody has signed it.
    #[must_use]
    pub fn is_ad_hoc(&self) -> bool {
        self.flags & Self::AD_HOC != 0
    }

    /// Reads the CodeDirectory in a blob, given whole.
    pub(super) fn read(blob: &[u8]) -> Result<Self, SignatureError> {
        let word = |at: usize| big_u32_at(blob, at).ok_or(SignatureError::Directory("it is too short"));
        let found = word(0)?;
        if found != MAGIC {
            return Err(SignatureError::Kind { slot: 0, found, expected: MAGIC });
        }
        let [version, flags, hashes, identifier, special, pages, limit] = {
            let mut fields = [0; 7];
            for (field, at) in fields.iter_mut().zip((8..).step_by(4)) {
                *field = word(at)?;
            }
            fields
        };
        let Some([digest_bytes, digest, platform, page_bits]) = array_at(blob, 36) else {
            return Err(SignatureError::Directory("it is too short"));
        };
        let digest = CodeDigest::from_code(digest);
        let digest_bytes = usize::from(digest_bytes);
        if digest_bytes == 0 || digest.bytes().is_some_and(|known| known != digest_bytes) {
            return Err(SignatureError::Directory("its digests are of another length than their kind has"));
        }
        if special > SPECIAL_SLOTS {
            return Err(SignatureError::Directory("it has more than 64 special slots"));
        }
        let hashes = hashes as usize;
        let special_start = hashes.checked_sub(special as usize * digest_bytes);
        let pages_end =
            (pages as usize).checked_mul(digest_bytes).and_then(|bytes| bytes.checked_add(hashes));
        let (Some(special_start @ 44..), Some(0..)) = (special_start, pages_end) else {
            return Err(SignatureError::Directory("its digests lie outside of it"));
        };
        if pages_end.is_none_or(|end| end > blob.len()) {
            return Err(SignatureError::Directory("its digests lie outside of it"));
        }
        let special = blob[special_start..hashes]
            .chunks_exact(digest_bytes)
            .rev()
            .map(|digest| if digest.iter().all(|byte| *byte == 0) { Vec::new() } else { digest.to_vec() })
            .collect();
        let since = |since: u32, at: usize| if version >= since { big_u32_at(blob, at) } else { None };
        let long = |at: usize| array_at(blob, at).map(u64::from_be_bytes);
        let code_limit = match long(56).filter(|limit| version >= 0x2_0300 && *limit > 0) {
            Some(limit) => limit,
            None => limit.into(),
        };
        let full_hash = match digest.algorithm() {
            Some(algorithm) => digest::digest(algorithm, blob).as_ref()[..digest_bytes].to_vec(),
            None => vec![0; 20],
        };
        Ok(Self {
            digest,
            version,
            flags,
            identifier: text(blob, identifier),
            team: match since(0x2_0200, 48) {
                None | Some(0) => Fact::Absent,
                Some(at) => text(blob, at),
            },
            code_limit,
            page_bytes: (page_bits > 0).then(|| 1_u64.checked_shl(page_bits.into()).unwrap_or(u64::MAX)),
            pages,
            platform,
            exec_segment_flags: long(80).filter(|_| version >= 0x2_0400).into(),
            code_hash: CodeHash(array_at(&full_hash, 0).unwrap_or_default()),
            full_hash,
            special,
        })
    }

    /// The digests of its pages, one after the other; `blob` is the one it was read from.
    pub(super) fn page_digests<'a>(&self, blob: &'a [u8]) -> &'a [u8] {
        let start = big_u32_at(blob, 16).unwrap_or_default() as usize;
        let end = start + self.pages as usize * self.digest.bytes().unwrap_or(0);
        blob.get(start..end).unwrap_or_default()
    }

    /// The digest in a special slot; `None` where it has none.
    pub(super) fn special(&self, slot: usize) -> Option<&[u8]> {
        self.special.get(slot.checked_sub(1)?).map(Vec::as_slice).filter(|digest| !digest.is_empty())
    }
}

/// The text at `at`, up to a zero.
fn text(blob: &[u8], at: u32) -> Fact<String> {
    let rest = blob.get(at as usize..).unwrap_or_default();
    let Some(end) = rest.iter().take(TEXT_BYTES + 1).position(|byte| *byte == 0) else {
        return Fact::Unreadable(format!("no text that ends within {TEXT_BYTES} bytes lies where it should"));
    };
    match str::from_utf8(&rest[..end]) {
        Ok(text) => Fact::Known(text.to_owned()),
        Err(_) => Fact::Unreadable("it is not UTF-8".to_owned()),
    }
}
