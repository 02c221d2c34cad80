//! Many roads at once.

use std::cmp::Reverse;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::breakage::{Breakage, Cost, road_with};
use crate::compare::{Compared, Expected, compare};
use crate::walk::judged;

/// A road to be walked, and what should be said of it.
pub(crate) struct Case {
    broken: Vec<Breakage>,
    expected: Expected,
}

impl Case {
    /// A road with all of these.
    pub(crate) fn of(breakages: &[&Breakage], expected: Expected) -> Self {
        Self { broken: breakages.iter().map(|broken| **broken).collect(), expected }
    }

    fn cost(&self) -> Cost {
        self.broken.iter().map(|broken| broken.cost).max().unwrap_or(Cost::Small)
    }

    /// Makes the road, walks it, and compares.
    async fn judge(self) -> Compared {
        let broken: Vec<&Breakage> = self.broken.iter().collect();
        let names: Vec<&str> = broken.iter().map(|broken| broken.what).collect();
        let report = judged(&road_with(&broken), self.cost()).await;
        compare(&names.join(" and "), &report, &self.expected)
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
    cases.sort_by_key(|(_, case)| Reverse(case.cost()));
    for (place, case) in cases {
        let turns = Arc::clone(&turns);
        running.spawn(async move {
            // What is many times as much as usual is slow beside others.
            let share = if case.cost() == Cost::Large { AT_ONCE } else { 1 };
            let _turn = turns.acquire_many_owned(share).await.expect("nobody closes it");
            (place, case.judge().await)
        });
    }
    let mut all = running.join_all().await;
    all.sort_by_key(|(place, _)| *place);
    all.into_iter().map(|(_, compared)| compared).collect()
}
