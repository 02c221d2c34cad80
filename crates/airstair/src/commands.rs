//! The commands, each in a file named after it: its arguments, and what it does with them.

pub(crate) mod admin;
pub(crate) mod completions;
pub(crate) mod doctor;
pub(crate) mod inspect;
pub(crate) mod link;
pub(crate) mod man;
pub(crate) mod manifest;
pub(crate) mod publish;
pub(crate) mod serve;
pub(crate) mod share;
pub(crate) mod site;
