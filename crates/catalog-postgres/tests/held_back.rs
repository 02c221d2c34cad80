//! Which transactions hold events back, and which don't.
#![expect(clippy::unwrap_used, reason = "a failure in what prepares a test fails the test")]

use catalog::{App, AppId, Catalog, Event, EventId, Name, PageSize, Position, Timestamp, Topic};
use catalog_postgres::PostgresCatalog;
use ipa::{BundleId, Platform};
use scratch_postgres::Server;
use sqlx::{Connection, Executor, PgConnection};

#[tokio::test]
async fn a_transaction_that_writes_in_any_database_holds_events_back_until_it_ends() {
    let Some(server) = Server::start().unwrap() else { return };
    let catalog = opened(&server).await;
    let mut foreign = PgConnection::connect(&server.database("other")).await.unwrap();
    for (number, end) in [(1, "ROLLBACK"), (2, "COMMIT")] {
        let place = catalog.read().await.unwrap().events().end().await.unwrap();
        foreign.execute("BEGIN; CREATE TEMPORARY TABLE anything ON COMMIT DROP AS SELECT 1").await.unwrap();
        let event = append(&catalog, number).await;
        assert_eq!(read(&catalog, place).await, [], "its server may commit an event before this one");
        assert_eq!(held_back_since(&catalog).await, Some(event.at));
        foreign.execute(end).await.unwrap();
        assert_eq!(read(&catalog, place).await, [event], "after {end}");
        assert_eq!(held_back_since(&catalog).await, None);
    }
}

#[tokio::test]
async fn a_transaction_that_only_reads_holds_nothing_back_however_long() {
    let Some(server) = Server::start().unwrap() else { return };
    let catalog = opened(&server).await;
    let first = append(&catalog, 1).await;
    let mut snapshot = catalog.read().await.unwrap();
    assert_eq!(snapshot.events().list(Position::START, PageSize::MAX).await.unwrap().items.len(), 1);
    let mut foreign = PgConnection::connect(&server.database("other")).await.unwrap();
    foreign.execute("BEGIN ISOLATION LEVEL SERIALIZABLE; SELECT count(*) FROM pg_class").await.unwrap();
    let second = append(&catalog, 2).await;
    assert_eq!(read(&catalog, Position::START).await, [first, second]);
    assert_eq!(held_back_since(&catalog).await, None);
}

#[tokio::test]
async fn an_event_with_a_greater_number_of_an_older_transaction_is_not_passed_over() {
    let Some(server) = Server::start().unwrap() else { return };
    let catalog = opened(&server).await;
    let mut older = catalog.begin().await.unwrap();
    older.apps().insert(&app()).await.unwrap();
    let mut place = Position::START;
    let mut seen = Vec::new();
    let mut expected = vec![append(&catalog, 1).await];
    let late = event(2);
    older.events().append(&late).await.unwrap();
    expected.insert(0, late);
    for end in [None, Some(older)] {
        if let Some(unit) = end {
            unit.commit().await.unwrap();
        }
        let page = catalog.read().await.unwrap().events().list(place, PageSize::MAX).await.unwrap();
        place = page.items.last().map_or(place, |last| last.position);
        seen.extend(page.items.into_iter().map(|logged| logged.event));
    }
    assert_eq!(seen, expected, "by transaction, then by number");
    assert_eq!(read(&catalog, place).await, []);
}

async fn opened(server: &Server) -> PostgresCatalog {
    PostgresCatalog::open(&server.database("catalog").parse().unwrap()).await.unwrap()
}

async fn read(catalog: &PostgresCatalog, after: Position) -> Vec<Event> {
    let page = catalog.read().await.unwrap().events().list(after, PageSize::MAX).await.unwrap();
    page.items.into_iter().map(|logged| logged.event).collect()
}

async fn held_back_since(catalog: &PostgresCatalog) -> Option<Timestamp> {
    catalog.read().await.unwrap().events().held_back_since().await.unwrap()
}

async fn append(catalog: &PostgresCatalog, number: u8) -> Event {
    let event = event(number);
    let mut unit = catalog.begin().await.unwrap();
    unit.events().append(&event).await.unwrap();
    unit.commit().await.unwrap();
    event
}

fn event(number: u8) -> Event {
    let at = Timestamp::from_millis(i64::from(number)).unwrap();
    let topic = Topic::new("app.renamed");
    Event { id: EventId::new(at, [number; 10]), at, topic, body: serde_json::Map::new() }
}

fn app() -> App {
    let created_at = Timestamp::from_millis(1).unwrap();
    App {
        id: AppId::new(created_at, [1; 10]),
        bundle_id: BundleId::parse("com.example.app").unwrap(),
        platform: Platform::Ios,
        name: Name::parse("Notes").unwrap(),
        created_at,
    }
}
