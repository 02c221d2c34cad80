#![doc = include_str!("../README.md")]

mod algorithm;
mod authorities;
mod ber;
mod certificate;
mod chain;
mod element;
mod error;
mod extensions;
mod limits;
mod message;
mod name;
mod public_key;
mod signature;
mod signer;

pub use algorithm::{Algorithm, SignatureDigest};
pub use authorities::Authorities;
pub use certificate::{Certificate, Extension, SerialNumber};
pub use chain::{Authority, Chain, ChainFault};
pub use der::asn1::ObjectIdentifier;
pub use element::{Element, Parts};
pub use error::SignedDataError;
pub use extensions::AlternativeName;
pub use limits::Limits;
pub use message::{SignedData, UnreadableCertificate};
pub use name::{Name, NameAttribute};
pub use public_key::{KeyStrength, PublicKey};
pub use signature::SignatureFault;
pub use signer::{Attribute, Signer, SignerIdentifier};
