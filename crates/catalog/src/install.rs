use async_trait::async_trait;

use crate::{
    App, Build, BuildId, Channel, ChannelId, Page, PageSize, Release, Sequence, Slug, StoreError, TicketId,
    TicketRevocations,
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
    /// How the build stands on the channel: [`Releases::latest_of`](crate::Releases::latest_of).
    pub release: Option<Release>,
    /// What of it has been revoked.
    pub revocations: TicketRevocations,
}

/// What a channel's page shows.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ChannelPage {
    /// The channel's app.
    pub app: App,
    /// The channel, closed or not.
    pub channel: Channel,
    /// What is current, or `None` when nothing is.
    pub current: Option<ReleasedBuild>,
}

/// A release and the build it put on its channel.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReleasedBuild {
    /// The release.
    pub release: Release,
    /// Its build.
    pub build: Build,
}

/// Reads across aggregates what pages and devices ask for, each answer in one call.
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

    /// What was released on a channel and not withdrawn, greatest sequence first; give the current one's as `before`
    /// for the older ones. A build that was released twice comes twice.
    async fn released(
        &mut self,
        channel: ChannelId,
        before: Option<Sequence>,
        size: PageSize,
    ) -> Result<Page<ReleasedBuild, Sequence>, StoreError>;
}
