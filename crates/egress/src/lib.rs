#![doc = include_str!("../README.md")]

mod answer;
mod client;
mod connector;
mod error;
mod guard;
mod handshake;
mod observed;
mod options;
mod race;

pub use answer::{Answer, Ending, ReadBody};
pub use client::{Body, Client};
pub use error::{ConnectError, HandshakeError, SendError};
pub use observed::{Attempt, Handshake, Observed};
pub use options::{Options, Pin, PinError};
pub use rustls::{CipherSuite, ProtocolVersion};
pub use rustls_pki_types::CertificateDer;
