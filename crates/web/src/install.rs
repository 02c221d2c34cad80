//! The pages from which people install.

mod card;
mod page;

pub(crate) use page::{build, channel, icon, root, unknown};
