#![doc = include_str!("../README.md")]

mod api;
mod assets;
mod by_host;
mod conditional;
mod device;
mod error;
mod health;
mod help;
mod install;
mod listener;
mod log;
mod policy;
mod range;
mod router;
mod trust;

pub use api::{BuildView, ChannelView, FindingView, PublishedView};
/// What routes are put together to.
pub use axum::Router;
pub use by_host::by_host;
pub use listener::Listener;
pub use router::{WebState, router};
pub use trust::{TrustAnchor, redirect_router, trust_router};
