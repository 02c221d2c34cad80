//! What machines call, with a bearer token.

mod caller;
mod upload;
mod view;

pub(crate) use upload::upload;
pub use view::{BuildView, ChannelView, FindingView, PublishedView};
