#![doc = include_str!("../README.md")]

mod account;
mod installed;
mod network;
mod server;

pub use network::{Break, Network};
pub use server::{Server, Tls};
