use std::error::Error;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use catalog::StoreError;
use depot::DepotError;
use tokio::time::timeout;

use crate::Distribution;

/// How long catalog and depot may take to answer: whoever asks whether the server is ready does not wait for long.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// Why the server is not ready.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// The catalog.
    #[error("the catalog can't be used")]
    Store(#[from] StoreError),
    /// The depot.
    #[error("the storage can't be used")]
    Depot(#[from] DepotError),
    /// The catalog or the depot.
    #[error("the {who} did not answer within {} seconds", ANSWER_WITHIN.as_secs())]
    Silent {
        /// Which of them.
        who: &'static str,
    },
}

/// Whether the server was ready when it was last asked, so that the log tells only changes.
#[derive(Debug, Default)]
pub(crate) struct Readiness {
    is_lost: AtomicBool,
}

impl Distribution {
    /// What keeps the catalog from taking writes and the depot from taking bytes; nothing, when the server is ready.
    pub async fn check(&self) -> Vec<CheckError> {
        let catalog = async {
            let answer = timeout(ANSWER_WITHIN, self.catalog.check()).await;
            answer.map_or(Err(CheckError::Silent { who: "catalog" }), |answer| {
                answer.map_err(CheckError::Store)
            })
        };
        let depot = async {
            let answer = timeout(ANSWER_WITHIN, self.depot.check()).await;
            answer.map_or(Err(CheckError::Silent { who: "storage" }), |answer| {
                answer.map_err(CheckError::Depot)
            })
        };
        let (catalog, depot) = tokio::join!(catalog, depot);
        let troubles: Vec<_> = [catalog.err(), depot.err()].into_iter().flatten().collect();
        self.readiness.note(&troubles);
        troubles
    }
}

impl Readiness {
    fn note(&self, troubles: &[CheckError]) {
        let is_lost = !troubles.is_empty();
        if self.is_lost.swap(is_lost, Ordering::Relaxed) == is_lost {
            return;
        }
        for trouble in troubles {
            tracing::error!(error = trouble as &dyn Error, "the server is not ready");
        }
        if !is_lost {
            // As loud as what it ends.
            tracing::warn!("the server is ready again");
        }
    }
}
