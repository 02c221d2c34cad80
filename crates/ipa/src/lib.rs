#![doc = include_str!("../README.md")]

mod archive;
mod block_cache;
mod bytes;
mod executable;
mod fact;
pub mod icon;
mod identity;
mod info_plist;
mod inspect;
mod limits;
mod package;
mod platform;
mod profile;
mod read_at;
mod signing_kind;
mod strings;
mod udid;

pub use archive::{
    Archive, ArchiveError, Child, DataDescriptor, Entry, EntryReader, LocalHeader, Method, NameFault,
};
pub use block_cache::{BlockCache, CacheSize};
pub use executable::{Cpu, Encryption, Executable, ExecutableError, ImageUuid, SignaturePlace, Slice};
pub use fact::Fact;
pub use identity::{BuildNumber, BundleId, TEXT_LIMIT_BYTES, TeamId, TextError, Version};
pub use info_plist::{Capability, Demand, IconNames, InfoPlist, InfoPlistError};
pub use inspect::{InspectError, inspect, inspect_archive};
pub use limits::Limits;
pub use package::{Bundle, BundleKind, Companion, LocalizedName, Names, Package, Surroundings};
pub use platform::{DeviceFamily, OsVersion, Platform, UnknownName};
pub use profile::{Devices, Envelope, LaunchCheck, ManagedBy, Membership, Profile, ProfileError};
pub use read_at::ReadAt;
pub use signing_kind::SigningKind;
pub use udid::{Udid, UdidError};
