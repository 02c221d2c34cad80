//! The commands that need no server, run as people and scripts run them: words in; output, exit code and files out.
#![expect(clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod admin;
mod airstair;
mod corpus;
mod doctor;
mod inspect;
mod link;
mod manifest;
mod remote;
mod settings;
mod site;
mod words;
