use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use catalog::{Attempt, AttemptId, AttemptProgress, Catalog, Progress, StoreError, Timestamp};
use tokio::sync::{Notify, mpsc, oneshot};

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
    attempt: Attempt,
    silent_since: Timestamp,
    answer: oneshot::Sender<Result<Attempt, StoreError>>,
}

impl Writer {
    pub(super) fn start(catalog: Arc<dyn Catalog>) -> Self {
        let pending = Arc::new(Pending::default());
        let (commands, inbox) = mpsc::channel(BATCH_OF);
        tokio::spawn(run(catalog, Arc::clone(&pending), inbox));
        Self { pending, commands }
    }

    /// Opens an attempt, durably.
    pub(super) async fn open(
        &self,
        attempt: Attempt,
        silent_since: Timestamp,
    ) -> Result<Attempt, StoreError> {
        let (answer, answered) = oneshot::channel();
        let opening = Opening { attempt, silent_since, answer };
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

async fn run(catalog: Arc<dyn Catalog>, pending: Arc<Pending>, mut inbox: mpsc::Receiver<Command>) {
    loop {
        let company = async {
            pending.news.notified().await;
            tokio::time::sleep(BATCH_FOR).await;
        };
        tokio::select! {
            command = inbox.recv() => match command {
                Some(Command::Open(first)) => open_all(&*catalog, &pending, &mut inbox, first).await,
                Some(Command::Flush(answer)) => drop(answer.send(write(&*catalog, &pending).await)),
                None => break,
            },
            () = company => log_failure(write(&*catalog, &pending).await),
        }
    }
    log_failure(write(&*catalog, &pending).await);
}

/// Opens this attempt and those that wait behind it.
async fn open_all(
    catalog: &dyn Catalog,
    pending: &Pending,
    inbox: &mut mpsc::Receiver<Command>,
    first: Box<Opening>,
) {
    let mut openings = vec![*first];
    let mut flush = None;
    while openings.len() < BATCH_OF && flush.is_none() {
        match inbox.try_recv() {
            Ok(Command::Open(opening)) => openings.push(*opening),
            Ok(Command::Flush(answer)) => flush = Some(answer),
            Err(_) => break,
        }
    }
    let opened = open_together(catalog, &openings).await;
    for (place, opening) in openings.into_iter().enumerate() {
        let answer = match &opened {
            Ok(attempts) => Ok(attempts[place].clone()),
            // One that can't be opened must not keep the others from it.
            Err(_) => {
                open_together(catalog, std::slice::from_ref(&opening)).await.map(|mut one| one.remove(0))
            }
        };
        // A caller that is gone needs no answer.
        let _ = opening.answer.send(answer);
    }
    if let Some(answer) = flush {
        let _ = answer.send(write(catalog, pending).await);
    }
}

async fn open_together(catalog: &dyn Catalog, openings: &[Opening]) -> Result<Vec<Attempt>, StoreError> {
    let mut unit = catalog.begin().await?;
    let mut opened = Vec::with_capacity(openings.len());
    for opening in openings {
        opened.push(unit.attempts().open(&opening.attempt, opening.silent_since).await?);
    }
    unit.commit().await?;
    Ok(opened)
}

async fn write(catalog: &dyn Catalog, pending: &Pending) -> Result<(), StoreError> {
    let batch = pending.take();
    if batch.is_empty() {
        return Ok(());
    }
    let written = async {
        let mut unit = catalog.begin().await?;
        unit.attempts().merge(&batch).await?;
        unit.commit().await
    };
    let result = written.await;
    if result.is_err() {
        for change in &batch {
            pending.add(change.attempt, &change.progress);
        }
    }
    result
}

fn log_failure(result: Result<(), StoreError>) {
    if let Err(error) = result {
        tracing::warn!(error = &error as &dyn std::error::Error, "attempts wait to be written");
    }
}

fn stopped() -> StoreError {
    StoreError::Busy("the server is stopping".into())
}
