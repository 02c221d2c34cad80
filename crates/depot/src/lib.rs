#![doc = include_str!("../README.md")]

mod blob;
#[cfg(feature = "contract")]
pub mod contract;
mod depot;
mod disk;
mod error;
mod key;
mod s3;

pub use blob::{Blob, BlobStream};
pub use depot::{BlobWriter, Depot, ListedBlob, StoredBlob, Swept};
pub use disk::Disk;
pub use error::DepotError;
pub use key::BlobKey;
pub use s3::{
    PresignedError, S3, S3Addressing, S3Credentials, S3Delivery, S3Encryption, S3Settings, S3SettingsError,
};
