#![doc = include_str!("../README.md")]

mod archive;
mod block_cache;
mod bytes;
mod der_dictionary;
mod device_model;
mod examine;
mod executable;
mod fact;
mod file_kind;
pub mod icon;
mod identity;
mod info_plist;
mod inspect;
mod limits;
mod measure;
mod package;
mod platform;
mod profile;
mod read_at;
mod resources;
mod seen;
mod signature;
mod signed_by;
mod signing_kind;
mod strings;
mod udid;

pub use archive::{
    Archive, ArchiveError, ArchiveWalk, Child, Cut, CutOff, CutPlace, DamagedEntry, DataDescriptor,
    DescriptorFault, Difference, Disagreement, Duplicate, Entry, EntryPlace, EntryReader, FaultyName, Gap,
    GapContent, HiddenEntry, Likeness, Link, LinkEnd, LinkTarget, Links, LocalHeader, Method, Missing,
    NameFault, OddDescriptor, OtherMethod, Overlap, Stream, Zip64Use,
};
pub use block_cache::{BlockCache, CacheSize};
pub use device_model::DeviceModel;
pub use examine::{Examined, NoArchive};
pub use executable::{
    CodePages, Cpu, Encryption, Executable, ExecutableError, ImageUuid, SignaturePlace, SignatureReading,
    Slice,
};
pub use fact::Fact;
pub use file_kind::FileKind;
pub use identity::{BuildNumber, BundleId, TEXT_LIMIT_BYTES, TeamId, TextError, Version};
pub use info_plist::{Capability, Demand, IconNames, InfoPlist, InfoPlistError};
pub use inspect::{Depth, InspectError, Inspection, Progress, inspect, inspect_archive};
pub use limits::Limits;
pub use package::{Bundle, BundleKind, Companion, LocalizedName, Package, Surroundings};
pub use platform::{DeviceFamily, OsVersion, Platform, UnknownName};
pub use profile::{DerProfile, Devices, Envelope, LaunchCheck, ManagedBy, Membership, Profile, ProfileError};
pub use read_at::ReadAt;
pub use resources::Resources;
pub use seen::Seen;
pub use signature::{
    Agreement, CodeDigest, CodeDirectory, CodeHash, CodeSignature, Seal, SealedFiles, Seals, SignatureError,
};
pub use signed_by::SignedBy;
pub use signing_kind::SigningKind;
pub use udid::{Udid, UdidError};
