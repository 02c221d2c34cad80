use std::fmt;
use std::mem;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::{Layer, Registry};

/// How long a statement may take to be told of.
const PATIENCE: Duration = Duration::from_secs(5);

/// The brackets of a transaction, which not every driver mentions, and what a new connection begins with.
const UNCOUNTED: [&str; 5] = ["BEGIN", "COMMIT", "ROLLBACK", "PRAGMA", "SELECT set_config"];

/// Writes down what the drivers say that they executed.
#[derive(Clone, Default)]
pub(crate) struct Statements {
    seen: Arc<Mutex<Vec<String>>>,
}

impl Statements {
    /// Listens to the whole process: SQLite's statements are executed by threads of their own.
    pub(crate) fn listen() -> Self {
        let statements = Self::default();
        let registry = Registry::default().with(statements.clone());
        tracing::subscriber::set_global_default(registry).expect("nobody else listens");
        statements
    }

    /// Those since the last time.
    pub(crate) fn take(&self) -> Vec<String> {
        mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// The same, once there are so many, or there won't be: a thread of SQLite's may tell of a statement after it has
    /// answered.
    pub(crate) async fn await_count(&self, count: usize) -> Vec<String> {
        let (began, mut seen) = (Instant::now(), self.take());
        while seen.len() < count && began.elapsed() < PATIENCE {
            tokio::task::yield_now().await;
            seen.extend(self.take());
        }
        seen
    }
}

impl<S: tracing::Subscriber> Layer<S> for Statements {
    fn on_event(&self, event: &tracing::Event<'_>, _context: Context<'_, S>) {
        if event.metadata().target() == "sqlx::query" {
            let mut summary = Summary::default();
            event.record(&mut summary);
            if !UNCOUNTED.iter().any(|word| summary.text.starts_with(word)) {
                self.seen.lock().unwrap_or_else(PoisonError::into_inner).push(summary.text);
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
            // A text shows itself quoted.
            format!("{value:?}").trim_matches('"').clone_into(&mut self.text);
        }
    }
}
