use std::fmt;

use uuid::Uuid;

use crate::ParseError;

/// The random part of a ticket; a ticket has no row, so this is all that attempts and revocations know it by.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct TicketId([u8; 16]);

impl TicketId {
    /// Wraps 16 random bytes.
    #[must_use]
    pub fn new(random: [u8; 16]) -> Self {
        Self(random)
    }

    /// Reads the 16 bytes that [`as_bytes`](Self::as_bytes) gave.
    ///
    /// # Errors
    ///
    /// [`ParseError::Length`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ParseError> {
        let refuse =
            |_| ParseError::Length { what: "a ticket's id", expected_bytes: 16, seen_bytes: bytes.len() };
        bytes.try_into().map(Self).map_err(refuse)
    }

    /// The 16 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

/// The same 16 bytes, for engines that keep all ids alike; no UUID by its bits.
impl From<TicketId> for Uuid {
    fn from(id: TicketId) -> Self {
        Self::from_bytes(id.0)
    }
}

impl From<Uuid> for TicketId {
    fn from(uuid: Uuid) -> Self {
        Self(uuid.into_bytes())
    }
}

/// 32 hexadecimal digits. The id alone opens nothing: a ticket is good by its MAC.
impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
