//! The code signature of a bundle's executable.

mod code_directory;
mod super_blob;

use bounded_plist::{Dictionary, Value};
use ring::digest;
use signed_data::{Authorities, Element, SignedData};

pub use code_directory::{CodeDigest, CodeDirectory, CodeHash};

use crate::{Fact, Limits, SignedBy, der_dictionary};
use super_blob::{
    ALTERNATES, CODE_DIRECTORY, DER_ENTITLEMENTS, ENTITLEMENTS, MESSAGE, REQUIREMENTS, SuperBlob,
};

/// Kinds of blobs. Source: Apple, `cs_blobs.h`.
const ENTITLEMENTS_MAGIC: u32 = 0xfade_7171;
const DER_ENTITLEMENTS_MAGIC: u32 = 0xfade_7172;
const REQUIREMENTS_MAGIC: u32 = 0xfade_0c01;
const MESSAGE_MAGIC: u32 = 0xfade_0b01;

/// The code signature of one slice of an executable.
///
/// Nothing in it is to be believed unless [`signer`](Self::signer) is known and its signature holds: that is over the
/// first CodeDirectory, which seals the rest.
#[derive(Clone, Debug, PartialEq)]
pub struct CodeSignature {
    /// The CodeDirectories: the primary one, which is what is signed, then the alternates. Never empty.
    pub directories: Vec<CodeDirectory>,
    /// What lies beside the code, against its digests in each CodeDirectory; as many as those, in their order.
    pub seals: Vec<Seals>,
    /// The bytes of the requirements, which say what a successor must be signed like.
    pub requirements: Fact<usize>,
    /// The entitlements, as older systems read them.
    pub entitlements: Fact<Dictionary>,
    /// The entitlements in DER, as iOS 15 and later read them.
    pub der_entitlements: Fact<Dictionary>,
    /// Who has signed the primary CodeDirectory; absent of code that is signed ad hoc.
    pub signer: Fact<SignedBy>,
    /// Whether the signer vouches for all CodeDirectories there are; absent from signatures before about 2016.
    pub code_hashes: Fact<Agreement>,
}

/// Whether two things that ought to say the same do.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Agreement {
    /// They do.
    Same,
    /// They do not.
    Different,
}

/// What a CodeDirectory seals beside the code. Absent is what is neither there nor sealed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seals {
    /// `Info.plist`.
    pub info_plist: Fact<Seal>,
    /// The requirements.
    pub requirements: Fact<Seal>,
    /// `_CodeSignature/CodeResources`, which holds the digests of the bundle's other files.
    pub resources: Fact<Seal>,
    /// The entitlements in XML.
    pub entitlements: Fact<Seal>,
    /// The entitlements in DER.
    pub der_entitlements: Fact<Seal>,
}

/// How something fits the digest that a CodeDirectory has of it.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Seal {
    /// It is what was signed.
    Intact,
    /// It is something else than what was signed.
    Broken,
    /// It is there, and the CodeDirectory has no digest of it.
    Unsealed,
    /// The CodeDirectory has a digest of it, and it is not there.
    Missing,
}

/// Why a code signature makes no sense. Offsets count bytes from its start.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// It ends where more must come.
    #[error("the code signature ends too early, at byte {at}")]
    CutOff {
        /// Where more must come.
        at: usize,
    },
    /// It begins with something else than a code signature does.
    #[error("{found:#x} at byte {at} of the code signature, where {expected:#x} belongs")]
    Magic {
        /// What is there.
        found: u32,
        /// What belongs there.
        expected: u32,
        /// Where.
        at: usize,
    },
    /// A part is longer than what is left for it, or shorter than it can be.
    #[error("a part of {found} bytes at byte {at} of the code signature, where {left} are left")]
    Length {
        /// The length it claims, in bytes.
        found: usize,
        /// What is left for it, in bytes.
        left: usize,
        /// Where it begins.
        at: usize,
    },
    /// More parts than any signature has.
    #[error("a code signature of {found} parts, where {limit} are the most")]
    Blobs {
        /// How many it claims.
        found: u32,
        /// How many are read.
        limit: u32,
    },
    /// Two parts claim to be the same.
    #[error("the code signature has two parts for slot {slot:#x}")]
    Twice {
        /// What both claim to be.
        slot: u32,
    },
    /// A part is of another kind than its slot is for.
    #[error("a part of kind {found:#x} in slot {slot:#x} of the code signature, where {expected:#x} belongs")]
    Kind {
        /// The slot.
        slot: u32,
        /// Its kind.
        found: u32,
        /// The kind that belongs there.
        expected: u32,
    },
    /// There is no CodeDirectory.
    #[error("the code signature has no CodeDirectory")]
    NoDirectory,
    /// A CodeDirectory makes no sense.
    #[error("the CodeDirectory makes no sense: {0}")]
    Directory(&'static str),
}

/// The files beside an executable that its signature seals, each with a digest.
#[derive(Clone, Copy, Debug)]
pub struct SealedFiles<'a> {
    /// `Info.plist`, as it is in the bundle.
    pub info_plist: &'a Fact<Vec<u8>>,
    /// `_CodeSignature/CodeResources`, as it is in the bundle.
    pub resources: &'a Fact<Vec<u8>>,
}

impl CodeSignature {
    /// Reads the bytes that a slice's [`SignaturePlace`](crate::SignaturePlace) points at.
    ///
    /// Of `limits` it heeds `plist` and `cms`.
    ///
    /// # Errors
    ///
    /// [`SignatureError`] when there is no CodeDirectory that can be read. What is wrong with other parts is told as
    /// facts.
    pub fn read(
        bytes: &[u8],
        sealed: &SealedFiles<'_>,
        limits: &Limits,
        authorities: &Authorities,
    ) -> Result<Self, SignatureError> {
        let blobs = SuperBlob::read(bytes)?;
        let primary = blobs.slot(CODE_DIRECTORY).ok_or(SignatureError::NoDirectory)?;
        let alternates = ALTERNATES.filter_map(|slot| blobs.slot(slot));
        let directories = std::iter::once(primary)
            .chain(alternates)
            .map(CodeDirectory::read)
            .collect::<Result<Vec<_>, _>>()?;
        let seals = directories.iter().map(|directory| Seals::of(directory, &blobs, sealed)).collect();
        let message = match blobs.content(MESSAGE, MESSAGE_MAGIC) {
            Ok(None | Some([])) => Fact::Absent,
            Ok(Some(message)) => SignedData::read(message, &limits.cms).into(),
            Err(error) => Fact::Unreadable(error.to_string()),
        };
        let message = message.as_ref();
        Ok(Self {
            seals,
            requirements: of_blob(blobs.content(REQUIREMENTS, REQUIREMENTS_MAGIC))
                .map(|requirements| requirements.len() + 8),
            entitlements: of_blob(blobs.content(ENTITLEMENTS, ENTITLEMENTS_MAGIC))
                .and_then(|bytes| xml(bytes, &limits.plist)),
            der_entitlements: of_blob(blobs.content(DER_ENTITLEMENTS, DER_ENTITLEMENTS_MAGIC))
                .and_then(|bytes| der_dictionary::read(bytes, &limits.plist).into()),
            signer: message.clone().and_then(|message| SignedBy::of(message, Some(primary), authorities)),
            code_hashes: message.and_then(|message| code_hashes(message, &directories, limits)),
            directories,
        })
    }

    /// The CodeDirectory that a system would go by: the one with the strongest digest known here.
    #[must_use]
    pub fn strongest(&self) -> &CodeDirectory {
        let strongest = self.directories.iter().max_by_key(|directory| directory.digest);
        strongest.unwrap_or(&self.directories[0])
    }

    /// The digests of pages in the strongest CodeDirectory, from the bytes that the signature was read from.
    pub(crate) fn page_digests<'b>(&self, bytes: &'b [u8]) -> Option<&'b [u8]> {
        let blobs = SuperBlob::read(bytes).ok()?;
        let slots = std::iter::once(CODE_DIRECTORY).chain(ALTERNATES).filter_map(|slot| blobs.slot(slot));
        let strongest = self.strongest();
        let mut directories = slots.zip(&self.directories);
        directories
            .find(|(_, directory)| std::ptr::eq(*directory, strongest))
            .map(|(blob, directory)| directory.page_digests(blob))
    }

    /// What the strongest CodeDirectory seals.
    #[must_use]
    pub fn strongest_seals(&self) -> &Seals {
        let strongest =
            self.directories.iter().zip(&self.seals).max_by_key(|(directory, _)| directory.digest);
        strongest.map_or(&self.seals[0], |(_, seals)| seals)
    }

    /// Whether the entitlements say the same in both forms; absent unless both are there.
    #[must_use]
    pub fn entitlements_agreement(&self) -> Fact<Agreement> {
        self.entitlements
            .as_ref()
            .and_then(|xml| self.der_entitlements.as_ref().map(|der| Agreement::of(xml == der)))
    }
}

impl Agreement {
    pub(crate) fn of(same: bool) -> Self {
        if same { Self::Same } else { Self::Different }
    }
}

impl Seals {
    fn of(directory: &CodeDirectory, blobs: &SuperBlob<'_>, sealed: &SealedFiles<'_>) -> Self {
        let file = |slot, file: &Fact<Vec<u8>>| Seal::of(directory, slot, file.as_ref().map(Vec::as_slice));
        let blob = |slot: u32| Seal::of(directory, slot as usize, blobs.slot(slot).into());
        Self {
            info_plist: file(1, sealed.info_plist),
            requirements: blob(REQUIREMENTS),
            resources: file(3, sealed.resources),
            entitlements: blob(ENTITLEMENTS),
            der_entitlements: blob(DER_ENTITLEMENTS),
        }
    }
}

impl Seal {
    fn of(directory: &CodeDirectory, slot: usize, thing: Fact<&[u8]>) -> Fact<Self> {
        match (directory.special(slot), thing) {
            (None, Fact::Absent) => Fact::Absent,
            (None, Fact::Known(_)) => Fact::Known(Self::Unsealed),
            (Some(_), Fact::Absent) => Fact::Known(Self::Missing),
            (Some(expected), Fact::Known(bytes)) => match directory.digest.algorithm() {
                None => Fact::Unreadable(format!("{} is not known here", directory.digest)),
                Some(algorithm) => {
                    let found = digest::digest(algorithm, bytes);
                    let fits = found.as_ref().starts_with(expected);
                    Fact::Known(if fits { Self::Intact } else { Self::Broken })
                }
            },
            (_, Fact::Unreadable(reason)) => Fact::Unreadable(reason),
            (_, Fact::NotMeasured(reason)) => Fact::NotMeasured(reason),
        }
    }
}

fn of_blob(content: Result<Option<&[u8]>, SignatureError>) -> Fact<&[u8]> {
    match content {
        Ok(content) => content.into(),
        Err(error) => Fact::Unreadable(error.to_string()),
    }
}

fn xml(bytes: &[u8], limits: &bounded_plist::Limits) -> Fact<Dictionary> {
    match bounded_plist::read(bytes, limits) {
        Ok(value) => value
            .into_dictionary()
            .map_err(|other| format!("{} in place of a dictionary", other.kind()))
            .into(),
        Err(error) => Fact::Unreadable(error.to_string()),
    }
}

/// Compares what the signer says of the CodeDirectories with those that are there. The first of two attributes lists
/// them cut to 20 bytes in a property list, the second in full, each with its algorithm (observed).
fn code_hashes(message: &SignedData, directories: &[CodeDirectory], limits: &Limits) -> Fact<Agreement> {
    let Some(signer) = message.signers().first() else { return Fact::Absent };
    let values = |oid: &str| {
        let attribute = signer.signed_attributes().iter().find(|attribute| attribute.oid.to_string() == oid);
        attribute.map(|attribute| attribute.values.as_slice())
    };
    let short = match values("1.2.840.113635.100.9.1") {
        None => None,
        Some([value]) => {
            let list =
                Element::first(value).and_then(|list| bounded_plist::read(list.content, &limits.plist).ok());
            let hashes = list.as_ref().and_then(|list| list.get("cdhashes")).and_then(Value::as_array);
            let Some(hashes) = hashes else {
                return Fact::Unreadable("the signed list of CodeDirectories makes no sense".to_owned());
            };
            let found = hashes.iter().map(Value::as_data);
            Some(found.eq(directories.iter().map(|directory| Some(&directory.code_hash.0[..]))))
        }
        Some(_) => return Fact::Unreadable("several signed lists of CodeDirectories".to_owned()),
    };
    let full = values("1.2.840.113635.100.9.2").map(|values| {
        let listed: Vec<&[u8]> = values
            .iter()
            .filter_map(|value| Element::first(value)?.parts().nth(1))
            .map(|digest| digest.content)
            .collect();
        listed.len() == directories.len()
            && directories
                .iter()
                .all(|directory| listed.iter().any(|digest| digest.starts_with(&directory.full_hash)))
    });
    match (short, full) {
        (None, None) => Fact::Absent,
        (short, full) => Fact::Known(Agreement::of(short != Some(false) && full != Some(false))),
    }
}
