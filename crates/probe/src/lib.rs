#![doc = include_str!("../README.md")]

mod error;
mod remote_file;

pub use error::RemoteError;
pub use remote_file::{RemoteFile, Traffic};
