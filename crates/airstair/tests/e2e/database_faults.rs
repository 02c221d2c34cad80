//! A server whose PostgreSQL stops, crashes, is cut off and comes back, with everything going on at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use e2e::{Download, Protocol, ServerFolder, trusting};
use reqwest::{Client, ClientBuilder, Response, StatusCode};
use scratch_postgres::{Break, Network, Server};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::bench::{Acknowledged, BINARY, Bench, package};

/// More than the network's buffers hold.
const LARGE: u64 = 24 << 20;

/// A server on a database that is reached through a network which can break; `None`, loudly, without PostgreSQL.
fn start(network: impl FnOnce(&Server) -> String) -> Option<(Server, Bench)> {
    let postgres = Server::start().expect("a server that starts")?;
    let by_the_socket = postgres.database("airstair");
    let through = network(&postgres);
    let address = if through.is_empty() { by_the_socket } else { through };
    let folder = ServerFolder::new(BINARY.as_ref()).with_environment("AIRSTAIR_DATABASE_URL", &address);
    Some((postgres, Bench::on(folder)))
}

fn through(network: &mut Option<Network>) -> impl FnOnce(&Server) -> String {
    |postgres| {
        let network = network.insert(postgres.network().expect("a free port"));
        network.database("airstair")
    }
}

fn client(bench: &Bench) -> Client {
    trusting(&bench.folder.root_pem()).and_then(ClientBuilder::build).expect("a client")
}

/// Uploads, pages and manifests, each over and over and many at once, until it is told to stop.
struct Load {
    shared: Arc<Shared>,
    tasks: JoinSet<()>,
}

struct Shared {
    client: Client,
    url: String,
    token: String,
    page_url: String,
    stop: AtomicBool,
    build_number: AtomicU64,
    uploads: AtomicU64,
    pages: AtomicU64,
    manifests: AtomicU64,
    acknowledged: std::sync::Mutex<Vec<Acknowledged>>,
}

impl Load {
    fn start(bench: &Bench, published: &Acknowledged) -> Self {
        let shared = Arc::new(Shared {
            client: client(bench),
            url: format!("{}/api/v1/builds?channel=load", bench.folder.public_url()),
            token: bench.token.clone(),
            page_url: published.page_url.clone(),
            stop: false.into(),
            build_number: 100.into(),
            uploads: 0.into(),
            pages: 0.into(),
            manifests: 0.into(),
            acknowledged: std::sync::Mutex::default(),
        });
        let mut tasks = JoinSet::new();
        for _ in 0..2 {
            let load = Arc::clone(&shared);
            tasks.spawn(async move {
                while load.goes_on() {
                    load.upload().await;
                }
            });
            let load = Arc::clone(&shared);
            let device = bench.device(Protocol::Http2);
            tasks.spawn(async move {
                while load.goes_on() {
                    if load.fetch(&load.page_url, &load.pages).await
                        && let Ok(page) = device.open_page(&load.page_url).await
                    {
                        let manifest = page.manifest_url().expect("an install link");
                        load.fetch(&manifest, &load.manifests).await;
                    }
                }
            });
        }
        Self { shared, tasks }
    }

    /// Waits until each kind of work was done so many times more.
    async fn has_done(&mut self, more: u64) {
        let counts = |shared: &Shared| {
            [&shared.uploads, &shared.pages, &shared.manifests].map(|count| count.load(Ordering::Relaxed))
        };
        let before = counts(&self.shared);
        let deadline = Instant::now() + Duration::from_mins(1);
        while counts(&self.shared).iter().zip(before).any(|(now, then)| *now < then + more) {
            assert!(Instant::now() < deadline, "work does not go on: {:?}", counts(&self.shared));
            if let Some(ended) = self.tasks.try_join_next() {
                ended.expect("load that goes on");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// What was acknowledged.
    async fn stop(self) -> Vec<Acknowledged> {
        self.shared.stop.store(true, Ordering::Relaxed);
        self.tasks.join_all().await;
        std::mem::take(&mut *self.shared.acknowledged.lock().expect("nobody panicked"))
    }
}

impl Shared {
    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::Relaxed)
    }

    async fn upload(&self) {
        let number = self.build_number.fetch_add(1, Ordering::Relaxed);
        let bytes = package(number, 1_000).build();
        let sent = self.client.put(&self.url).bearer_auth(&self.token).body(bytes).send();
        let answer = sent.await.expect("an answer");
        if answer.status().is_success() {
            let told = Acknowledged::read_json(&answer.json().await.expect("an answer in JSON"));
            self.acknowledged.lock().expect("nobody panicked").push(told);
            self.uploads.fetch_add(1, Ordering::Relaxed);
        } else {
            is_put_off(answer).await;
        }
    }

    async fn fetch(&self, url: &str, count: &AtomicU64) -> bool {
        // What an iPhone says; it makes attempts of manifests.
        let agent =
            "com.apple.appstored/1.0 iOS/18.0 model/iPhone15,2 hwp/t8120 build/22A3354 (6; dt:282) AMS/1";
        let answer = self.client.get(url).header("user-agent", agent).send().await.expect("an answer");
        let is_fine = answer.status().is_success();
        if is_fine {
            answer.bytes().await.expect("a whole answer");
            count.fetch_add(1, Ordering::Relaxed);
        } else {
            is_put_off(answer).await;
        }
        is_fine
    }
}

/// That a request was refused as one that may be repeated, and says when.
async fn is_put_off(answer: Response) -> String {
    let (status, again) = (answer.status(), answer.headers().contains_key("retry-after"));
    let text = answer.text().await.expect("a text");
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{text}");
    assert!(again, "{text}");
    text
}

/// That every build is there, with all its bytes, and that the log is that of a server which was never restarted.
async fn all_is_there(bench: Bench, acknowledged: &[Acknowledged], said: &[&str]) {
    let device = bench.device(Protocol::Http2);
    for build in acknowledged {
        let page = device.open_page(&build.build_url).await.expect("a build that was acknowledged");
        let installed = device.tap(&page, &Download::Whole).await.expect("an install");
        assert_eq!(installed.sha256, build.sha256);
    }
    let ended = bench.server.stop();
    assert_eq!(ended.code, Some(0), "{ended}");
    assert!(!ended.stderr.contains("panicked") && !ended.stderr.contains("a request failed"), "{ended}");
    for words in said {
        assert_eq!(ended.stderr.matches(words).count(), 1, "{words}: {ended}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_stops_and_crashes_under_load_loses_nothing_and_ends_no_download() {
    let Some((postgres, bench)) = start(|_| String::new()) else { return };
    let large = package(1, LARGE).build();
    let published = bench.publish(&large);
    let page = bench.device(Protocol::Http2).open_page(&published.page_url).await.expect("a page");
    let package_url = page.manifest_url().expect("a link").replace("manifest.plist", "app.ipa");
    let mut download = client(&bench).get(package_url).send().await.expect("an answer");
    let mut came = download.chunk().await.expect("a beginning").expect("a beginning").to_vec();

    let mut load = Load::start(&bench, &published);
    load.has_done(2).await;
    postgres.restart().expect("a server that starts");
    load.has_done(2).await;
    postgres.crash();
    postgres.resume().expect("a server that starts");
    load.has_done(2).await;
    while let Some(piece) = download.chunk().await.expect("a download goes on without the database") {
        came.extend_from_slice(&piece);
    }
    assert!(came == large, "other bytes");
    let mut acknowledged = load.stop().await;
    acknowledged.push(published);
    all_is_there(bench, &acknowledged, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_cut_under_load_lose_nothing() {
    let Some((postgres, bench)) = start(|_| String::new()) else { return };
    let published = bench.publish(&package(1, 1_000).build());
    let mut load = Load::start(&bench, &published);
    load.has_done(1).await;
    for _ in 0..20 {
        postgres.run(
            "postgres",
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'airstair'",
        );
        tokio::task::yield_now().await;
    }
    load.has_done(2).await;
    let acknowledged = load.stop().await;
    all_is_there(bench, &acknowledged, &[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_network_that_drops_everything_under_load_holds_nobody_for_ever() {
    let mut network = None;
    let Some((_postgres, bench)) = start(through(&mut network)) else { return };
    let network = network.expect("a network");
    let published = bench.publish(&package(1, 1_000).build());
    let mut load = Load::start(&bench, &published);
    load.has_done(2).await;
    network.fall_silent();
    let (status, text) = ready(&bench).await;
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(text.starts_with("not ready: the catalog "), "{text}");
    network.heal();
    load.has_done(2).await;
    assert_eq!(ready(&bench).await.0, StatusCode::OK);
    let acknowledged = load.stop().await;
    all_is_there(bench, &acknowledged, &["the server is not ready", "the server is ready again"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_everybody_is_told_to_come_again_and_the_log_says_it_once() {
    let Some((postgres, bench)) = start(|_| String::new()) else { return };
    let published = bench.publish(&package(1, 1_000).build());
    let page = bench.device(Protocol::Http2).open_page(&published.page_url).await.expect("a page");
    let manifest = page.manifest_url().expect("a link");
    postgres.stop();
    let client = client(&bench);
    let upload = format!("{}/api/v1/builds?channel=beta", bench.folder.public_url());
    let asked =
        async |request: reqwest::RequestBuilder| is_put_off(request.send().await.expect("an answer")).await;
    let (page, manifest, uploaded, (status, text)) = tokio::join!(
        asked(client.get(&published.page_url)),
        asked(client.get(manifest)),
        asked(client.put(upload).bearer_auth(&bench.token).body(package(2, 1_000).build())),
        ready(&bench),
    );
    assert!(page.contains("Try again in a moment"), "{page}");
    assert!(manifest.contains("try again in a moment"), "{manifest}");
    assert!(uploaded.contains("\"error\":\"busy\""), "{uploaded}");
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{text}");
    postgres.resume().expect("a server that starts");
    assert_eq!(ready(&bench).await.0, StatusCode::OK);
    all_is_there(bench, &[published], &["no connection to the database", "the database answers again"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_whose_commit_nobody_heard_of_is_whole_and_can_be_repeated() {
    let mut network = None;
    let Some((postgres, bench)) = start(through(&mut network)) else { return };
    let network = network.expect("a network");
    bench.publish(&package(1, 1_000).build());
    let upload = format!("{}/api/v1/builds?channel=beta", bench.folder.public_url());
    let client = client(&bench);
    let released = "SELECT count(*) FROM releases";
    let mut number = 1;
    let (bytes, lost) = loop {
        number += 1;
        let bytes = package(number, 1_000).build();
        let before = postgres.run("airstair", released);
        // That of a job may come first.
        let _sprung = network.break_at("COMMIT\0", Break::Cut);
        let sent = client.put(&upload).bearer_auth(&bench.token).body(bytes.clone()).send();
        let answer = sent.await.expect("an answer");
        if !answer.status().is_success() {
            assert_ne!(postgres.run("airstair", released), before, "it was kept all the same");
            break (bytes, is_put_off(answer).await);
        }
    };
    assert!(lost.contains("\"error\":\"unsettled\""), "{lost}");
    let again = client.put(&upload).bearer_auth(&bench.token).body(bytes).send().await.expect("an answer");
    let again: Value = again.json().await.expect("an answer in JSON");
    assert_eq!(again["outcome"], "nothing-new", "{again}");
    all_is_there(bench, &[Acknowledged::read_json(&again)], &[]).await;
}

async fn ready(bench: &Bench) -> (StatusCode, String) {
    let url = format!("{}/readyz", bench.folder.public_url());
    let answer = client(bench).get(url).send().await.expect("an answer");
    (answer.status(), answer.text().await.expect("a text"))
}
