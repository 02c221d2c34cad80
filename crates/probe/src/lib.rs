#![doc = include_str!("../README.md")]

mod error;
mod remote_file;
mod revocation;

pub use error::RemoteError;
pub use remote_file::{RemoteFile, Traffic};
pub use revocation::{Question, RevocationCheck};
