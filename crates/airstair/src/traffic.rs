//! What it costs to read a package over the network, in words and in JSON.

use probe::Traffic;
use serde::Serialize;

use crate::terminal;

/// `traffic` in answers.
#[derive(Clone, Copy, Serialize)]
pub(crate) struct TrafficAnswer {
    requests: u64,
    bytes: u64,
}

impl From<Traffic> for TrafficAnswer {
    fn from(Traffic { requests, bytes }: Traffic) -> Self {
        Self { requests, bytes }
    }
}

/// Tells it beside the answer.
pub(crate) fn remark(traffic: Traffic, size_bytes: u64) {
    terminal::remark(format_args!(
        "read {} of {} in {} requests",
        pages::size(traffic.bytes),
        pages::size(size_bytes),
        traffic.requests
    ));
}
