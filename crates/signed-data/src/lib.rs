#![doc = include_str!("../README.md")]

mod addresses;
mod algorithm;
mod authorities;
mod ber;
mod certificate;
mod chain;
mod element;
mod error;
mod extension;
mod extensions;
mod limits;
mod message;
mod name;
mod public_key;
mod revocation;
mod signature;
mod signer;

pub use algorithm::{Algorithm, SignatureDigest};
pub use authorities::Authorities;
pub use certificate::{Certificate, SerialNumber};
pub use chain::{Authority, Chain, ChainFault};
pub use der::asn1::ObjectIdentifier;
pub use element::{Element, Parts};
pub use error::SignedDataError;
pub use extension::Extension;
pub use extensions::AlternativeName;
pub use limits::Limits;
pub use message::{SignedData, UnreadableCertificate};
pub use name::{Name, NameAttribute};
pub use public_key::{KeyStrength, PublicKey};
pub use revocation::{
    OcspResponse, ResponderFault, RevocationError, RevocationList, RevocationReason, RevocationStatement,
    RevocationStatus,
};
pub use signature::SignatureFault;
pub use signer::{Attribute, Signer, SignerIdentifier};
