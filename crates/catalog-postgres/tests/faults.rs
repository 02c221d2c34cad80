//! What becomes of work when the server, a connection or another unit is in its way.
#![expect(clippy::unwrap_used, reason = "a failure in what prepares a test fails the test")]

use std::time::Duration;

use catalog::{App, AppId, Catalog, Event, EventId, Name, PageSize, StoreError, Timestamp, Topic};
use catalog_postgres::{PostgresCatalog, Settings};
use ipa::{BundleId, Platform};
use scratch_postgres::Server;

#[tokio::test]
async fn a_server_that_was_restarted_is_used_again_as_if_nothing_had_been() {
    let Some(server) = Server::start().unwrap() else { return };
    let catalog = opened(&server, |_| ()).await;
    for (number, restart) in [(1, Server::stop as fn(&Server)), (2, Server::crash)] {
        let connections = [catalog.read().await.unwrap(), catalog.read().await.unwrap()];
        drop(connections); // Both wait in the pool.
        restart(&server);
        server.resume().unwrap();
        catalog.check().await.unwrap();
        keep(&catalog, &[app(number)]).await.unwrap();
        assert_eq!(names(&catalog).await, usize::try_from(number).unwrap());
    }
}

#[tokio::test]
async fn connections_that_were_cut_are_replaced_before_anything_is_done_on_them() {
    let Some(server) = Server::start().unwrap() else { return };
    let catalog = opened(&server, |_| ()).await;
    drop([catalog.read().await.unwrap(), catalog.read().await.unwrap()]);
    cut_connections(&server);
    keep(&catalog, &[app(1)]).await.unwrap();
    assert_eq!(names(&catalog).await, 1);
}

#[tokio::test]
async fn whoever_listens_looks_when_the_connection_broke_and_then_hears_again() {
    let Some(server) = Server::start().unwrap() else { return };
    let catalog = opened(&server, |_| ()).await;
    let mut notices = catalog.listen().await.unwrap();
    cut_connections(&server);
    notices.next().await.unwrap(); // Nothing was told: there may be something to read.
    let (heard, told) = futures_util::future::join(notices.next(), async {
        let listening = "SELECT count(*) FROM pg_stat_activity WHERE query ILIKE 'LISTEN%'";
        while server.run("catalog", listening) == "0" {
            tokio::task::yield_now().await;
        }
        let mut unit = catalog.begin().await?;
        unit.events().append(&event()).await?;
        unit.commit().await
    })
    .await;
    told.unwrap();
    heard.unwrap();
}

#[tokio::test]
async fn a_unit_whose_connection_is_cut_leaves_nothing() {
    let Some(server) = Server::start().unwrap() else { return };
    let catalog = opened(&server, |_| ()).await;
    let mut unit = catalog.begin().await.unwrap();
    unit.apps().insert(&app(1)).await.unwrap();
    cut_connections(&server);
    let refused = unit.apps().insert(&app(2)).await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
    drop(unit);

    let mut unit = catalog.begin().await.unwrap();
    unit.apps().insert(&app(1)).await.unwrap();
    cut_connections(&server);
    let refused = unit.commit().await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
    assert_eq!(names(&catalog).await, 0);
}

#[tokio::test]
async fn while_the_server_is_away_everything_is_busy_and_then_it_goes_on() {
    let Some(server) = Server::start().unwrap() else { return };
    let patience = Duration::from_millis(200);
    let catalog = opened(&server, |settings| settings.patience = patience).await;
    server.stop();
    for refused in [
        catalog.check().await,
        catalog.read().await.map(drop),
        catalog.begin().await.map(drop),
        keep(&catalog, &[app(1)]).await,
    ] {
        assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
    }
    server.resume().unwrap();
    keep(&catalog, &[app(1)]).await.unwrap();
}

#[tokio::test]
async fn a_call_waits_for_a_server_that_comes_back_in_time() {
    let Some(server) = Server::start().unwrap() else { return };
    let catalog = opened(&server, |_| ()).await;
    server.stop();
    let asking = {
        let catalog = catalog.clone();
        tokio::spawn(async move { keep(&catalog, &[app(1)]).await })
    };
    tokio::task::yield_now().await;
    server.resume().unwrap();
    asking.await.unwrap().unwrap();
    assert_eq!(names(&catalog).await, 1);
}

#[tokio::test]
async fn more_units_than_connections_wait_their_turn_but_not_for_ever() {
    let Some(server) = Server::start().unwrap() else { return };
    let catalog = opened(&server, |settings| {
        settings.connections = 1;
        settings.patience = Duration::from_millis(200);
    })
    .await;
    let first = catalog.begin().await.unwrap();
    let refused = catalog.begin().await.map(drop);
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
    let (second, ended) = futures_util::future::join(catalog.begin(), first.commit()).await;
    ended.unwrap();
    second.unwrap();
}

#[tokio::test]
async fn whoever_waits_too_long_for_a_lock_is_busy_and_the_holder_goes_on() {
    let Some(server) = Server::start().unwrap() else { return };
    let catalog = opened(&server, |settings| settings.lock_timeout = Duration::from_millis(50)).await;
    let mut holder = catalog.begin().await.unwrap();
    holder.apps().insert(&app(1)).await.unwrap();
    let refused = keep(&catalog, &[app(1)]).await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
    holder.commit().await.unwrap();
    assert_eq!(names(&catalog).await, 1);
}

#[tokio::test]
async fn of_two_units_that_wait_for_each_other_one_is_busy_and_the_other_goes_on() {
    let Some(server) = Server::start().unwrap() else { return };
    let catalog = opened(&server, |_| ()).await;
    let (mut one, mut other) = (catalog.begin().await.unwrap(), catalog.begin().await.unwrap());
    one.apps().insert(&app(1)).await.unwrap();
    other.apps().insert(&app(2)).await.unwrap();
    let crossing = async { one.apps().insert(&app(2)).await.map(|()| one) };
    let crossed = async { other.apps().insert(&app(1)).await.map(|()| other) };
    let (crossing, crossed) = futures_util::future::join(crossing, crossed).await;
    let ((Ok(winner), Err(loser)) | (Err(loser), Ok(winner))) = (crossing, crossed) else {
        unreachable!("one of two goes on")
    };
    assert!(matches!(loser, StoreError::Busy(_)), "{loser:?}");
    winner.commit().await.unwrap();
    assert_eq!(names(&catalog).await, 2);
}

#[tokio::test]
async fn a_unit_that_does_nothing_for_too_long_is_ended() {
    let Some(server) = Server::start().unwrap() else { return };
    let catalog = opened(&server, |settings| settings.idle_timeout = Duration::from_millis(1)).await;
    let mut unit = catalog.begin().await.unwrap();
    while server.run("catalog", "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'airstair'")
        != "0"
    {
        tokio::task::yield_now().await;
    }
    let refused = unit.apps().insert(&app(1)).await;
    assert!(matches!(refused, Err(StoreError::Busy(_))), "{refused:?}");
}

#[tokio::test]
async fn a_unit_with_a_statement_that_failed_is_not_said_to_be_committed() {
    let Some(server) = Server::start().unwrap() else { return };
    let catalog = opened(&server, |_| ()).await;
    let mut unit = catalog.begin().await.unwrap();
    unit.apps().insert(&app(1)).await.unwrap();
    server.run("catalog", "ALTER TABLE tokens RENAME TO gone");
    let failed = unit.tokens().list(None, PageSize::MAX).await;
    assert!(matches!(failed, Err(StoreError::Backend("listing tokens", _))), "{failed:?}");
    let refused = unit.commit().await;
    assert!(matches!(refused, Err(StoreError::Backend("committing", _))), "{refused:?}");
    assert_eq!(names(&catalog).await, 0);
}

async fn opened(server: &Server, adjust: impl FnOnce(&mut Settings)) -> PostgresCatalog {
    let mut settings = server.database("catalog").parse().unwrap();
    adjust(&mut settings);
    PostgresCatalog::open(&settings).await.unwrap()
}

/// As a firewall or an owner in a hurry does.
fn cut_connections(server: &Server) {
    server.run(
        "postgres",
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE application_name = 'airstair'",
    );
}

async fn names(catalog: &PostgresCatalog) -> usize {
    catalog.read().await.unwrap().apps().list(None, PageSize::MAX).await.unwrap().items.len()
}

async fn keep(catalog: &PostgresCatalog, apps: &[App]) -> Result<(), StoreError> {
    let mut unit = catalog.begin().await?;
    for app in apps {
        unit.apps().insert(app).await?;
    }
    unit.commit().await
}

fn event() -> Event {
    let at = Timestamp::from_millis(1).unwrap();
    Event {
        id: EventId::new(at, [1; 10]),
        at,
        topic: Topic::new("app.renamed"),
        body: serde_json::Map::new(),
    }
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
