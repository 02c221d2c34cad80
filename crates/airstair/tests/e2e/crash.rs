//! Nodes that are killed at any moment, while builds arrive, channels change and devices install.

mod ground;
mod load;
mod remains;
mod starts;
mod told;

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use e2e::{Ended, TestServer};
use tokio::task::block_in_place;

use crate::bench::{Dice, knob};

use self::ground::Ground;
use self::load::Load;
use self::told::Told;

/// How often nodes are killed where `AIRSTAIR_TEST_KILLS` does not say.
const KILLS: u64 = 8;

/// For how many times at most a node lives as long as it takes to start.
const LIVES: u32 = 6;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn kill_9_takes_nothing_that_was_acknowledged_from_sqlite_and_a_folder() {
    outlive(Ground::sqlite_and_folder()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn kill_9_takes_nothing_that_was_acknowledged_from_sqlite_and_a_bucket() {
    outlive(Ground::sqlite_and_bucket().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn kill_9_takes_nothing_that_was_acknowledged_from_postgresql_and_a_folder() {
    let Some(ground) = Ground::postgres_and_folder() else { return };
    outlive(ground).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn kill_9_takes_nothing_that_was_acknowledged_from_postgresql_and_a_bucket() {
    let Some(ground) = Ground::postgres_and_bucket().await else { return };
    outlive(ground).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn kill_9_takes_nothing_that_was_acknowledged_from_two_nodes() {
    let Some(ground) = Ground::two_nodes().await else { return };
    outlive(ground).await;
}

/// Kills nodes under load, starts them again, and then looks for all that anybody was told.
async fn outlive(ground: Ground) {
    let began = Instant::now();
    let ground = Arc::new(ground);
    let told = Arc::new(Told::default());
    let mut dice = Dice::thrown();
    let start = |node: usize| block_in_place(|| ground.nodes()[node].start()).expect("a node that starts");
    let mut running: VecDeque<_> = (0..ground.nodes().len()).map(|node| (node, start(node))).collect();
    let time_to_ready = began.elapsed();
    let catalog = ground.catalog().await;
    let load = Load::put_on(&ground, &told, &mut dice);
    let kills = knob("AIRSTAIR_TEST_KILLS").unwrap_or(KILLS);
    let mut cut_uploads = 0;
    let mut away = Duration::ZERO;
    for round in 1..=kills {
        // Not to wait for something: the kill must come at a moment nobody chose.
        tokio::time::sleep(dice.shorter_than(time_to_ready * LIVES)).await;
        running.rotate_left(usize::try_from(dice.below(2)).expect("a small number"));
        let (node, server) = running.pop_front().expect("a node that runs");
        assert_killed(&block_in_place(|| server.kill()));
        cut_uploads += ground.unfinished().len();
        let killed_at = Instant::now();
        remains::make_jobs_due(&*catalog).await;
        if dice.below(4) == 0 {
            let server = ground.nodes()[node].launch();
            tokio::time::sleep(dice.shorter_than(time_to_ready)).await;
            assert_killed(&block_in_place(|| server.kill()));
            remains::make_jobs_due(&*catalog).await;
        }
        running.push_back((node, start(node)));
        away += killed_at.elapsed();
        remains::assert_installs(&ground, told.builds().last()).await;
        assert!(!load.has_ended(), "round {round}: whoever puts load on has ended");
        if round.is_multiple_of(50) {
            eprintln!("{round} kills in {:?}; {told}", began.elapsed());
        }
    }
    load.take_off().await;
    eprintln!(
        "{kills} kills in {:?} ({:?} until ready again), {cut_uploads} unfinished uploads seen; {told}",
        began.elapsed(),
        away / u32::try_from(kills.max(1)).expect("few kills"),
    );
    assert!(!told.builds().is_empty(), "no build was ever acknowledged");

    remains::assert_jobs_are_done(&*catalog).await;
    remains::assert_all_told_is_so(&ground, &*catalog, &told, kills).await;
    for (_, server) in running {
        assert_stopped(server);
    }
    remains::assert_nothing_else_is_left(&ground, &*catalog).await;
    let server = start(0);
    remains::assert_installs(&ground, &told.builds()).await;
    assert_stopped(server);
    catalog.close().await;
}

fn assert_killed(ended: &Ended) {
    assert_eq!(ended.code, None, "it ended by itself: {ended}");
    assert_quiet(ended);
}

fn assert_stopped(server: TestServer) {
    let ended = block_in_place(|| server.stop());
    assert_eq!(ended.code, Some(0), "{ended}");
    assert_quiet(&ended);
}

fn assert_quiet(ended: &Ended) {
    for word in ["panicked", "ERROR"] {
        assert!(!ended.stderr.contains(word), "{ended}");
    }
}
