//! Property lists in XML.

pub(crate) mod read;
pub(crate) mod write;

mod document;
mod scalar;
