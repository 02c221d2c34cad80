#![doc = include_str!("../README.md")]

mod binary;
mod budget;
mod dictionary;
mod error;
mod format;
mod integer;
mod key_path;
mod limits;
mod value;
mod xml;

pub use binary::write::write_binary;
pub use dictionary::{Dictionary, Iter};
pub use error::{Fault, ReadError};
pub use format::{Format, read};
pub use integer::{Integer, IntegerError};
pub use limits::{Limits, MAX_DEPTH};
pub use time::UtcDateTime;
pub use value::{Kind, Value};
pub use xml::write::write_xml;
