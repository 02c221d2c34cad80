//! Code signatures, as `codesign` embeds them in an executable: sound by default, and each thing about them changeable.
//!
//! Layout after Apple's `cs_blobs.h`, compared with real signatures.
//!
//! ```
//! use testkit::codesign::{CodeSignature, Sealed};
//! use testkit::macho::{Arch, MachO};
//! use testkit::pki::{Chain, LeafKind};
//! use time::macros::utc_datetime;
//!
//! let now = utc_datetime!(2026-06-01 0:00);
//! let chain = Chain::new("A1B2C3D4E5", LeafKind::Distribution, now);
//! let signature = CodeSignature::new("com.example.notes", "A1B2C3D4E5", &chain, now);
//! let signed = signature.sign(MachO::executable(Arch::Arm64), &Sealed::default());
//! assert!(signed.windows(4).any(|bytes| bytes == [0xfa, 0xde, 0x0c, 0xc0]));
//! ```

mod der_dictionary;
mod directory;
pub mod hostile;
mod requirement;

use std::sync::Arc;

use time::UtcDateTime;

use crate::cms::{Encoding, SignedData, Signer};
use crate::der;
use crate::macho::MachO;
use crate::pki::Chain;
use crate::plist::{Dictionary, Format, Value, encode};

pub use der_dictionary::{der_dictionary, der_entitlements};
pub use directory::CodeDigest;
pub use requirement::requirements;

use directory::Directory;

/// What `CS_ADHOC` is among a CodeDirectory's flags.
pub const AD_HOC: u32 = 2;

/// A code signature to be written.
#[derive(Clone)]
#[must_use]
pub struct CodeSignature {
    identifier: String,
    team: Option<String>,
    version: u32,
    flags: u32,
    page_bits: u8,
    digests: Vec<CodeDigest>,
    requirements: bool,
    entitlements: Option<Dictionary>,
    der: DerChoice,
    chain: Option<Chain>,
    signed_at: UtcDateTime,
    code_hashes: bool,
    signer_changes: Vec<SignerChange>,
    message_changes: Vec<MessageChange>,
    directory_changes: Vec<BytesChange>,
    changes: Vec<BytesChange>,
}

type SignerChange = Arc<dyn Fn(Signer) -> Signer + Send + Sync>;
type MessageChange = Arc<dyn Fn(SignedData) -> SignedData + Send + Sync>;
type BytesChange = Arc<dyn Fn(&mut Vec<u8>) + Send + Sync>;

/// Where the entitlements in DER come from.
#[derive(Clone)]
enum DerChoice {
    /// The same as in XML.
    Same,
    Other(Dictionary),
    Bytes(Vec<u8>),
    None,
}

/// The files that a signature seals by a digest each.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sealed<'a> {
    /// Info.plist.
    pub info_plist: Option<&'a [u8]>,
    /// `_CodeSignature/CodeResources`.
    pub resources: Option<&'a [u8]>,
}

/// Parts of a signature by the number of their slot.
const INFO_PLIST: u32 = 1;
const REQUIREMENTS: u32 = 2;
const RESOURCES: u32 = 3;
const ENTITLEMENTS: u32 = 5;
const DER_ENTITLEMENTS: u32 = 7;
const ALTERNATES: u32 = 0x1000;
const MESSAGE: u32 = 0x1_0000;

impl CodeSignature {
    /// A signature by the chain's leaf: one CodeDirectory of SHA-256 and version 0x20400, requirements, no
    /// entitlements; as Xcode makes for iOS 12 and later.
    pub fn new(identifier: &str, team: &str, chain: &Chain, signed_at: UtcDateTime) -> Self {
        Self {
            identifier: identifier.to_owned(),
            team: Some(team.to_owned()),
            version: 0x2_0400,
            flags: 0,
            page_bits: 12,
            digests: vec![CodeDigest::Sha256],
            requirements: true,
            entitlements: None,
            der: DerChoice::Same,
            chain: Some(chain.clone()),
            signed_at,
            code_hashes: true,
            signer_changes: Vec::new(),
            message_changes: Vec::new(),
            directory_changes: Vec::new(),
            changes: Vec::new(),
        }
    }

    /// The identifier it is signed under.
    pub fn identifier(mut self, identifier: &str) -> Self {
        identifier.clone_into(&mut self.identifier);
        self
    }

    /// The team in the CodeDirectory.
    pub fn team(mut self, team: &str) -> Self {
        self.team = Some(team.to_owned());
        self
    }

    /// Names no team.
    pub fn without_team(mut self) -> Self {
        self.team = None;
        self
    }

    /// The version of the CodeDirectory's format, such as `0x2_0100`, which knows no team, and came before what iOS 15
    /// asks for.
    pub fn version(mut self, version: u32) -> Self {
        self.version = version;
        self
    }

    /// The CodeDirectory's flags.
    pub fn flags(mut self, flags: u32) -> Self {
        self.flags = flags;
        self
    }

    /// The pages that are digested, as a power of two: 12 is 4 KiB, 0 all at once.
    pub fn page_bits(mut self, bits: u8) -> Self {
        self.page_bits = bits;
        self
    }

    /// One CodeDirectory for each of these digests, the primary one first.
    pub fn digests(mut self, digests: impl IntoIterator<Item = CodeDigest>) -> Self {
        self.digests = digests.into_iter().collect();
        self
    }

    /// As until about 2020: a primary CodeDirectory of SHA-1 and an alternate one of SHA-256.
    pub fn sha1_and_sha256(self) -> Self {
        self.digests([CodeDigest::Sha1, CodeDigest::Sha256])
    }

    /// Leaves the requirements out.
    pub fn without_requirements(mut self) -> Self {
        self.requirements = false;
        self
    }

    /// The entitlements, in XML and in DER.
    pub fn entitlements(mut self, entitlements: Dictionary) -> Self {
        self.entitlements = Some(entitlements);
        self
    }

    /// Claims one more entitlement, or another value for one.
    pub fn entitlement(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.entitlements.get_or_insert_default().insert(key.to_owned(), value.into());
        self
    }

    /// Leaves one entitlement out.
    pub fn without_entitlement(mut self, key: &str) -> Self {
        if let Some(entitlements) = &mut self.entitlements {
            entitlements.remove(key);
        }
        self
    }

    /// Claims nothing, in no form.
    pub fn without_entitlements(mut self) -> Self {
        self.entitlements = None;
        self
    }

    /// Leaves the entitlements in DER out, which iOS 15 asks for.
    pub fn without_der_entitlements(mut self) -> Self {
        self.der = DerChoice::None;
        self
    }

    /// Other entitlements in DER than in XML.
    pub fn der_entitlements(mut self, entitlements: Dictionary) -> Self {
        self.der = DerChoice::Other(entitlements);
        self
    }

    /// These bytes as the entitlements in DER.
    pub fn der_entitlements_bytes(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.der = DerChoice::Bytes(bytes.into());
        self
    }

    /// Signed by the leaf of another chain.
    pub fn signed_by(mut self, chain: &Chain) -> Self {
        self.chain = Some(chain.clone());
        self
    }

    /// Signed by nobody: the flag for it, no team, and an empty message.
    pub fn ad_hoc(mut self) -> Self {
        self.chain = None;
        self.flags |= AD_HOC;
        self.without_team()
    }

    /// The time of signing, as the signer says.
    pub fn signed_at(mut self, at: UtcDateTime) -> Self {
        self.signed_at = at;
        self
    }

    /// Leaves out the two attributes that tell all CodeDirectories' digests.
    pub fn without_code_hashes(mut self) -> Self {
        self.code_hashes = false;
        self
    }

    /// Changes who signs, and how.
    pub fn signer(mut self, change: impl Fn(Signer) -> Signer + Send + Sync + 'static) -> Self {
        self.signer_changes.push(Arc::new(change));
        self
    }

    /// Changes the message around the signature, its certificates say.
    pub fn message(mut self, change: impl Fn(SignedData) -> SignedData + Send + Sync + 'static) -> Self {
        self.message_changes.push(Arc::new(change));
        self
    }

    /// Changes the bytes of each CodeDirectory before it is signed: what it says then is signed.
    pub fn edit_directory(mut self, change: impl Fn(&mut Vec<u8>) + Send + Sync + 'static) -> Self {
        self.directory_changes.push(Arc::new(change));
        self
    }

    /// Changes the finished signature.
    pub fn edit(mut self, change: impl Fn(&mut Vec<u8>) + Send + Sync + 'static) -> Self {
        self.changes.push(Arc::new(change));
        self
    }

    /// The executable with the signature at its end.
    #[must_use]
    pub fn sign(&self, macho: MachO, sealed: &Sealed<'_>) -> Vec<u8> {
        // What it takes is known but for the number of pages, which room for the signature does not change much.
        let unsigned = macho.clone().signature_space(16).build();
        let space = self.super_blob(&unsigned, sealed).len() + 1024;
        let mut bytes = macho.signature_space(space).build();
        let end = bytes.len() - space.next_multiple_of(16);
        let signature = self.super_blob(&bytes[..end], sealed);
        bytes[end..end + signature.len()].copy_from_slice(&signature);
        bytes
    }

    /// The signature alone, over this code.
    #[must_use]
    pub fn super_blob(&self, code: &[u8], sealed: &Sealed<'_>) -> Vec<u8> {
        let entitlements = self.entitlements.as_ref();
        let blobs = [
            (REQUIREMENTS, self.requirements.then(|| requirements(&self.identifier, self.leaf_name()))),
            (ENTITLEMENTS, entitlements.map(|list| blob(0xfade_7171, &xml(list)))),
            (DER_ENTITLEMENTS, self.der_entitlements_blob()),
        ];
        let mut blobs: Vec<(u32, Vec<u8>)> =
            blobs.into_iter().filter_map(|(slot, bytes)| Some((slot, bytes?))).collect();
        let mut special: Vec<(u32, &[u8])> = blobs.iter().map(|(slot, bytes)| (*slot, &bytes[..])).collect();
        special.extend(sealed.info_plist.map(|bytes| (INFO_PLIST, bytes)));
        special.extend(sealed.resources.map(|bytes| (RESOURCES, bytes)));
        let directories: Vec<Vec<u8>> = self
            .digests
            .iter()
            .map(|digest| {
                let directory = Directory {
                    digest: *digest,
                    version: self.version,
                    flags: self.flags,
                    page_bits: self.page_bits,
                    identifier: &self.identifier,
                    team: self.team.as_deref(),
                    special: &special,
                };
                let mut bytes = directory.bytes(code);
                for change in &self.directory_changes {
                    change(&mut bytes);
                }
                bytes
            })
            .collect();
        let message = self.cms(&directories);
        let [primary, alternates @ ..] = &directories[..] else { return Vec::new() };
        blobs.insert(0, (0, primary.clone()));
        for (slot, alternate) in (ALTERNATES..).zip(alternates) {
            blobs.push((slot, alternate.clone()));
        }
        blobs.push((MESSAGE, blob(0xfade_0b01, &message)));
        let mut bytes = super_blob(&blobs);
        for change in &self.changes {
            change(&mut bytes);
        }
        bytes
    }

    fn der_entitlements_blob(&self) -> Option<Vec<u8>> {
        let bytes = match &self.der {
            DerChoice::Same => der_entitlements(self.entitlements.as_ref()?),
            DerChoice::Other(list) => der_entitlements(list),
            DerChoice::Bytes(bytes) => bytes.clone(),
            DerChoice::None => return None,
        };
        Some(blob(0xfade_7172, &bytes))
    }

    /// The message over the primary CodeDirectory; empty when nobody signs.
    fn cms(&self, directories: &[Vec<u8>]) -> Vec<u8> {
        let (Some(chain), Some(primary)) = (&self.chain, directories.first()) else { return Vec::new() };
        let mut signer = Signer::new(&chain.leaf).signed_at(self.signed_at);
        if self.code_hashes {
            let hashes = self.digests.iter().zip(directories);
            let short = hashes.clone().map(|(digest, bytes)| Value::Data(digest.code_hash(bytes)));
            let list: Dictionary =
                [("cdhashes".to_owned(), Value::Array(short.collect()))].into_iter().collect();
            let whole: Vec<Vec<u8>> = hashes
                .map(|(digest, bytes)| {
                    let full = digest.algorithm();
                    der::sequence(&[&der::oid(full.oid()), &der::octets(&full.of(bytes))])
                })
                .collect();
            signer = signer
                .attribute("1.2.840.113635.100.9.1", &der::octets(&xml(&list)))
                .attribute_values("1.2.840.113635.100.9.2", &whole);
        }
        let signer = self.signer_changes.iter().fold(signer, |signer, change| change(signer));
        let message = SignedData::detached(primary.clone())
            .encoding(Encoding::Ber)
            .certificate(&chain.root.certificate)
            .certificate(&chain.intermediate.certificate)
            .certificate(&chain.leaf.certificate)
            .signer(signer);
        self.message_changes.iter().fold(message, |message, change| change(message)).build()
    }

    fn leaf_name(&self) -> &str {
        self.chain.as_ref().map_or("", |chain| chain.leaf_name.as_str())
    }
}

fn xml(list: &Dictionary) -> Vec<u8> {
    encode(&Value::Dictionary(list.clone()), Format::Xml)
}

/// A blob: magic number, length of the whole, content.
fn blob(magic: u32, content: &[u8]) -> Vec<u8> {
    [&words(&[magic, size(content.len() + 8)])[..], content].concat()
}

/// Blobs behind an index of their slots and places.
fn super_blob(blobs: &[(u32, Vec<u8>)]) -> Vec<u8> {
    let mut index = Vec::new();
    let mut body = Vec::new();
    let start = 12 + 8 * blobs.len();
    for (slot, bytes) in blobs {
        index.extend([*slot, size(start + body.len())]);
        body.extend(bytes);
    }
    let head = words(&[0xfade_0cc0, size(start + body.len()), size(blobs.len())]);
    [head, words(&index), body].concat()
}

/// Numbers of a signature are big-endian.
fn words(values: &[u32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_be_bytes()).collect()
}

fn size(bytes: usize) -> u32 {
    u32::try_from(bytes).expect("test signatures stay below 4 GiB")
}

/// The digest of what lies in a slot; a digest of nothing where nothing lies.
fn slot_digest(digest: CodeDigest, bytes: Option<&[u8]>) -> Vec<u8> {
    bytes.map_or_else(|| vec![0; digest.bytes()], |bytes| digest.of(bytes))
}
