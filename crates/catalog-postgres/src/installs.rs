mod released;
mod subject;

use async_trait::async_trait;
use catalog::row::{AppRow, ChannelRow, Malformed, Row, page};
use catalog::{
    App, BuildId, Channel, ChannelId, ChannelPage, InstallSubject, Installs, Page, PageSize, ReleasedBuild,
    Sequence, Slug, StoreError, TicketId,
};
use uuid::Uuid;

use crate::session::Session;
use released::{ReleasedRow, select_released};
use subject::{SubjectRow, select_subject};

/// One query each, and two for a page: here a query is a round trip.
#[async_trait]
impl Installs for Session {
    async fn subject(
        &mut self,
        ticket: TicketId,
        channel: ChannelId,
        build: BuildId,
    ) -> Result<Option<InstallSubject>, StoreError> {
        let row = select_subject!(Uuid::from(ticket), Uuid::from(channel), Uuid::from(build))
            .fetch_optional(self.connection())
            .await
            .map_err(self.failed("finding what a ticket stands for"))?;
        row.map(Row::item).transpose()
    }

    async fn page(&mut self, slug: &Slug) -> Result<Option<ChannelPage>, StoreError> {
        let found = sqlx::query_as!(
            PageRow,
            "SELECT
                channels.id AS channel_id, channels.name AS channel_name, slug, access, visibility, keeps,
                open_in_house_at, channels.created_at AS channel_created_at, closed_at, apps.id AS app_id, bundle_id,
                platform, apps.name AS app_name, apps.created_at AS app_created_at
             FROM channels JOIN apps ON apps.id = channels.app_id WHERE slug = $1",
            slug.as_str(),
        )
        .fetch_optional(self.connection())
        .await
        .map_err(self.failed("finding a page"))?;
        let Some(found) = found else { return Ok(None) };
        let (app, channel) = found.item()?;
        let current = select_released!(
            "WHERE channel_id = $1 AND withdrawn_at IS NULL ORDER BY sequence DESC LIMIT 1",
            Uuid::from(channel.id)
        )
        .fetch_optional(self.connection())
        .await
        .map_err(self.failed("finding the current release"))?;
        let current = current.map(Row::item).transpose()?;
        Ok(Some(ChannelPage { app, channel, current }))
    }

    async fn released(
        &mut self,
        channel: ChannelId,
        before: Option<Sequence>,
        size: PageSize,
    ) -> Result<Page<ReleasedBuild, Sequence>, StoreError> {
        let rows = select_released!(
            "WHERE channel_id = $1 AND sequence < $2 AND withdrawn_at IS NULL ORDER BY sequence DESC LIMIT $3",
            Uuid::from(channel),
            before.map_or(i64::MAX, Sequence::number),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(self.failed("listing releases"))?;
        page(rows, size, |released| released.release.sequence)
    }
}

/// A channel and its app, in one row.
struct PageRow {
    channel_id: Uuid,
    channel_name: String,
    slug: String,
    access: String,
    visibility: String,
    keeps: Option<i64>,
    open_in_house_at: Option<i64>,
    channel_created_at: i64,
    closed_at: Option<i64>,
    app_id: Uuid,
    bundle_id: String,
    platform: String,
    app_name: String,
    app_created_at: i64,
}

impl Row for PageRow {
    type Item = (App, Channel);
    const WHAT: &'static str = "channel";

    fn read(self) -> Result<(App, Channel), Malformed> {
        let app = AppRow {
            id: self.app_id,
            bundle_id: self.bundle_id,
            platform: self.platform,
            name: self.app_name,
            created_at: self.app_created_at,
        };
        let channel = ChannelRow {
            id: self.channel_id,
            app_id: self.app_id,
            name: self.channel_name,
            slug: self.slug,
            access: self.access,
            visibility: self.visibility,
            keeps: self.keeps,
            open_in_house_at: self.open_in_house_at,
            created_at: self.channel_created_at,
            closed_at: self.closed_at,
        };
        Ok((app.read()?, channel.read()?))
    }
}
