//! The commands, each in a file named after it: its arguments, and what it does with them.

pub(crate) mod completions;
pub(crate) mod man;
