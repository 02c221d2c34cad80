use async_trait::async_trait;

use crate::{
    App, Build, BuildId, Channel, ChannelId, Page, PageSize, Release, ReleaseId, Sequence, Slug, StoreError,
    TicketId, TicketRevocations,
};

/// Everything that a request with a ticket needs to know, but the attempt it belongs to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InstallSubject {
    /// The app of the build.
    pub app: App,
    /// The channel the ticket was made for.
    pub channel: Channel,
    /// The build the ticket was made for; [`Package::blob`](crate::Package::blob) is where its bytes are.
    pub build: Build,
    /// How the build stands on the channel: its release with the greatest sequence, those not withdrawn before all
    /// others; `None` when it was never put there.
    pub release: Option<Release>,
    /// What of it has been revoked.
    pub revocations: TicketRevocations,
}

/// What stands at an address, beside the [`released`](Installs::released) builds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChannelPage {
    /// The channel's app.
    pub app: App,
    /// The channel, closed or not.
    pub channel: Channel,
}

/// A release and the build it put on its channel.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReleasedBuild {
    /// The release.
    pub release: Release,
    /// Its build.
    pub build: Build,
}

/// Reads across aggregates what pages and devices ask for, each answer in one statement.
#[async_trait]
pub trait Installs: Send {
    /// What a ticket for this build on this channel stands for; `None` when the channel or the build is unknown or
    /// they are of two apps.
    async fn subject(
        &mut self,
        ticket: TicketId,
        channel: ChannelId,
        build: BuildId,
    ) -> Result<Option<InstallSubject>, StoreError>;

    /// The page at this address, or `None` when there never was one.
    async fn page(&mut self, slug: &Slug) -> Result<Option<ChannelPage>, StoreError>;

    /// This build where it was last released on this channel and not withdrawn; `None` when it does not stand there.
    async fn released_build(
        &mut self,
        channel: ChannelId,
        build: BuildId,
    ) -> Result<Option<ReleasedBuild>, StoreError>;

    /// What was released on a channel and not withdrawn, greatest sequence first, so the first of all is current; give
    /// one's sequence as `before` for the older ones. A build that was released twice comes twice.
    async fn released(
        &mut self,
        channel: ChannelId,
        before: Option<Sequence>,
        size: PageSize,
    ) -> Result<Page<ReleasedBuild, Sequence>, StoreError>;

    /// What was released on any channel, closed ones and withdrawn releases included, newest id first.
    async fn newest(
        &mut self,
        before: Option<ReleaseId>,
        size: PageSize,
    ) -> Result<Page<ReleasedBuild, ReleaseId>, StoreError>;
}
