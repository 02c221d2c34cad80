#![doc = include_str!("../README.md")]

mod agent;
mod download;
mod error;
mod fetch;
mod host;
mod kind;
mod package;
mod page;
mod remote_file;
mod revocation;
mod roots;
mod transport;
mod walk;
mod walked;

pub use agent::Agent;
pub use download::{DownloadWatch, Downloaded};
pub use error::RemoteError;
pub use remote_file::{RemoteFile, Traffic};
pub use revocation::{Question, RevocationCheck};
pub use transport::{Received, Transport, TransportError};
pub use walk::{Options, Probe, Target};
pub use walked::{Walk, WalkedRoad};
