//! The outermost layer of a code signature: blobs, each in a numbered slot.

use super::SignatureError;
use crate::bytes::big_u32_at;

/// The most blobs of a signature; real ones have eight.
const BLOBS: u32 = 64;
const MAGIC: u32 = 0xfade_0cc0;

/// Slots, by what lies in them. Source: Apple, `cs_blobs.h`.
pub(super) const CODE_DIRECTORY: u32 = 0;
pub(super) const REQUIREMENTS: u32 = 2;
pub(super) const ENTITLEMENTS: u32 = 5;
pub(super) const DER_ENTITLEMENTS: u32 = 7;
pub(super) const ALTERNATES: std::ops::Range<u32> = 0x1000..0x1005;
pub(super) const MESSAGE: u32 = 0x1_0000;

/// The blobs of a signature; each lies in it whole and begins with its magic number and length.
pub(super) struct SuperBlob<'a> {
    blobs: Vec<(u32, &'a [u8])>,
}

impl<'a> SuperBlob<'a> {
    /// Reads the index; what follows the length it states is room left over.
    pub(super) fn read(bytes: &'a [u8]) -> Result<Self, SignatureError> {
        let word = |at: usize| big_u32_at(bytes, at).ok_or(SignatureError::CutOff { at });
        match word(0)? {
            MAGIC => {}
            found => return Err(SignatureError::Magic { found, expected: MAGIC, at: 0 }),
        }
        let length = word(4)? as usize;
        let bytes =
            bytes.get(..length).ok_or(SignatureError::Length { found: length, left: bytes.len(), at: 4 })?;
        let count = word(8)?;
        if count > BLOBS {
            return Err(SignatureError::Blobs { found: count, limit: BLOBS });
        }
        let mut blobs: Vec<(u32, &[u8])> = Vec::new();
        for place in (12..).step_by(8).take(count as usize) {
            let entry = bytes.get(place..place + 8).ok_or(SignatureError::CutOff { at: place })?;
            let slot = big_u32_at(entry, 0).unwrap_or_default();
            let at = big_u32_at(entry, 4).unwrap_or_default() as usize;
            let rest = bytes.get(at..).unwrap_or_default();
            let found = big_u32_at(rest, 4).ok_or(SignatureError::CutOff { at })? as usize;
            let whole = rest.get(..found).filter(|whole| whole.len() >= 8).ok_or(SignatureError::Length {
                found,
                left: rest.len(),
                at,
            })?;
            if blobs.iter().any(|(other, _)| *other == slot) {
                return Err(SignatureError::Twice { slot });
            }
            blobs.push((slot, whole));
        }
        Ok(Self { blobs })
    }

    /// The blob in a slot, whole.
    pub(super) fn slot(&self, slot: u32) -> Option<&'a [u8]> {
        self.blobs.iter().find(|(other, _)| *other == slot).map(|(_, whole)| *whole)
    }

    /// What the blob in a slot holds, `None` when there is none; it must be of this kind.
    pub(super) fn content(&self, slot: u32, expected: u32) -> Result<Option<&'a [u8]>, SignatureError> {
        let Some(whole) = self.slot(slot) else { return Ok(None) };
        match big_u32_at(whole, 0).unwrap_or_default() {
            found if found == expected => Ok(Some(&whole[8..])),
            found => Err(SignatureError::Kind { slot, found, expected }),
        }
    }
}
