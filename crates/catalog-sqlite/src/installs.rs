use async_trait::async_trait;
use catalog::{
    App, AppId, Apps, Build, BuildId, Builds, ChannelId, ChannelPage, Channels, InstallSubject, Installs,
    Page, PageSize, Release, ReleasedBuild, Releases, Sequence, Slug, StoreError, TicketId,
};

use crate::session::Session;

/// Several lookups by key each, in one transaction: in SQLite a lookup is a function call, not a round trip.
#[async_trait]
impl Installs for Session {
    async fn subject(
        &mut self,
        ticket: TicketId,
        channel: ChannelId,
        build: BuildId,
    ) -> Result<Option<InstallSubject>, StoreError> {
        let Some(channel) = Channels::find(self, channel).await? else { return Ok(None) };
        let Some(build) = Builds::find(self, build).await? else { return Ok(None) };
        if channel.app != build.app {
            return Ok(None);
        }
        let app = self.app_of(channel.app).await?;
        let release = self.latest_of(channel.id, build.id).await?;
        let revocations = self.of_ticket(ticket, channel.id, build.id).await?;
        Ok(Some(InstallSubject { app, channel, build, release, revocations }))
    }

    async fn page(&mut self, slug: &Slug) -> Result<Option<ChannelPage>, StoreError> {
        let Some(channel) = self.find_by_slug(slug).await? else { return Ok(None) };
        let app = self.app_of(channel.app).await?;
        let current = match self.current(channel.id).await? {
            Some(release) => Some(self.with_build(release).await?),
            None => None,
        };
        Ok(Some(ChannelPage { app, channel, current }))
    }

    async fn released(
        &mut self,
        channel: ChannelId,
        before: Option<Sequence>,
        size: PageSize,
    ) -> Result<Page<ReleasedBuild, Sequence>, StoreError> {
        let releases =
            Page::cut(self.live_releases(channel, before, size).await?, size, |last| last.sequence);
        let mut items = Vec::with_capacity(releases.items.len());
        for release in releases.items {
            items.push(self.with_build(release).await?);
        }
        Ok(Page { items, next: releases.next })
    }
}

impl Session {
    async fn app_of(&mut self, id: AppId) -> Result<App, StoreError> {
        Apps::find(self, id).await?.ok_or_else(|| missing("channel", "its app is missing"))
    }

    async fn with_build(&mut self, release: Release) -> Result<ReleasedBuild, StoreError> {
        let build: Option<Build> = Builds::find(self, release.build).await?;
        let build = build.ok_or_else(|| missing("release", "its build is missing"))?;
        Ok(ReleasedBuild { release, build })
    }
}

fn missing(what: &'static str, cause: &'static str) -> StoreError {
    StoreError::Corrupt(what, cause.into())
}
