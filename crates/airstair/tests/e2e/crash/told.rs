use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use crate::bench::Acknowledged;

/// What publishers, owners and devices were told: from then on it must be so.
#[derive(Default)]
pub(super) struct Told {
    builds: Mutex<Vec<Acknowledged>>,
    revoked_tokens: Mutex<Vec<RevokedToken>>,
    closed_channels: Mutex<Vec<String>>,
    /// The SHA-256 of each package that a device installed.
    installed: Mutex<Vec<String>>,
    broken_installs: AtomicU64,
    broken_uploads: AtomicU64,
}

/// A token that works no more.
#[derive(Clone, Debug)]
pub(super) struct RevokedToken {
    pub(super) name: String,
    pub(super) secret: String,
}

impl Told {
    pub(super) fn builds(&self) -> Vec<Acknowledged> {
        locked(&self.builds).clone()
    }

    pub(super) fn revoked_tokens(&self) -> Vec<RevokedToken> {
        locked(&self.revoked_tokens).clone()
    }

    /// By their slugs.
    pub(super) fn closed_channels(&self) -> Vec<String> {
        locked(&self.closed_channels).clone()
    }

    pub(super) fn installed(&self) -> Vec<String> {
        locked(&self.installed).clone()
    }

    pub(super) fn broken_uploads(&self) -> u64 {
        self.broken_uploads.load(Ordering::SeqCst)
    }

    pub(super) fn is_published(&self, build: Acknowledged) {
        locked(&self.builds).push(build);
    }

    pub(super) fn upload_broke(&self) {
        self.broken_uploads.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn is_revoked(&self, token: RevokedToken) {
        locked(&self.revoked_tokens).push(token);
    }

    pub(super) fn is_closed(&self, slug: String) {
        locked(&self.closed_channels).push(slug);
    }

    pub(super) fn is_installed(&self, sha256: String) {
        locked(&self.installed).push(sha256);
    }

    pub(super) fn install_broke(&self) {
        self.broken_installs.fetch_add(1, Ordering::SeqCst);
    }
}

impl fmt::Display for Told {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} uploads acknowledged and {} broken, {} installs done and {} broken, {} tokens revoked, {} channels closed",
            self.builds().len(),
            self.broken_uploads(),
            self.installed().len(),
            self.broken_installs.load(Ordering::SeqCst),
            self.revoked_tokens().len(),
            self.closed_channels().len(),
        )
    }
}

fn locked<T>(told: &Mutex<T>) -> MutexGuard<'_, T> {
    told.lock().expect("nobody panicked")
}
