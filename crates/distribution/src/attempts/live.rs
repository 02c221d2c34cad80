use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use catalog::{Attempt, AttemptDevice, AttemptId, Blocks, Progress, Timestamp};
use tokio::sync::broadcast;

use super::writer::Writer;

/// An attempt that goes on.
pub(crate) struct LiveAttempt {
    attempt: Mutex<Attempt>,
    writer: Writer,
    news: broadcast::Sender<Attempt>,
}

/// What a device asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Asked {
    Manifest,
    Icon,
    PackageSize,
    Package,
}

impl LiveAttempt {
    pub(super) fn new(attempt: Attempt, writer: Writer, news: broadcast::Sender<Attempt>) -> Self {
        Self { attempt: Mutex::new(attempt), writer, news }
    }

    /// Its id.
    pub(super) fn id(&self) -> AttemptId {
        self.lock().id
    }

    /// How it stands.
    pub(crate) fn attempt(&self) -> Attempt {
        self.lock().clone()
    }

    pub(super) fn is_of(&self, device: &AttemptDevice) -> bool {
        self.lock().device == *device
    }

    pub(crate) fn last_seen_at(&self) -> Timestamp {
        self.lock().progress.last_seen_at
    }

    /// Notes a request.
    pub(crate) fn asked(&self, what: Asked, at: Timestamp) {
        let mut progress = Progress::seen(at);
        let moment = match what {
            Asked::Manifest => &mut progress.manifest_at,
            Asked::Icon => &mut progress.icon_at,
            Asked::PackageSize => &mut progress.size_asked_at,
            Asked::Package => &mut progress.package_first_at,
        };
        *moment = Some(at);
        self.note(&progress);
    }

    /// Begins to count what is sent of the package, from its byte `first` on.
    pub(crate) fn sending(self: Arc<Self>, first: u64, package_bytes: u64) -> Sending {
        Sending { attempt: self, run: first..first, noted: first, package_bytes }
    }

    fn sent(&self, bytes: Range<u64>, package_bytes: u64, at: Timestamp) {
        let mut progress = Progress::seen(at);
        progress.blocks.send(bytes, package_bytes);
        let mut all = self.lock().progress.blocks.clone();
        all.merge(&progress.blocks);
        if all.is_complete(package_bytes) {
            progress.all_sent_at = Some(at);
        }
        self.note(&progress);
    }

    /// Adds what another node has seen, which is written down already.
    pub(super) fn went_on_elsewhere(&self, progress: &Progress) {
        let mut attempt = self.lock();
        let before = attempt.progress.clone();
        attempt.progress.merge(progress);
        if attempt.progress != before {
            // Nobody listening is no error.
            let _ = self.news.send(attempt.clone());
        }
    }

    fn note(&self, progress: &Progress) {
        let mut attempt = self.lock();
        attempt.progress.merge(progress);
        // Nobody listening is no error.
        let _ = self.news.send(attempt.clone());
        let id = attempt.id;
        drop(attempt);
        self.writer.note(id, progress);
    }

    fn lock(&self) -> MutexGuard<'_, Attempt> {
        self.attempt.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Counts what one answer has sent of the package.
pub struct Sending {
    attempt: Arc<LiveAttempt>,
    run: Range<u64>,
    noted: u64,
    package_bytes: u64,
}

impl Sending {
    /// Counts bytes that follow those counted before.
    pub fn sent(&mut self, bytes: u64, at: Timestamp) {
        self.run.end += bytes;
        let whole_block = self.run.end / Blocks::BLOCK_BYTES > self.noted / Blocks::BLOCK_BYTES;
        if whole_block || self.run.end == self.package_bytes {
            self.noted = self.run.end;
            self.attempt.sent(self.run.clone(), self.package_bytes, at);
        }
    }
}
