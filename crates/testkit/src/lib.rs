#![doc = include_str!("../README.md")]

pub mod app;
pub mod cms;
pub mod codesign;
mod der;
pub mod icon;
pub mod labelled;
pub mod macho;
pub mod pki;
pub mod plist;
pub mod profile;
pub mod zip;

/// Bytes a reader must survive, and what they are: a row for a table test.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Case {
    /// What the bytes are, to be printed when a test fails.
    pub what: String,
    /// The bytes.
    pub bytes: Vec<u8>,
}

impl Case {
    fn new(what: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { what: what.into(), bytes: bytes.into() }
    }
}
