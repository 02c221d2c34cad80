#![doc = include_str!("../README.md")]

mod address;
mod error;
mod files;
mod fingerprint;
mod identity;
mod local_ca;
mod mode;
mod server;

pub use address::{LocalAddress, local_addresses};
pub use error::TlsError;
pub use fingerprint::Fingerprint;
pub use identity::Identity;
pub use local_ca::LocalCa;
pub use mode::TlsMode;
pub use rustls_pki_types::ServerName;
pub use server::{Refreshed, ServerTls};
