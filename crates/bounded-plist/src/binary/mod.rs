//! Property lists in Apple's binary form, version 0.
//!
//! ```text
//! "bplist00" | objects | offset table: where each object begins | trailer
//! ```
//!
//! The trailer is 32 bytes: 6 unused, the size of an offset (1 byte), the size of a reference (1 byte), the number of
//! objects, the index of the outermost one and the offset of the offset table (8 bytes each, big-endian). An array or
//! a dictionary refers to its values by index. Source: `CFBinaryPList.c` in Apple's open-source `CoreFoundation`.

pub(crate) mod read;
pub(crate) mod write;

mod layout;

/// Seconds from 1970-01-01 to 2001-01-01, the moment from which dates count.
const EPOCH: i64 = 978_307_200;
