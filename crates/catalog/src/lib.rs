#![doc = include_str!("../README.md")]

mod actor;
mod app;
mod attempt;
mod audit;
mod blob;
mod blocks;
mod build;
mod channel;
#[cfg(feature = "contract")]
pub mod contract;
mod error;
mod event;
mod ids;
mod install;
mod job;
mod name;
mod page;
mod provenance;
mod release;
mod revocation;
#[cfg(feature = "rows")]
pub mod row;
mod self_check;
mod sha256;
mod signing;
mod slug;
mod ticket_id;
mod ticket_key;
mod timestamp;
mod token;
mod unit;
mod word;

pub use actor::Actor;
pub use app::{App, AppCursor, Apps, AppsMut};
pub use attempt::{Attempt, AttemptDevice, AttemptProgress, AttemptStart, Attempts, AttemptsMut, Progress};
pub use audit::{Audit, AuditAction, AuditEntry, AuditMut, AuditSubject};
pub use blob::{Blob, BlobUse, Blobs, BlobsMut};
pub use blocks::Blocks;
pub use build::{AllowedCode, Build, Builds, BuildsMut, Icons, Package};
pub use channel::{Access, Channel, ChannelCursor, Channels, ChannelsMut, Visibility};
pub use error::{Key, ParseError, StoreError};
pub use event::{Event, Events, EventsMut, LoggedEvent, Notices, Position, Topic};
pub use ids::{
    AppId, AttemptId, AuditId, BlobId, BuildId, ChannelId, EventId, JobId, LeaseId, ReleaseId, TicketKeyId,
    TokenId,
};
pub use install::{ChannelPage, InstallSubject, Installs, ReleasedBuild};
pub use job::{Added, Held, Job, JobKind, Jobs, JobsMut, Lease, NewJob};
pub use name::{Name, NameCursor};
pub use page::{Page, PageSize};
pub use provenance::Provenance;
pub use release::{NewRelease, Release, Releases, ReleasesMut, Sequence};
pub use revocation::{Revocation, RevocationSubject, Revocations, RevocationsMut, TicketRevocations};
pub use self_check::{SelfCheck, SelfChecks, SelfChecksMut};
pub use sha256::Sha256;
pub use signing::{DeviceReach, ProfileSummary, Signing, Team};
pub use slug::Slug;
pub use ticket_id::TicketId;
pub use ticket_key::{TicketKey, TicketKeys, TicketKeysMut};
pub use timestamp::Timestamp;
pub use token::{Token, TokenHash, TokenReach, TokenScope, Tokens, TokensMut};
pub use unit::{Catalog, Snapshot, Unit};
