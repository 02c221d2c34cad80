//! Many roads at once.

use std::cmp::Reverse;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::breakage::{Breakage, Cost, road_with};
use crate::compare::{Compared, Expected, compare};
use crate::road::Road;
use crate::walk::judged;

/// A road to be walked, and what should be said of it.
pub(crate) struct Case {
    what: String,
    road: Road,
    cost: Cost,
    expected: Expected,
}

impl Case {
    /// A road with all of these.
    pub(crate) fn of(breakages: &[&Breakage], expected: Expected) -> Self {
        let names: Vec<&str> = breakages.iter().map(|broken| broken.what).collect();
        let cost = breakages.iter().map(|broken| broken.cost).max().unwrap_or(Cost::Small);
        Self { what: names.join(" and "), road: road_with(breakages), cost, expected }
    }
}

impl Case {
    /// What should be told as the first cause.
    pub(crate) fn cause(&self) -> Option<&'static str> {
        self.expected.cause
    }
}

/// How many walks go on at once: few enough that a walk which waits is not kept from what does come.
const AT_ONCE: u32 = 12;

/// Walks and judges all, and gives what came of each in its order.
pub(crate) async fn judge_all(cases: Vec<Case>) -> Vec<Compared> {
    let turns = Arc::new(Semaphore::new(AT_ONCE as usize));
    let mut running = JoinSet::new();
    let mut cases: Vec<(usize, Case)> = cases.into_iter().enumerate().collect();
    // While some wait, others go on.
    cases.sort_by_key(|(_, case)| Reverse(case.cost));
    for (place, Case { what, road, cost, expected }) in cases {
        let turns = Arc::clone(&turns);
        running.spawn(async move {
            // What is many times as much as usual is slow beside others.
            let share = if cost == Cost::Large { AT_ONCE } else { 1 };
            let _turn = turns.acquire_many_owned(share).await.expect("nobody closes it");
            let report = judged(&road, cost).await;
            (place, compare(&what, &report, &expected))
        });
    }
    let mut all = running.join_all().await;
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, compared)| compared).collect()
}
