use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use catalog::{Attempt, AttemptId, AttemptProgress, AttemptStart, Catalog, Progress, Revocation, StoreError};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::clock::Clock;
use crate::events::{NodeId, attempts_progressed};

/// How long progress may wait for company before it is written.
const BATCH_FOR: Duration = Duration::from_millis(500);

/// How many opened attempts are written together at most.
const BATCH_OF: usize = 128;

/// Writes attempts down, many in one unit, so that writes are bounded by time and not by the number of phones.
#[derive(Clone)]
pub(super) struct Writer {
    pending: Arc<Pending>,
    commands: mpsc::Sender<Command>,
}

/// Progress that no unit holds yet.
#[derive(Default)]
struct Pending {
    progress: Mutex<HashMap<AttemptId, Progress>>,
    news: Notify,
}

enum Command {
    Open(Box<Opening>),
    Flush(oneshot::Sender<Result<(), StoreError>>),
}

struct Opening {
    start: AttemptStart,
    answer: oneshot::Sender<Result<Opened, StoreError>>,
}

/// The attempt, or the revocation that keeps it from starting.
pub(super) type Opened = Result<Attempt, Revocation>;

impl Writer {
    pub(super) fn start(catalog: Arc<dyn Catalog>, clock: Arc<dyn Clock>, node: NodeId) -> Self {
        let pending = Arc::new(Pending::default());
        let (commands, inbox) = mpsc::channel(BATCH_OF);
        let pen = Pen { catalog, clock, node, pending: Arc::clone(&pending) };
        tokio::spawn(pen.run(inbox));
        Self { pending, commands }
    }

    /// Opens an attempt, durably.
    pub(super) async fn open(&self, start: AttemptStart) -> Result<Opened, StoreError> {
        let (answer, answered) = oneshot::channel();
        let opening = Opening { start, answer };
        self.commands.send(Command::Open(Box::new(opening))).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    /// Writes what was noted, now.
    pub(super) async fn flush(&self) -> Result<(), StoreError> {
        let (answer, answered) = oneshot::channel();
        self.commands.send(Command::Flush(answer)).await.map_err(|_| stopped())?;
        answered.await.map_err(|_| stopped())?
    }

    /// Writes this soon.
    pub(super) fn note(&self, attempt: AttemptId, progress: &Progress) {
        self.pending.add(attempt, progress);
        self.pending.news.notify_one();
    }
}

impl Pending {
    fn add(&self, attempt: AttemptId, progress: &Progress) {
        let mut pending = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        pending.entry(attempt).and_modify(|known| known.merge(progress)).or_insert_with(|| progress.clone());
    }

    fn take(&self) -> Vec<AttemptProgress> {
        let mut pending = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        pending.drain().map(|(attempt, progress)| AttemptProgress { attempt, progress }).collect()
    }
}

/// What the task that writes works with.
struct Pen {
    catalog: Arc<dyn Catalog>,
    clock: Arc<dyn Clock>,
    node: NodeId,
    pending: Arc<Pending>,
}

impl Pen {
    async fn run(self, mut inbox: mpsc::Receiver<Command>) {
        loop {
            let company = async {
                self.pending.news.notified().await;
                tokio::time::sleep(BATCH_FOR).await;
            };
            tokio::select! {
                command = inbox.recv() => match command {
                    Some(Command::Open(first)) => self.open_all(&mut inbox, first).await,
                    Some(Command::Flush(answer)) => drop(answer.send(self.write().await)),
                    None => break,
                },
                () = company => log_failure(self.write().await),
            }
        }
        log_failure(self.write().await);
    }

    /// Opens this attempt and those that wait behind it.
    async fn open_all(&self, inbox: &mut mpsc::Receiver<Command>, first: Box<Opening>) {
        let mut openings = vec![*first];
        let mut flush = None;
        while openings.len() < BATCH_OF && flush.is_none() {
            match inbox.try_recv() {
                Ok(Command::Open(opening)) => openings.push(*opening),
                Ok(Command::Flush(answer)) => flush = Some(answer),
                Err(_) => break,
            }
        }
        let opened = self.open_together(&openings).await;
        for (place, opening) in openings.into_iter().enumerate() {
            let answer = match &opened {
                Ok(attempts) => Ok(attempts[place].clone()),
                // One that can't be opened must not keep the others from it.
                Err(_) => {
                    self.open_together(std::slice::from_ref(&opening)).await.map(|mut one| one.remove(0))
                }
            };
            // A caller that is gone needs no answer.
            let _ = opening.answer.send(answer);
        }
        if let Some(answer) = flush {
            let _ = answer.send(self.write().await);
        }
    }

    async fn open_together(&self, openings: &[Opening]) -> Result<Vec<Opened>, StoreError> {
        let mut unit = self.catalog.begin().await?;
        let mut opened = Vec::with_capacity(openings.len());
        for opening in openings {
            opened.push(unit.attempts().open(&opening.start).await?);
        }
        unit.commit().await?;
        Ok(opened)
    }

    async fn write(&self) -> Result<(), StoreError> {
        let batch = self.pending.take();
        if batch.is_empty() {
            return Ok(());
        }
        let written = async {
            let mut unit = self.catalog.begin().await?;
            let attempts = unit.attempts().merge(&batch).await?;
            let ids = attempts.iter().map(|attempt| attempt.id);
            unit.events().append(&attempts_progressed(self.clock.now(), self.node, ids)).await?;
            unit.commit().await
        };
        let result = written.await;
        if result.is_err() {
            for change in &batch {
                self.pending.add(change.attempt, &change.progress);
            }
        }
        result
    }
}

fn log_failure(result: Result<(), StoreError>) {
    match result {
        Ok(()) => {}
        // The catalog says itself when it is away.
        Err(error @ StoreError::Busy(_)) => {
            tracing::debug!(error = &error as &dyn std::error::Error, "attempts wait to be written");
        }
        Err(error) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "attempts wait to be written");
        }
    }
}

fn stopped() -> StoreError {
    StoreError::Busy("the server is stopping".into())
}
