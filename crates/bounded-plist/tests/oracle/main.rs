//! Reading and writing, compared with the `plist` crate: an implementation that shares no code with ours.

mod fixtures;
mod round_trip;
mod translate;
