//! What becomes of work when the network to the server breaks, or drops what is sent without a word.
#![expect(clippy::unwrap_used, reason = "a failure in what prepares a test fails the test")]

use std::time::{Duration, Instant};

use catalog::{App, AppId, Catalog, Name, PageSize, StoreError, Timestamp};
use catalog_postgres::{PostgresCatalog, Settings};
use ipa::{BundleId, Platform};
use scratch_postgres::{Break, Network, Server};

struct Bench {
    catalog: PostgresCatalog,
    network: Network,
    _server: Server,
}

impl Bench {
    /// `None`, loudly, where there is no PostgreSQL. Nothing here waits for long.
    async fn start(connections: u32) -> Option<Self> {
        let server = Server::start().unwrap()?;
        let _by_the_socket = server.database("catalog");
        let network = server.network().unwrap();
        let mut settings: Settings = network.database("catalog").parse().unwrap();
        settings.connections = connections;
        settings.patience = Duration::from_secs(3);
        settings.statement_timeout = Duration::from_millis(500);
        settings.silence = Duration::from_millis(300);
        let catalog = PostgresCatalog::open(&settings).await.unwrap();
        Some(Self { catalog, network, _server: server })
    }

    /// How many apps there are.
    async fn apps(&self) -> usize {
        self.catalog.read().await.unwrap().apps().list(None, PageSize::MAX).await.unwrap().items.len()
    }
}

#[tokio::test]
async fn a_unit_on_a_silent_network_ends_and_so_does_whoever_comes_then() {
    let Some(bench) = Bench::start(2).await else { return };
    let mut unit = bench.catalog.begin().await.unwrap();
    unit.apps().insert(&app(1)).await.unwrap();
    bench.network.fall_silent();
    let began = Instant::now();
    let refused = unit.apps().insert(&app(2)).await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
    let refused = bench.catalog.begin().await.map(drop);
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    drop(unit);
    bench.network.heal();
    keep(&bench.catalog, &app(3)).await.unwrap();
    assert_eq!(bench.apps().await, 1, "nothing of the unit that broke");
}

#[tokio::test]
async fn dead_connections_keep_no_place_in_the_pool() {
    let Some(bench) = Bench::start(2).await else { return };
    for _ in 0..2 {
        let snapshots = [bench.catalog.read().await.unwrap(), bench.catalog.read().await.unwrap()];
        bench.network.fall_silent();
        // They are to be ended, which the server never hears of.
        drop(snapshots);
        bench.network.heal();
        assert_eq!(bench.apps().await, 0);
    }
}

#[tokio::test]
async fn a_commit_whose_answer_is_lost_may_be_done_and_says_so() {
    let Some(bench) = Bench::start(2).await else { return };
    for (number, how) in [(1, Break::Cut), (2, Break::Silence)] {
        let sprung = bench.network.break_at("COMMIT\0", how);
        let lost = keep(&bench.catalog, &app(number)).await;
        assert!(matches!(lost, Err(StoreError::Busy(_))), "{how:?}: {lost:?}");
        sprung.recv().unwrap();
        assert_eq!(bench.apps().await, usize::try_from(number).unwrap(), "{how:?}: the server had done it");
    }
}

#[tokio::test]
async fn connections_cut_all_the_time_lose_nothing_that_was_acknowledged() {
    const UNITS: u32 = 60;
    let Some(bench) = Bench::start(4).await else { return };
    let catalog = bench.catalog.clone();
    let working = tokio::spawn(async move {
        let mut kept = 0;
        for number in 1..=UNITS {
            match keep(&catalog, &app(number)).await {
                Ok(()) => kept += 1,
                Err(StoreError::Busy(_)) => {}
                Err(other) => unreachable!("{other:?}"),
            }
        }
        kept
    });
    let mut cuts = 0;
    while !working.is_finished() {
        bench.network.cut();
        cuts += 1;
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let kept: usize = working.await.unwrap();
    assert!(cuts > 1);
    assert!(bench.apps().await >= kept, "{kept} were acknowledged");
}

#[tokio::test]
async fn what_is_acknowledged_outlives_a_crash_whatever_the_server_is_set_to() {
    let Some(server) = Server::start().unwrap() else { return };
    let address = server.database("catalog");
    // Else it is written down a fifth of a second later anyway.
    for setting in ["synchronous_commit = off", "wal_writer_delay = '10s'"] {
        server.run("postgres", &format!("ALTER SYSTEM SET {setting}"));
    }
    server.restart().unwrap();
    let catalog = PostgresCatalog::open(&address.parse().unwrap()).await.unwrap();
    for number in 1..=3 {
        keep(&catalog, &app(number)).await.unwrap();
        server.crash();
        server.resume().unwrap();
        let there = catalog.read().await.unwrap().apps().list(None, PageSize::MAX).await.unwrap().items;
        assert_eq!(there.len(), usize::try_from(number).unwrap());
    }
}

async fn keep(catalog: &PostgresCatalog, app: &App) -> Result<(), StoreError> {
    let mut unit = catalog.begin().await?;
    unit.apps().insert(app).await?;
    unit.commit().await
}

fn app(number: u32) -> App {
    let created_at = Timestamp::from_millis(i64::from(number)).unwrap();
    App {
        id: AppId::new(created_at, [1; 10]),
        bundle_id: BundleId::parse(&format!("com.example.app{number}")).unwrap(),
        platform: Platform::Ios,
        name: Name::parse("Notes").unwrap(),
        created_at,
    }
}
