//! A server that is killed on its road to ready.

use std::time::{Duration, Instant};

use e2e::{Device, Download, Protocol, ServerFolder};

use crate::bench::{BINARY, Bench, Dice, package};

/// In how many folders servers are killed on the road to ready, and how often before the first that gets there, and
/// again before the last.
const FOLDERS: u32 = 16;
const STARTS: u32 = 2;

#[tokio::test(flavor = "multi_thread")]
async fn a_start_that_kill_9_cut_short_stands_in_no_later_ones_way() {
    let folder = ServerFolder::new(BINARY.as_ref());
    let (first, later) = (time_to_ready(&folder), time_to_ready(&folder));
    let mut dice = Dice::thrown();
    let mut before_ready = 0;
    for _ in 0..FOLDERS {
        let folder = ServerFolder::new(BINARY.as_ref());
        before_ready += kill_starts(&folder, first, &mut dice).await;
        let bench = Bench::on(folder);
        let published = bench.publish(&package(1, 10_000).build());
        let folder = bench.end();
        let root = folder.root_pem();
        before_ready += kill_starts(&folder, later, &mut dice).await;
        let server = folder.start().unwrap_or_else(|ended| panic!("no start after the kills: {ended}"));
        assert_eq!(folder.root_pem(), root, "phones trust the root they trusted");
        let device = Device::iphone(&root, Protocol::Http2).expect("a root to trust");
        let page = device.open_page(&published.build_url).await.expect("an acknowledged build's page");
        let installed = device.tap(&page, &Download::Whole).await.expect("an acknowledged build");
        assert_eq!(installed.sha256, published.sha256);
        let ended = server.stop();
        assert_eq!(ended.code, Some(0), "{ended}");
    }
    let kills = FOLDERS * STARTS * 2;
    eprintln!(
        "{kills} kills within {first:?} and {later:?}, {before_ready} of them before the server was ready"
    );
    assert!(before_ready > kills / 8, "only {before_ready} of {kills} kills came in time");
}

fn time_to_ready(folder: &ServerFolder) -> Duration {
    let began = Instant::now();
    let server = folder.start().expect("a server that starts");
    let ready = began.elapsed();
    drop(server.stop());
    ready
}

/// Starts a server again and again, kills it at moments nobody chose, and gives how often it was not ready yet.
async fn kill_starts(folder: &ServerFolder, time_to_ready: Duration, dice: &mut Dice) -> u32 {
    let mut before_ready = 0;
    for _ in 0..STARTS {
        let server = folder.launch();
        tokio::time::sleep(dice.shorter_than(time_to_ready)).await;
        let ended = server.kill();
        assert_eq!(ended.code, None, "it ended by itself: {ended}");
        before_ready += u32::from(!ended.stderr.contains("ready"));
    }
    before_ready
}
