#![doc = include_str!("../README.md")]

mod blob;
#[cfg(feature = "contract")]
pub mod contract;
mod depot;
mod disk;
mod error;
mod key;

pub use blob::{Blob, BlobStream};
pub use depot::{BlobWriter, Depot, ListedBlob, StoredBlob, Swept};
pub use disk::Disk;
pub use error::DepotError;
pub use key::BlobKey;
