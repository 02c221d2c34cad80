//! Keys, certificates and a chain shaped like Apple's, under names of our own.
//!
//! Everything follows from what is passed in: the same seeds and dates give the same bytes.
//!
//! ```
//! use testkit::pki::{Chain, LeafKind};
//! use time::macros::utc_datetime;
//!
//! let chain = Chain::new("A1B2C3D4E5", LeafKind::Distribution, utc_datetime!(2026-06-01 0:00));
//! assert_ne!(chain.leaf.certificate.der, chain.root.certificate.der);
//! ```

mod certificate;
mod chain;
pub mod hostile;
mod key;
mod ocsp;
mod revocation_list;

pub use certificate::{Certificate, CertificateBuilder, Identity, Name};
pub use chain::{Chain, ChainFault, LeafKind};
pub use key::{Digest, Key, RsaKey};
pub use ocsp::{CertificateStatus, OcspRequest, OcspResponse, Reason};
pub use revocation_list::RevocationList;
