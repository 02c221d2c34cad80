#![doc = include_str!("../README.md")]

mod archive;
mod bytes;
mod fact;
mod identity;
mod limits;
mod platform;
mod read_at;
mod signing_kind;
mod udid;

pub use archive::{Archive, ArchiveError, Child, Entry, EntryReader, LocalHeader, Method, NameFault};
pub use fact::Fact;
pub use identity::{BuildNumber, BundleId, TEXT_LIMIT_BYTES, TeamId, TextError, Version};
pub use limits::Limits;
pub use platform::{DeviceFamily, OsVersion, Platform, UnknownName};
pub use read_at::ReadAt;
pub use signing_kind::SigningKind;
pub use udid::{Udid, UdidError};
