use async_trait::async_trait;
use catalog::row::{BEFORE_ALL, ChannelRow, Row, page};
use catalog::{
    AppId, Channel, ChannelCursor, ChannelId, Channels, ChannelsMut, Key, Name, Page, PageSize, Slug,
    StoreError,
};
use uuid::Uuid;

use crate::failure::{failed, refused};
use crate::session::Session;

macro_rules! select_channels {
    ($rest:literal, $($argument:expr),+) => {
        sqlx::query_as!(
            ChannelRow,
            r#"SELECT
                id AS "id: Uuid", app_id AS "app_id: Uuid", name, slug, access, visibility, keeps,
                open_in_house_at, created_at, closed_at
             FROM channels "# + $rest,
            $($argument),+
        )
    };
}

fn cursor(channel: &Channel) -> ChannelCursor {
    ChannelCursor { name_key: channel.name.key(), id: channel.id }
}

#[async_trait]
impl Channels for Session {
    async fn find(&mut self, id: ChannelId) -> Result<Option<Channel>, StoreError> {
        let row = select_channels!("WHERE id = ?", Uuid::from(id))
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding a channel"))?;
        row.map(Row::item).transpose()
    }

    async fn find_by_name(&mut self, app: AppId, name: &Name) -> Result<Option<Channel>, StoreError> {
        let row = select_channels!("WHERE app_id = ? AND name_key = ?", Uuid::from(app), name.key())
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding a channel"))?;
        row.map(Row::item).transpose()
    }

    async fn find_by_slug(&mut self, slug: &Slug) -> Result<Option<Channel>, StoreError> {
        let row = select_channels!("WHERE slug = ?", slug.as_str())
            .fetch_optional(self.connection())
            .await
            .map_err(failed("finding a channel"))?;
        row.map(Row::item).transpose()
    }

    async fn list(
        &mut self,
        app: AppId,
        after: Option<&ChannelCursor>,
        size: PageSize,
    ) -> Result<Page<Channel, ChannelCursor>, StoreError> {
        // Names are unique within an app, so the id never decides.
        let rows = select_channels!(
            "WHERE app_id = ? AND name_key > ? ORDER BY name_key LIMIT +?",
            Uuid::from(app),
            after.map_or("", |cursor| &cursor.name_key),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing channels"))?;
        page(rows, size, cursor)
    }

    async fn list_listed(
        &mut self,
        after: Option<&ChannelCursor>,
        size: PageSize,
    ) -> Result<Page<Channel, ChannelCursor>, StoreError> {
        let rows = select_channels!(
            "WHERE visibility = 'listed' AND closed_at IS NULL AND (name_key, id) > (?, ?)
             ORDER BY name_key, id LIMIT +?",
            after.map_or("", |cursor| &cursor.name_key),
            after.map_or(BEFORE_ALL, |cursor| cursor.id.into()),
            size.rows_and_one()
        )
        .fetch_all(self.connection())
        .await
        .map_err(failed("listing channels"))?;
        page(rows, size, cursor)
    }
}

#[async_trait]
impl ChannelsMut for Session {
    async fn insert(&mut self, channel: &Channel) -> Result<(), StoreError> {
        self.refuse_taken(channel).await?;
        let row = ChannelRow::from(channel);
        sqlx::query!(
            "INSERT INTO channels
                (id, app_id, name, name_key, slug, access, visibility, keeps, open_in_house_at, created_at, closed_at)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            row.id,
            row.app_id,
            row.name,
            channel.name.key(),
            row.slug,
            row.access,
            row.visibility,
            row.keeps,
            row.open_in_house_at,
            row.created_at,
            row.closed_at,
        )
        .execute(self.connection())
        .await
        .map_err(refused("channel"))?;
        Ok(())
    }

    async fn update(&mut self, channel: &Channel) -> Result<(), StoreError> {
        self.refuse_taken(channel).await?;
        let row = ChannelRow::from(channel);
        let changed = sqlx::query!(
            "UPDATE channels SET
                name = ?, name_key = ?, slug = ?, access = ?, visibility = ?, keeps = ?, open_in_house_at = ?,
                closed_at = ?
             WHERE id = ?",
            row.name,
            channel.name.key(),
            row.slug,
            row.access,
            row.visibility,
            row.keeps,
            row.open_in_house_at,
            row.closed_at,
            row.id,
        )
        .execute(self.connection())
        .await
        .map_err(failed("changing a channel"))?;
        if changed.rows_affected() == 0 { Err(StoreError::Unknown("channel")) } else { Ok(()) }
    }
}

impl Session {
    /// Asks before writing which key another channel has; nobody else writes until this unit ends.
    async fn refuse_taken(&mut self, channel: &Channel) -> Result<(), StoreError> {
        let other = |found: Option<Channel>| found.is_some_and(|found| found.id != channel.id);
        if other(self.find_by_name(channel.app, &channel.name).await?) {
            return Err(StoreError::Conflict(Key::ChannelName));
        }
        if other(self.find_by_slug(&channel.slug).await?) {
            return Err(StoreError::Conflict(Key::ChannelSlug));
        }
        Ok(())
    }
}
