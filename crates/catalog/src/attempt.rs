use std::collections::HashMap;

use async_trait::async_trait;
use doctor::Finding;

use crate::{
    AttemptId, Blocks, BuildId, ChannelId, Page, PageSize, Revocation, StoreError, TicketId, Timestamp,
};

/// One device's try to install a build.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Attempt {
    /// Its id.
    pub id: AttemptId,
    /// The ticket it came with.
    pub ticket: TicketId,
    /// The channel the ticket was made for.
    pub channel: ChannelId,
    /// The build the ticket was made for.
    pub build: BuildId,
    /// What asked.
    pub device: AttemptDevice,
    /// When its first request came.
    pub started_at: Timestamp,
    /// Until when the ticket serves it, whatever the ticket's own expiry.
    pub served_until: Timestamp,
    /// How far it got.
    pub progress: Progress,
    /// What keeps the build from being installed on this device, as far as could be told when the attempt began: errors
    /// alone. It was served all the same, since the device decides.
    pub findings: Vec<Finding>,
}

/// What an installer says of its device; text from outside, may be hostile.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct AttemptDevice {
    /// Such as `iPhone15,2`; empty when it did not say.
    pub model: String,
    /// Such as `18.0`; empty when it did not say.
    pub os_version: String,
    /// Such as `22A3354`; empty when it did not say.
    pub os_build: String,
}

/// What the server has seen and sent of an attempt.
///
/// Merged so that batches from several nodes, late or twice, come to the same.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Progress {
    /// The latest request or byte.
    pub last_seen_at: Timestamp,
    /// When the manifest was first asked for.
    pub manifest_at: Option<Timestamp>,
    /// When an icon was first asked for.
    pub icon_at: Option<Timestamp>,
    /// When the size of the package was first asked for (HEAD).
    pub size_asked_at: Option<Timestamp>,
    /// When the package itself was first asked for.
    pub package_first_at: Option<Timestamp>,
    /// When all of the package had first been sent.
    pub all_sent_at: Option<Timestamp>,
    /// What of the package has been sent.
    pub blocks: Blocks,
}

impl Progress {
    /// Nothing but a sign of life.
    #[must_use]
    pub fn seen(at: Timestamp) -> Self {
        Self {
            last_seen_at: at,
            manifest_at: None,
            icon_at: None,
            size_asked_at: None,
            package_first_at: None,
            all_sent_at: None,
            blocks: Blocks::default(),
        }
    }

    /// Adds what another one knows: the latest sign of life, the earliest of each other moment, all blocks.
    pub fn merge(&mut self, other: &Self) {
        let earlier = |one: Option<Timestamp>, other| one.into_iter().chain(other).min();
        self.last_seen_at = self.last_seen_at.max(other.last_seen_at);
        self.manifest_at = earlier(self.manifest_at, other.manifest_at);
        self.icon_at = earlier(self.icon_at, other.icon_at);
        self.size_asked_at = earlier(self.size_asked_at, other.size_asked_at);
        self.package_first_at = earlier(self.package_first_at, other.package_first_at);
        self.all_sent_at = earlier(self.all_sent_at, other.all_sent_at);
        self.blocks.merge(&other.blocks);
    }
}

/// What is known when a device begins to install.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AttemptStart {
    /// The attempt to add, unless another one goes on.
    pub attempt: Attempt,
    /// When its ticket was made.
    pub issued_at: Timestamp,
    /// One of the same ticket and device that was seen at or after this moment goes on.
    pub silent_since: Timestamp,
}

/// What to add to an attempt.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AttemptProgress {
    /// To which.
    pub attempt: AttemptId,
    /// What.
    pub progress: Progress,
}

impl AttemptProgress {
    /// What a batch adds to each attempt, in the order they are first named in.
    #[must_use]
    pub fn combined(batch: &[Self]) -> Vec<Self> {
        let mut combined: Vec<Self> = Vec::new();
        let mut places = HashMap::new();
        for item in batch {
            let place = *places.entry(item.attempt).or_insert(combined.len());
            match combined.get_mut(place) {
                Some(known) => known.progress.merge(&item.progress),
                None => combined.push(item.clone()),
            }
        }
        combined
    }
}

/// Reads attempts.
#[async_trait]
pub trait Attempts: Send {
    /// The attempt with this id, or `None` when there is none.
    async fn find(&mut self, id: AttemptId) -> Result<Option<Attempt>, StoreError>;

    /// The attempt that was last opened with this ticket by a device of this model and OS build, however long ago, or
    /// `None` when there is none.
    async fn latest(
        &mut self,
        ticket: TicketId,
        device: &AttemptDevice,
    ) -> Result<Option<Attempt>, StoreError>;

    /// The attempts with a ticket, newest id first; empty for a ticket that was never used.
    async fn list_ticket(
        &mut self,
        ticket: TicketId,
        before: Option<AttemptId>,
        size: PageSize,
    ) -> Result<Page<Attempt, AttemptId>, StoreError>;

    /// The attempts to install a build, newest id first; empty for an unknown build.
    async fn list_build(
        &mut self,
        build: BuildId,
        before: Option<AttemptId>,
        size: PageSize,
    ) -> Result<Page<Attempt, AttemptId>, StoreError>;

    /// The attempts on a channel, newest id first; empty for an unknown channel.
    async fn list_channel(
        &mut self,
        channel: ChannelId,
        before: Option<AttemptId>,
        size: PageSize,
    ) -> Result<Page<Attempt, AttemptId>, StoreError>;
}

/// Keeps attempts.
#[async_trait]
pub trait AttemptsMut: Attempts {
    /// The [`latest`](Attempts::latest) attempt of the same ticket and device where that one goes on; otherwise adds
    /// this one and gives it back, or refuses with the revocation that keeps its ticket from starting.
    ///
    /// However many ask at once, one is opened. An attempt and a revocation that meet come one after the other: no
    /// attempt is opened behind a revocation that was committed, and a unit that has revoked sees every attempt that
    /// was opened before.
    ///
    /// [`StoreError::Dangling`] when its channel or build is unknown.
    async fn open(&mut self, start: &AttemptStart) -> Result<Result<Attempt, Revocation>, StoreError>;

    /// Adds to many attempts at once, as [`Progress::merge`] does, and gives back how they stand now, each once, in
    /// the order they were first named in; attempts that are not there are passed over. The same batch again changes
    /// nothing.
    async fn merge(&mut self, batch: &[AttemptProgress]) -> Result<Vec<Attempt>, StoreError>;

    /// Removes up to `limit` attempts that were served until some moment before `before`, the oldest first, and says how
    /// many.
    async fn remove_before(&mut self, before: Timestamp, limit: PageSize) -> Result<u64, StoreError>;
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn progress() -> impl Strategy<Value = Progress> {
        let moment = || (0..50_i64).prop_map(|millis| Timestamp::from_millis(millis).unwrap());
        let moments = proptest::array::uniform5(proptest::option::of(moment()));
        let blocks = proptest::collection::vec(any::<u8>(), 0..4).prop_map(Blocks::from_bytes);
        (moment(), moments, blocks).prop_map(|(last_seen_at, moments, blocks)| Progress {
            last_seen_at,
            manifest_at: moments[0],
            icon_at: moments[1],
            size_asked_at: moments[2],
            package_first_at: moments[3],
            all_sent_at: moments[4],
            blocks,
        })
    }

    fn merged(one: &Progress, other: &Progress) -> Progress {
        let mut both = one.clone();
        both.merge(other);
        both
    }

    proptest! {
        #[test]
        fn batches_come_to_the_same_in_any_order_and_any_number_of_times(
            a in progress(), b in progress(), c in progress(),
        ) {
            prop_assert_eq!(merged(&a, &b), merged(&b, &a));
            prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
            prop_assert_eq!(merged(&merged(&a, &b), &b), merged(&a, &b));
        }
    }

    #[test]
    fn the_earliest_moment_and_the_latest_sign_of_life_are_kept() {
        let at = |millis| Timestamp::from_millis(millis).unwrap();
        let mut one = Progress { manifest_at: Some(at(5)), ..Progress::seen(at(5)) };
        one.merge(&Progress { manifest_at: Some(at(7)), icon_at: Some(at(7)), ..Progress::seen(at(7)) });
        let both = Progress { manifest_at: Some(at(5)), icon_at: Some(at(7)), ..Progress::seen(at(7)) };
        assert_eq!(one, both);
    }
}
