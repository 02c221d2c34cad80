//! A server that is killed at any moment, while builds arrive and devices install.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use e2e::{Device, DeviceError, Download, Protocol, ServerFolder, sha256_hex};

use crate::bench::{Acknowledged, BINARY, Bench, Dice, files, package};

/// How often the server is killed at least, and for how long the test goes on at most beyond that.
const ROUNDS: u64 = 30;
const ENOUGH: Duration = Duration::from_mins(1);

/// What the publisher was told so far, and which build number comes next.
#[derive(Default)]
struct Published {
    acknowledged: Vec<Acknowledged>,
    next: u64,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whatever_was_acknowledged_installs_after_kill_9_and_nothing_half_published_shows() {
    let folder = Arc::new(ServerFolder::new(BINARY.as_ref()));
    let packages = tempfile::tempdir().expect("a temporary folder");
    let mut server = folder.start().expect("a server that starts");
    let token = folder.publish_token().expect("a token");
    let published = Arc::new(Mutex::new(Published { acknowledged: Vec::new(), next: 1 }));
    let mut dice = Dice::thrown();
    let began = Instant::now();
    let mut rounds = 0;
    while rounds < ROUNDS && began.elapsed() < ENOUGH {
        let after = Duration::from_micros(dice.below(1_400_000));
        let size_bytes = 10_000 + dice.below(1_000_000);
        let file = packages.path().join(format!("{rounds}.ipa"));
        let uploads = tokio::task::spawn_blocking({
            let (folder, token, published) = (Arc::clone(&folder), token.clone(), Arc::clone(&published));
            move || publish_until_refused(&folder, &token, &published, &file, size_bytes)
        });
        let installs = tokio::spawn(install_until_cut(Arc::clone(&folder), Arc::clone(&published)));
        // Not to wait for something: the kill must come at a moment nobody chose.
        tokio::time::sleep(after).await;
        drop(server.kill());
        uploads.await.expect("a publisher that does not panic");
        installs.await.expect("a device that does not panic");
        server = folder.start().unwrap_or_else(|ended| panic!("round {rounds}: no restart: {ended}"));
        let (latest, one) = {
            let published = published.lock().expect("nobody panicked");
            let all = &published.acknowledged;
            let one = all.get(usize::try_from(dice.below(all.len().max(1) as u64)).expect("a short list"));
            (all.last().cloned(), one.cloned())
        };
        for build in latest.iter().chain(&one) {
            assert_installs(&folder, build).await;
        }
        if let Some(build) = &latest {
            assert_page_is_whole(&folder, &build.page_url).await;
        }
        rounds += 1;
    }
    let all = published.lock().expect("nobody panicked").acknowledged.clone();
    eprintln!("{rounds} kills in {:?}, {} builds acknowledged", began.elapsed(), all.len());
    assert!(rounds >= ROUNDS, "only {rounds} rounds in {ENOUGH:?}");
    assert!(!all.is_empty(), "no build was ever acknowledged");
    for build in &all {
        assert_installs(&folder, build).await;
    }
    let ended = server.stop();
    assert_eq!(ended.code, Some(0), "{ended}");
    assert_collected(&folder);
    let kept: Vec<_> = kept_packages(&folder);
    let distinct: HashSet<_> = kept.iter().collect();
    assert_eq!(distinct.len(), kept.len(), "a package is kept twice");
    assert!(all.iter().all(|build| distinct.contains(&build.sha256)), "an acknowledged package is gone");
    // The last upload of a round may have been kept though its answer was lost, and no other.
    assert!((kept.len() - all.len()) as u64 <= rounds, "{} packages, {} builds", kept.len(), all.len());
    let server = folder.start().expect("a server on what is left");
    for build in &all {
        assert_installs(&folder, build).await;
    }
    assert_eq!(server.stop().code, Some(0));
}

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
        assert_installs(&folder, &published).await;
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
        let micros = u64::try_from(time_to_ready.as_micros()).expect("a short time");
        let server = folder.launch();
        tokio::time::sleep(Duration::from_micros(dice.below(micros))).await;
        let ended = server.kill();
        assert_eq!(ended.code, None, "it ended by itself: {ended}");
        before_ready += u32::from(!ended.stderr.contains("ready"));
    }
    before_ready
}

fn publish_until_refused(
    folder: &ServerFolder,
    token: &str,
    published: &Mutex<Published>,
    file: &PathBuf,
    size_bytes: u64,
) {
    loop {
        let number = published.lock().expect("nobody panicked").next;
        std::fs::write(file, package(number, size_bytes).build()).expect("room for a package");
        let ended = folder.publish(token, file, &["--channel", "beta"]);
        let mut published = published.lock().expect("nobody panicked");
        // Told or not: the number may be taken now.
        published.next += 1;
        if ended.code == Some(0) {
            published.acknowledged.push(Acknowledged::read(&ended));
        } else {
            assert_eq!(ended.code, Some(3), "a sound package was refused: {ended}");
            return;
        }
    }
}

/// Installs what is on the page until the server is gone. What comes before that must be right.
async fn install_until_cut(folder: Arc<ServerFolder>, published: Arc<Mutex<Published>>) {
    let mut round = 0;
    loop {
        let latest = published.lock().expect("nobody panicked").acknowledged.last().cloned();
        let device = device(&folder, [Protocol::Http1, Protocol::Http2][round % 2]);
        let url = latest.map_or_else(|| folder.public_url().to_owned(), |build| build.page_url);
        let outcome = async {
            let page = device.open_page(&url).await?;
            if page.offers_install() { device.tap(&page, &Download::Whole).await.map(drop) } else { Ok(()) }
        };
        match outcome.await {
            Ok(()) => round += 1,
            Err(error) => {
                assert!(matches!(error, DeviceError::Connection { .. }), "{error}");
                return;
            }
        }
    }
}

async fn assert_installs(folder: &ServerFolder, build: &Acknowledged) {
    let device = device(folder, Protocol::Http2);
    let page = device.open_page(&build.build_url).await.expect("an acknowledged build's page");
    let installed = device.tap(&page, &Download::Whole).await.expect("an acknowledged build");
    assert_eq!(installed.sha256, build.sha256);
}

/// Whatever the channel's page shows, acknowledged or not, each build of it downloads whole.
async fn assert_page_is_whole(folder: &ServerFolder, page_url: &str) {
    let device = device(folder, Protocol::Http1);
    let page = device.open_page(page_url).await.expect("a channel's page");
    let older = page.links.iter().filter(|link| link.contains("/i/"));
    let mut pages = vec![page.clone()];
    for link in older.take(3) {
        let url = if link.starts_with('/') { format!("{}{link}", folder.public_url()) } else { link.clone() };
        pages.push(device.open_page(&url).await.expect("an older build's page"));
    }
    for page in pages {
        device.tap(&page, &Download::Whole).await.expect("a build that is shown");
    }
}

fn device(folder: &ServerFolder, protocol: Protocol) -> Device {
    Device::iphone(&folder.root_pem(), protocol).expect("a root to trust")
}

/// The digests of the packages in the depot; what else lies there are icons.
fn kept_packages(folder: &ServerFolder) -> Vec<String> {
    let files = files(&folder.data().join("depot").join("blobs"));
    let bytes = files.iter().map(|file| std::fs::read(file).expect("a file of the depot"));
    bytes.filter(|bytes| bytes.starts_with(b"PK")).map(|bytes| sha256_hex(&bytes)).collect()
}

/// After a collection the depot holds what builds need and nothing else, and a second one finds nothing.
fn assert_collected(folder: &ServerFolder) {
    let depot = folder.data().join("depot");
    let collect = || {
        let ended = folder.admin(&["collect-garbage", "--older-than-hours", "0", "--json"]);
        ended.fine().expect("a collection").json()
    };
    let sum = |files: &[PathBuf]| -> u64 {
        files.iter().map(|file| std::fs::metadata(file).expect("a file of the depot").len()).sum()
    };
    let before = files(&depot);
    let (before_count, before_bytes) = (before.len() as u64, sum(&before));
    let collected = collect();
    let after = files(&depot);
    assert_eq!(Some(before_count - after.len() as u64), collected["blobs"].as_u64(), "{collected}");
    assert_eq!(Some(before_bytes - sum(&after)), collected["size_bytes"].as_u64(), "{collected}");
    assert_eq!(files(&depot.join("incoming")), Vec::<PathBuf>::new());
    assert_eq!(collect()["blobs"].as_u64(), Some(0), "a second collection finds nothing");
    assert_eq!(files(&depot), after);
}
