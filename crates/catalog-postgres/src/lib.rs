#![doc = include_str!("../README.md")]

mod apps;
mod attempts;
mod audit;
mod blobs;
mod bounded;
mod builds;
mod channels;
mod events;
mod failure;
mod installs;
mod jobs;
mod open;
mod outage;
mod releases;
mod revocations;
mod schema;
mod self_checks;
mod session;
mod settings;
mod ticket_keys;
mod tokens;

pub use open::{OpenError, PostgresCatalog};
pub use settings::{Settings, SettingsError};
