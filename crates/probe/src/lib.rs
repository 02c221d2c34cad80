#![doc = include_str!("../README.md")]

mod remote_file;

pub use remote_file::{RemoteError, RemoteFile, Traffic};
