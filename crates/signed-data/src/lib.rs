#![doc = include_str!("../README.md")]

mod algorithm;
mod ber;
mod certificate;
mod element;
mod error;
mod limits;
mod message;
mod name;
mod signer;

pub use algorithm::Algorithm;
pub use certificate::{Certificate, Extension, PublicKey, SerialNumber};
pub use der::asn1::ObjectIdentifier;
pub use error::SignedDataError;
pub use limits::Limits;
pub use message::{SignedData, UnreadableCertificate};
pub use name::{Name, NameAttribute};
pub use signer::{Attribute, Signer, SignerIdentifier};
