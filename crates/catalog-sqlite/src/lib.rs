#![doc = include_str!("../README.md")]

mod apps;
mod attempts;
mod audit;
mod blobs;
mod builds;
mod channels;
mod events;
mod failure;
mod installs;
mod jobs;
mod open;
mod releases;
mod revocations;
mod self_checks;
mod session;
mod ticket_keys;
mod tokens;

pub use open::{OpenError, SqliteCatalog};
