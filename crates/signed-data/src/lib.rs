#![doc = include_str!("../README.md")]

mod algorithm;
mod authorities;
mod ber;
mod certificate;
mod chain;
mod element;
mod error;
mod limits;
mod message;
mod name;
mod signature;
mod signer;

pub use algorithm::Algorithm;
pub use authorities::Authorities;
pub use certificate::{Certificate, Extension, PublicKey, SerialNumber};
pub use chain::{Authority, Chain, ChainFault};
pub use der::asn1::ObjectIdentifier;
pub use element::{Element, Parts};
pub use error::SignedDataError;
pub use limits::Limits;
pub use message::{SignedData, UnreadableCertificate};
pub use name::{Name, NameAttribute};
pub use signature::SignatureFault;
pub use signer::{Attribute, Signer, SignerIdentifier};
