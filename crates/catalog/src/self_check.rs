use async_trait::async_trait;
use doctor::{Finding, Severity, Verdict};

use crate::{StoreError, Timestamp};

/// What a server found when it walked its own road, from its public address to a package.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct SelfCheck {
    /// When it had walked it.
    pub at: Timestamp,
    /// By which address.
    pub public_url: String,
    /// Whether devices get past it.
    pub verdict: Verdict,
    /// The errors and the warnings, in the order of the road.
    pub findings: Vec<Finding>,
}

impl SelfCheck {
    /// What keeps devices from installing anything.
    pub fn errors(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.severity == Severity::Error)
    }
}

/// Reads what servers found on their own road.
#[async_trait]
pub trait SelfChecks: Send {
    /// What was found last, or `None` where no server has looked.
    async fn last(&mut self) -> Result<Option<SelfCheck>, StoreError>;
}

/// Keeps what servers found on their own road.
#[async_trait]
pub trait SelfChecksMut: SelfChecks {
    /// Keeps it in the place of what was kept before, whichever of several servers found that.
    async fn keep(&mut self, check: &SelfCheck) -> Result<(), StoreError>;
}
