use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::{Builder, Uuid, Version};

use crate::error::cut;
use crate::{ParseError, Timestamp};

macro_rules! ids {
    ($($(#[$doc:meta])+ $name:ident;)+) => {$(
        $(#[$doc])+
        ///
        /// A version 7 UUID (RFC 9562): its first 48 bits are the millisecond it was made in, so ids sort by age.
        #[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
        #[serde(try_from = "Uuid", into = "Uuid")]
        pub struct $name(Uuid);

        impl $name {
            /// A new id made at this moment; 74 of the 80 random bits are used.
            #[must_use]
            pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
                let millis = u64::try_from(at.as_millis()).unwrap_or(0);
                Self(Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            /// Reads the 16 bytes that [`as_bytes`](Self::as_bytes) gave.
            ///
            /// # Errors
            ///
            /// [`ParseError::Length`] and [`ParseError::Id`].
            pub fn from_bytes(bytes: &[u8]) -> Result<Self, ParseError> {
                let what = stringify!($name);
                let sixteen = <[u8; 16]>::try_from(bytes)
                    .map_err(|_| ParseError::Length { what, expected_bytes: 16, seen_bytes: bytes.len() })?;
                Self::try_from(Uuid::from_bytes(sixteen))
            }

            /// The 16 bytes, in the order in which ids sort.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl TryFrom<Uuid> for $name {
            type Error = ParseError;

            fn try_from(uuid: Uuid) -> Result<Self, ParseError> {
                match uuid.get_version() {
                    Some(Version::SortRand) => Ok(Self(uuid)),
                    _ => Err(ParseError::Id { seen: uuid.to_string() }),
                }
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        /// Reads the hyphenated spelling alone, so that an id has one address.
        impl FromStr for $name {
            type Err = ParseError;

            fn from_str(text: &str) -> Result<Self, ParseError> {
                hyphenated(text)?.try_into()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }
    )+};
}

ids! {
    /// Names an app.
    AppId;
    /// Names one try of one device to install a build.
    AttemptId;
    /// Names an entry of the audit log.
    AuditId;
    /// Names a blob, here and in the depot; fixed before the blob's first byte arrives.
    BlobId;
    /// Names a build.
    BuildId;
    /// Names a channel.
    ChannelId;
    /// Names an event.
    EventId;
    /// Names a job.
    JobId;
    /// Names one node's right to work on one job.
    LeaseId;
    /// Names a release.
    ReleaseId;
    /// Names a key that signs tickets.
    TicketKeyId;
    /// Names a machine's token.
    TokenId;
}

fn hyphenated(text: &str) -> Result<Uuid, ParseError> {
    let refuse = || ParseError::Id { seen: cut(text) };
    let canonical = text.len() == 36 && !text.contains(|c: char| c.is_ascii_uppercase());
    if canonical { Uuid::try_parse(text).map_err(|_| refuse()) } else { Err(refuse()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_sort_by_the_moment_they_were_made_at() {
        let early = BuildId::new(Timestamp::from_millis(1_000).unwrap(), [0xff; 10]);
        let late = BuildId::new(Timestamp::from_millis(1_001).unwrap(), [0; 10]);
        assert!(early < late);
        assert!(early.as_bytes() < late.as_bytes());
    }

    #[test]
    fn an_id_survives_text_bytes_and_json() {
        let id = AppId::new(Timestamp::from_millis(1_700_000_000_000).unwrap(), [7; 10]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(AppId::from_bytes(id.as_bytes()), Ok(id));
        let json = serde_json::to_string(&id).unwrap();
        assert_eq!(json, format!("\"{id}\""));
        assert_eq!(serde_json::from_str::<AppId>(&json).unwrap(), id);
    }

    #[test]
    fn only_the_usual_spelling_of_a_version_7_uuid_is_an_id() {
        for (text, why) in [
            ("", "empty"),
            ("018f4d3c9a2b7c1d8e5f0123456789ab", "no hyphens"),
            ("018F4D3C-9A2B-7C1D-8E5F-0123456789AB", "capitals"),
            ("{018f4d3c-9a2b-7c1d-8e5f-0123456789ab}", "braces"),
            ("018f4d3c-9a2b-4c1d-8e5f-0123456789ab", "version 4"),
            ("018f4d3c-9a2b-7c1d-8e5f-0123456789ag", "not hexadecimal"),
            ("018f4d3c-9a2b-7c1d-8e5f-0123456789é", "not ASCII"),
        ] {
            assert!(text.parse::<AppId>().is_err(), "{why}");
        }
        assert!("018f4d3c-9a2b-7c1d-8e5f-0123456789ab".parse::<AppId>().is_ok());
    }
}
