//! How many statements an answer costs: each is a round trip.
#![expect(clippy::unwrap_used, reason = "a failure in what prepares a test fails the test")]

use std::fmt;
use std::sync::{Arc, Mutex};

use catalog::{
    Attempt, AttemptDevice, AttemptId, AttemptProgress, AttemptStart, BlobId, BuildId, Catalog, ChannelId,
    PageSize, Progress, Slug, TicketId, Timestamp,
};
use catalog_postgres::PostgresCatalog;
use scratch_postgres::Server;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, Registry};

#[tokio::test]
async fn an_answer_costs_as_few_statements_as_it_can() {
    let Some(server) = Server::start().unwrap() else { return };
    let catalog = PostgresCatalog::open(&server.database("catalog").parse().unwrap()).await.unwrap();
    let (channel, build) = (ChannelId::new(at(1), [1; 10]), BuildId::new(at(1), [2; 10]));
    let slug: Slug = "notes".parse().unwrap();
    furnish(&server, channel, build, &slug);
    let statements = Statements::default();
    let _listening = tracing::subscriber::set_default(Registry::default().with(statements.clone()));

    let ticket = TicketId::new([7; 16]);
    let mut snapshot = catalog.read().await.unwrap();
    let subject = snapshot.installs().subject(ticket, channel, build).await.unwrap();
    assert!(subject.unwrap().release.is_some());
    statements.were(1, "what a ticket stands for");
    let page = snapshot.installs().page(&slug).await.unwrap();
    assert!(page.unwrap().current.is_some());
    statements.were(2, "a page");
    let released = snapshot.installs().released(channel, None, PageSize::MAX).await.unwrap();
    assert_eq!(released.items.len(), 30);
    statements.were(1, "a history of 30 releases");
    let strays: Vec<_> = (0..100).map(|number| BlobId::new(at(number), [3; 10])).collect();
    assert_eq!(snapshot.blobs().unknown(&strays).await.unwrap(), strays);
    statements.were(1, "telling 100 blobs apart");
    drop(snapshot);

    let mut unit = catalog.begin().await.unwrap();
    let starts: Vec<_> = (1..20).map(|number| start(number, channel, build)).collect();
    assert_eq!(unit.attempts().open(&starts[0]).await.unwrap().as_ref(), Ok(&starts[0].attempt));
    statements.were(1, "an attempt that is opened; with its ticket's subject, a manifest");
    for start in &starts[1..] {
        unit.attempts().open(start).await.unwrap().unwrap();
    }
    unit.commit().await.unwrap();
    statements.seen.lock().unwrap().clear();
    let progress = |start: &AttemptStart| AttemptProgress {
        attempt: start.attempt.id,
        progress: Progress { icon_at: Some(at(90)), ..Progress::seen(at(90)) },
    };
    let batch: Vec<_> = starts.iter().map(progress).collect();
    let mut unit = catalog.begin().await.unwrap();
    assert_eq!(unit.attempts().merge(&batch).await.unwrap().len(), 19);
    statements.were(2, "a batch of progress");
    assert_eq!(unit.attempts().merge(&batch).await.unwrap().len(), 19);
    statements.were(1, "the same batch again");
}

/// An app with a channel, and a build that was released there 30 times.
fn furnish(server: &Server, channel: ChannelId, build: BuildId, slug: &Slug) {
    let app = channel; // Any id will do.
    server.run(
        "catalog",
        &format!(
            "INSERT INTO apps VALUES ('{app}', 'com.example.notes', 'iOS', 'Notes', 'notes', 0);
             INSERT INTO channels (id, app_id, name, name_key, slug, access, visibility, created_at)
             VALUES ('{channel}', '{app}', 'Beta', 'beta', '{slug}', 'open', 'listed', 0);
             INSERT INTO builds (
                id, app_id, version, build_number, display_name, families, package_sha256, package_size_bytes,
                executable_uuids, findings, allowed, tags, uploaded_at, uploaded_by_kind
             ) VALUES (
                '{build}', '{app}', '1.0', '1', 'Notes', '[]', sha256(''), 0, '[]', '[]', '[]', '[]', 0, 'operator'
             );
             INSERT INTO releases (id, channel_id, sequence, build_id, notes, released_at, released_by_kind)
             SELECT
                overlay('{build}' PLACING lpad(number::text, 12, '0') FROM 25)::uuid, '{channel}', number, '{build}',
                '', 0, 'operator'
             FROM generate_series(1, 30) AS number"
        ),
    );
}

fn start(number: u8, channel: ChannelId, build: BuildId) -> AttemptStart {
    let now = at(i64::from(number));
    let attempt = Attempt {
        id: AttemptId::new(now, [number; 10]),
        ticket: TicketId::new([number; 16]),
        channel,
        build,
        device: AttemptDevice {
            model: "iPhone15,2".to_owned(),
            os_version: "18.0".to_owned(),
            os_build: "22A3354".to_owned(),
        },
        started_at: now,
        served_until: now,
        progress: Progress::seen(now),
    };
    AttemptStart { attempt, issued_at: now, silent_since: now }
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

/// Writes down what the driver says that it executes.
#[derive(Clone, Default)]
struct Statements {
    seen: Arc<Mutex<Vec<String>>>,
}

impl Statements {
    /// Checks how many there were since the last time.
    fn were(&self, expected: usize, what: &str) {
        let seen = std::mem::take(&mut *self.seen.lock().unwrap());
        assert_eq!(seen.len(), expected, "{what}: {seen:#?}");
    }
}

impl<S: tracing::Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &tracing::Event<'_>, _context: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            let mut summary = Summary::default();
            event.record(&mut summary);
            if !["BEGIN", "ROLLBACK", "SELECT set_config"]
                .iter()
                .any(|word| summary.text.trim_start_matches('"').starts_with(word))
            {
                self.seen.lock().unwrap().push(summary.text);
            }
        }
    }
}

#[derive(Default)]
struct Summary {
    text: String,
}

impl Visit for Summary {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "summary" {
            self.text = format!("{value:?}");
        }
    }
}
