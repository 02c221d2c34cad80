use std::fmt;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use catalog::{BuildId, ChannelId, TicketId, TicketKeyId, Timestamp};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;
use thiserror::Error;

const VERSION: u8 = 1;
const MAC_LEN: usize = 16;
/// Version, key, channel, build, id, issued-at, expiry.
const CLAIMS_LEN: usize = 1 + 16 + 16 + 16 + 16 + 4 + 4;

/// What a device's installer shows instead of a cookie: which build of which channel it may fetch, and until when it
/// may begin.
///
/// A ticket is made when a page is rendered and is written nowhere; its text, signed, travels in the *path* of the
/// manifest, icon and package URLs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Ticket {
    /// Random; tells one rendered page from another.
    pub(crate) id: TicketId,
    /// The channel whose page was rendered.
    pub(crate) channel: ChannelId,
    /// The build that may be fetched.
    pub(crate) build: BuildId,
    /// When the page was rendered. Whole seconds.
    pub(crate) issued_at: Timestamp,
    /// Until when an attempt may start. Whole seconds. What has started is served for longer.
    pub(crate) expires_at: Timestamp,
}

/// How long a check's ticket opens anything.
const CHECK_LASTS: Duration = Duration::from_mins(15);

impl Ticket {
    /// A ticket with which the server walks its own road. It starts no attempt, so it opens nothing once it has expired.
    pub(crate) fn for_check(channel: ChannelId, build: BuildId, now: Timestamp) -> Self {
        let expires_at = now.saturating_add(CHECK_LASTS);
        Self { id: Self::check_id(), channel, build, issued_at: now, expires_at }
    }

    /// Whether it was made for a check. That 16 random bytes of another are all zero can be left out of account.
    pub(crate) fn is_for_check(&self) -> bool {
        self.id == Self::check_id()
    }

    fn check_id() -> TicketId {
        TicketId::new([0; 16])
    }
}

/// Why a text is no ticket of ours.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum TicketError {
    /// Cut, lengthened or mistyped on its way.
    #[error("this is not the text of a ticket")]
    Malformed,
    /// It looks like a ticket, but names a key that signs or signed no ticket of this server.
    #[error("the ticket was signed with a key that this server does not have")]
    UnknownKey(TicketKeyId),
    /// It names a key of this server, which did not sign it.
    #[error("the ticket was not signed by this server")]
    Forged,
}

/// A secret that signs tickets.
#[derive(Clone)]
pub(crate) struct SigningKey {
    id: TicketKeyId,
    secret: [u8; Self::SECRET_LEN],
}

/// A ticket's text, taken apart but not yet believed.
#[derive(Clone, Debug)]
pub(crate) struct UnverifiedTicket {
    key: TicketKeyId,
    claims: [u8; CLAIMS_LEN],
    mac: [u8; MAC_LEN],
}

impl SigningKey {
    /// Number of bytes of a secret.
    pub(crate) const SECRET_LEN: usize = 32;

    /// Puts a key together.
    pub(crate) fn new(id: TicketKeyId, secret: [u8; Self::SECRET_LEN]) -> Self {
        Self { id, secret }
    }

    /// Its id, which every ticket it signs names.
    pub(crate) fn id(&self) -> TicketKeyId {
        self.id
    }

    /// The ticket's text: 119 characters of URL-safe base64.
    pub(crate) fn sign(&self, ticket: &Ticket) -> String {
        let mut text = Vec::with_capacity(CLAIMS_LEN + MAC_LEN);
        text.push(VERSION);
        text.extend(self.id.as_bytes());
        text.extend(ticket.channel.as_bytes());
        text.extend(ticket.build.as_bytes());
        text.extend(ticket.id.as_bytes());
        text.extend(seconds(ticket.issued_at).to_be_bytes());
        text.extend(seconds(ticket.expires_at).to_be_bytes());
        let mac = self.mac(&text);
        text.extend(mac);
        BASE64_URL_SAFE_NO_PAD.encode(text)
    }

    /// Believes a ticket that this key signed.
    ///
    /// # Errors
    ///
    /// [`TicketError::Forged`] when it did not.
    pub(crate) fn verify(&self, ticket: &UnverifiedTicket) -> Result<Ticket, TicketError> {
        let genuine = self.mac(&ticket.claims).ct_eq(&ticket.mac);
        if ticket.key != self.id || !bool::from(genuine) {
            return Err(TicketError::Forged);
        }
        // What this server signed, it can read.
        ticket.claims().ok_or(TicketError::Malformed)
    }

    fn mac(&self, claims: &[u8]) -> [u8; MAC_LEN] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        mac.update(claims);
        let digest: [u8; 32] = mac.finalize().into_bytes().into();
        *digest.first_chunk().expect("a MAC is shorter than a digest")
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("id", &self.id).field("secret", &"[redacted]").finish()
    }
}

impl UnverifiedTicket {
    /// Takes a ticket's text apart.
    ///
    /// # Errors
    ///
    /// [`TicketError::Malformed`] for what is no ticket's text.
    pub(crate) fn parse(text: &str) -> Result<Self, TicketError> {
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(text).map_err(|_| TicketError::Malformed)?;
        let (claims, mac) = bytes.split_first_chunk::<CLAIMS_LEN>().ok_or(TicketError::Malformed)?;
        let mac = mac.try_into().map_err(|_| TicketError::Malformed)?;
        if claims[0] != VERSION {
            return Err(TicketError::Malformed);
        }
        let key = TicketKeyId::from_bytes(&claims[1..17]).map_err(|_| TicketError::Malformed)?;
        Ok(Self { key, claims: *claims, mac })
    }

    /// The key it says it was signed with.
    pub(crate) fn key(&self) -> TicketKeyId {
        self.key
    }

    fn claims(&self) -> Option<Ticket> {
        Some(Ticket {
            channel: ChannelId::from_bytes(&self.claims[17..33]).ok()?,
            build: BuildId::from_bytes(&self.claims[33..49]).ok()?,
            id: TicketId::from_bytes(&self.claims[49..65]).ok()?,
            issued_at: moment(self.claims[65..69].try_into().ok()?),
            expires_at: moment(self.claims[69..73].try_into().ok()?),
        })
    }
}

/// Seconds since 1970, good until the year 2106.
fn seconds(moment: Timestamp) -> u32 {
    u32::try_from(moment.as_millis().max(0) / 1_000).unwrap_or(u32::MAX)
}

fn moment(seconds: [u8; 4]) -> Timestamp {
    let epoch = Timestamp::from_millis(0).expect("1970 is a moment");
    epoch.saturating_add(Duration::from_secs(u64::from(u32::from_be_bytes(seconds))))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000).unwrap()
    }

    fn key(tag: u8) -> SigningKey {
        SigningKey::new(TicketKeyId::new(at(1), [tag; 10]), [tag; 32])
    }

    fn ticket() -> Ticket {
        Ticket {
            id: TicketId::new([3; 16]),
            channel: ChannelId::new(at(1), [1; 10]),
            build: BuildId::new(at(2), [2; 10]),
            issued_at: at(1_700_000_000),
            expires_at: at(1_700_604_800),
        }
    }

    #[test]
    fn a_ticket_survives_its_text_which_needs_no_escaping() {
        let text = key(1).sign(&ticket());
        assert_eq!(text.len(), 119);
        assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{text}");
        assert_eq!(key(1).verify(&UnverifiedTicket::parse(&text).unwrap()), Ok(ticket()));
    }

    #[test]
    fn another_key_does_not_believe_it() {
        let unverified = UnverifiedTicket::parse(&key(1).sign(&ticket())).unwrap();
        assert_eq!(unverified.key(), key(1).id());
        assert_eq!(key(2).verify(&unverified), Err(TicketError::Forged));
        let impostor = SigningKey::new(key(1).id(), [9; 32]);
        assert_eq!(impostor.verify(&unverified), Err(TicketError::Forged));
    }

    #[test]
    fn no_changed_character_goes_unnoticed() {
        let text = key(1).sign(&ticket());
        for place in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[place] = if other[place] == b'A' { b'Q' } else { b'A' };
            let other = String::from_utf8(other).unwrap();
            let believed = UnverifiedTicket::parse(&other).and_then(|ticket| key(1).verify(&ticket));
            assert!(believed.is_err(), "character {place} of {other}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_believed_or_makes_it_panic(text in "[A-Za-z0-9_-]{0,140}|.{0,140}") {
            if let Ok(unverified) = UnverifiedTicket::parse(&text) {
                prop_assert!(key(1).verify(&unverified).is_err());
            }
        }
    }
}
