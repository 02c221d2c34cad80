#![doc = include_str!("../README.md")]

mod account;
mod installed;
mod server;

pub use server::{Server, Tls};
