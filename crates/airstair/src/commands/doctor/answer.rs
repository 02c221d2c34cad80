//! The answer of `airstair doctor --json`, as `docs/json/doctor.md` describes it.

use doctor::Report;
use serde::Serialize;

use super::JudgedRoad;
use crate::traffic::TrafficAnswer;

/// The shape of the answer. It grows by keys; what a key means does not change within a version.
const VERSION: u32 = 1;

#[derive(Serialize)]
pub(super) struct Answer<'a> {
    version: u32,
    #[serde(flatten)]
    first: Road<'a>,
    /// The other roads, where a file holds several links.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    others: Vec<Road<'a>>,
}

#[derive(Serialize)]
struct Road<'a> {
    target: &'a str,
    #[serde(flatten)]
    report: &'a Report,
    #[serde(skip_serializing_if = "Option::is_none")]
    traffic: Option<TrafficAnswer>,
}

impl<'a> Answer<'a> {
    /// Of several roads, the first on which something fails comes first.
    pub(super) fn new(examined: &'a [JudgedRoad]) -> Self {
        let road = |one: &'a JudgedRoad| Road {
            target: &one.name,
            report: &one.report,
            traffic: one.package.map(|package| package.traffic.into()),
        };
        let worst = examined.iter().position(|one| one.report.fails_at.is_some()).unwrap_or(0);
        let others = examined.iter().enumerate().filter(|(place, _)| *place != worst);
        Self {
            version: VERSION,
            first: road(&examined[worst]),
            others: others.map(|(_, one)| road(one)).collect(),
        }
    }
}
