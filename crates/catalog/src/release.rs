use std::fmt;

use async_trait::async_trait;

use crate::{Actor, BuildId, ChannelId, Page, PageSize, ParseError, ReleaseId, StoreError, Timestamp};

/// A build put on a channel at a moment.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Release {
    /// Its id.
    pub id: ReleaseId,
    /// Where it was put.
    pub channel: ChannelId,
    /// Its place on the channel.
    pub sequence: Sequence,
    /// What was put there.
    pub build: BuildId,
    /// What is new, as Markdown; may be empty, may be hostile.
    pub notes: String,
    /// When, by the clock of the server that did it: shown, never compared.
    pub released_at: Timestamp,
    /// Who did it.
    pub released_by: Actor,
    /// Since when the channel no longer shows it.
    pub withdrawn_at: Option<Timestamp>,
}

/// The place of a release on its channel: 1, 2, 3 and so on, given by the store.
///
/// The release with the greatest one that is not withdrawn is current, whatever the clocks say.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Sequence(i64);

impl Sequence {
    /// Checks a number and wraps it.
    ///
    /// # Errors
    ///
    /// [`ParseError::Range`] below 1.
    pub fn new(number: i64) -> Result<Self, ParseError> {
        if number < 1 {
            return Err(ParseError::Range { what: "release's place on its channel", seen: number });
        }
        Ok(Self(number))
    }

    /// The number, at least 1.
    #[must_use]
    pub fn number(self) -> i64 {
        self.0
    }
}

impl fmt::Display for Sequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A release that has no place yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewRelease {
    /// Its id.
    pub id: ReleaseId,
    /// Where to put it.
    pub channel: ChannelId,
    /// What to put there.
    pub build: BuildId,
    /// What is new, as Markdown; may be empty.
    pub notes: String,
    /// When.
    pub released_at: Timestamp,
    /// Who does it.
    pub released_by: Actor,
}

impl NewRelease {
    /// The release at this place.
    #[must_use]
    pub fn placed(&self, sequence: Sequence) -> Release {
        Release {
            id: self.id,
            channel: self.channel,
            sequence,
            build: self.build,
            notes: self.notes.clone(),
            released_at: self.released_at,
            released_by: self.released_by,
            withdrawn_at: None,
        }
    }
}

/// Reads releases.
#[async_trait]
pub trait Releases: Send {
    /// The release with this id, or `None` when there is none.
    async fn find(&mut self, id: ReleaseId) -> Result<Option<Release>, StoreError>;

    /// The release of a channel that is current, or `None` when all are withdrawn or none was made.
    async fn current(&mut self, channel: ChannelId) -> Result<Option<Release>, StoreError>;

    /// The releases of a channel, withdrawn ones included, greatest sequence first; empty for an unknown channel.
    async fn list(
        &mut self,
        channel: ChannelId,
        before: Option<Sequence>,
        size: PageSize,
    ) -> Result<Page<Release, Sequence>, StoreError>;

    /// The releases of a build on all channels, withdrawn ones included, newest id first; empty for an unknown build.
    async fn list_build(
        &mut self,
        build: BuildId,
        before: Option<ReleaseId>,
        size: PageSize,
    ) -> Result<Page<Release, ReleaseId>, StoreError>;
}

/// Keeps releases. They are withdrawn, never removed.
#[async_trait]
pub trait ReleasesMut: Releases {
    /// Puts a build on a channel, behind all that were put there before, and says where it stands. The same build may
    /// be put there again. Of two units that release on one channel at once the second waits for the first to end, and
    /// stands behind it. [`StoreError::Dangling`] when channel or build is unknown.
    async fn insert(&mut self, release: &NewRelease) -> Result<Release, StoreError>;

    /// Takes a release off its channel. A second call keeps the first moment; [`StoreError::Unknown`] when there is
    /// no such release.
    async fn withdraw(&mut self, id: ReleaseId, at: Timestamp) -> Result<(), StoreError>;
}
