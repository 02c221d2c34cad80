//! Property lists in XML.

pub(crate) mod read;
pub(crate) mod write;

mod content;
mod document;
mod scalar;
